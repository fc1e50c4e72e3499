"""What was done with a tool, as people read it."""

import pytest
from pydantic import JsonValue

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.case import FreightCase
from dispatchsim.domain.freight.tools import tools_for
from dispatchsim.services.tool_words import describe_use, list_facts
from tests.freight.cases import LATE, build_case

DONE: dict[str, JsonValue] = {"ok": True}


def test_what_was_done_is_a_plain_sentence() -> None:
    assert describe_use("offer_rate", {"amount_usd": 1450}, DONE) == "Offered 1,450 dollars"


def test_what_was_refused_is_told_as_tried_with_the_reason() -> None:
    refused: dict[str, JsonValue] = {"ok": False, "reason": "The driver has not accepted a rate yet."}

    told = describe_use("book_load", {"rate_usd": 1450}, refused)

    assert told == "Tried to book the load at 1,450 dollars. Refused: The driver has not accepted a rate yet."


@pytest.mark.parametrize("arguments", [{}, {"amount": 5}])
def test_a_use_without_its_arguments_is_spelled_out(arguments: dict[str, JsonValue]) -> None:
    refused: dict[str, JsonValue] = {"ok": False, "reason": "No."}

    assert describe_use("offer_rate", arguments, refused).startswith("Offer rate")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("case", [build_case(), build_case(LATE)], ids=["booking", "report"])
def test_every_tool_has_words_of_its_own(role: Role, case: FreightCase) -> None:
    given: dict[str, JsonValue] = dict.fromkeys(
        ("amount_usd", "rate_usd", "stop", "window", "hours", "kind", "reason", "status"), "x"
    )
    for tool in tools_for(case, role):
        said = describe_use(tool.name, given, DONE)

        assert not said.startswith(tool.name.replace("_", " ").capitalize()), said


def test_braces_in_an_argument_are_words() -> None:
    assert describe_use("decline_load", {"reason": "{rate_usd}"}, DONE) == "Declined the load because “{rate_usd}”"


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("equipment: I pull a flatbed", "Declined the load (equipment): “I pull a flatbed”"),
        ("rate", "Declined the load (rate)"),
        ("too far for me", "Declined the load because “too far for me”"),
    ],
)
def test_why_a_load_was_declined_is_a_word_and_what_was_said(reason: str, told: str) -> None:
    assert describe_use("decline_load", {"reason": reason}, DONE) == told


def test_a_report_is_quoted_not_strung_together_with_colons() -> None:
    told = describe_use("report_status", {"status": "paid a lumper", "detail": "amount: 215 dollars"}, DONE)

    assert told == "Put “paid a lumper” on record"


def test_facts_have_units_and_plain_names() -> None:
    told = list_facts({"ok": True, "amount_usd": 180, "hours": 3, "hazmat": False, "stops": ["a", "b"]})

    assert [(fact.key, fact.value) for fact in told] == [
        ("amount", "180 dollars"),
        ("hours", "3 hours"),
        ("hazmat", "no"),
        ("stops", "a; b"),
    ]
