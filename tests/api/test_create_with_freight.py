"""A call with something at stake, given with the request."""

from typing import Any

import pytest
from django.test import Client

from dispatchsim.models import Conversation
from tests.api.calls import CREATE, post
from tests.freight.cases import BOOKING

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rooms", "library", "voice_model")]


def ask(script: Client, **changes: Any) -> Any:
    scenario = {"load_sheet": "weight: 42,000 pounds", "freight": BOOKING, **changes}
    return post(script, CREATE, {"scenario": scenario})


def test_both_prompts_are_made_from_it(script: Client) -> None:
    call = Conversation.objects.get(pk=ask(script).json()["conversation_id"])

    assert "highest rate: 1,650 dollars" in call.dispatcher_copy["instructions"]
    assert "lowest rate: 1,550 dollars" in call.driver_copy["instructions"]


def test_a_wrong_key_is_named(script: Client) -> None:
    answer = ask(script, freight={**BOOKING, "money": {"rate": "lots"}})

    assert answer.status_code == 422
    assert answer.json()["field"] == "scenario.freight.money.rate"


@pytest.mark.parametrize(
    ("part", "values", "field"),
    [
        ("load", {"commodity": "chic\x00ken"}, "load.commodity"),
        ("truth", {"required_facts": ["weight", "ra\x00te"]}, "truth.required_facts"),
    ],
)
def test_a_text_that_no_database_keeps_is_named(script: Client, part: str, values: dict[str, Any], field: str) -> None:
    case: dict[str, Any] = dict(BOOKING)
    answer = ask(script, freight={**case, part: {**case[part], **values}})

    assert (answer.status_code, answer.json()["field"]) == (422, f"scenario.freight.{field}")


def test_a_load_sheet_about_another_load_is_refused(script: Client) -> None:
    answer = ask(script, load_sheet="weight: 1,000 pounds")

    assert (answer.status_code, answer.json()["field"]) == (422, "scenario.freight")


def test_what_contradicts_itself_is_launched_with_a_warning(script: Client) -> None:
    case: dict[str, Any] = dict(BOOKING)

    (told,) = ask(script, freight={**case, "driver": {**case["driver"], "equipment": "flatbed"}}).json()["warnings"]

    assert told.startswith("scenario.freight: It should end as booked, and cannot. The load needs a reefer")


def test_what_can_be_played_as_it_says_has_no_warnings(script: Client) -> None:
    assert ask(script).json()["warnings"] == []
