"""A person reads both prompts of a call before launching it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from dispatchsim.models import Conversation
from tests.api.fake_rooms import FakeRooms
from tests.pages.calls import Markup
from tests.pages.on_the_spot import ONIONS, launch
from tests.pages.test_launch import choice
from tests.people import signed_in


def read_prompts(person: User, **fields: str) -> Any:
    return signed_in(person).post(reverse("read_prompts"), choice(**fields))


def read_prompts_by_htmx(person: User, **fields: str) -> Any:
    return signed_in(person).post(reverse("read_prompts"), choice(**fields), headers={"HX-Request": "true"})


def test_both_prompts_can_be_read_before_launching(operator: User, library: None) -> None:
    page = read_prompts(operator).content.decode()

    assert ("You are Tim, a freight dispatcher" in page, "You are Chris, a truck driver" in page) == (True, True)


def test_reading_the_prompts_launches_nothing(operator: User, library: None) -> None:
    read_prompts(operator)

    assert not Conversation.objects.exists()


def test_the_prompts_follow_what_was_typed(operator: User, library: None) -> None:
    page = Markup(read_prompts(operator, **ONIONS, driver_instructions="You are in a hurry."))

    prompts = page.words("pre")  # the form has what was typed in any case
    assert [words in prompts for words in ("commodity: yellow onions", "You are in a hurry.", "decline: too far")] == [
        True,
        True,
        True,
    ]


def test_the_prompt_that_was_read_is_the_one_that_is_sent(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    page = read_prompts_by_htmx(operator, driver_instructions="Never in a hurry").content.decode()
    launch(operator, driver_instructions="Never in a hurry")

    sent = Conversation.objects.get().driver_copy["instructions"]
    assert all(line in page for line in sent.splitlines() if line.isascii() and '"' not in line and "'" not in line)


def test_htmx_gets_the_prompts_alone(operator: User, library: None) -> None:
    page = read_prompts_by_htmx(operator).content.decode()

    assert page.lstrip().startswith("<section")


def test_without_htmx_the_prompts_come_with_the_form_as_it_was_filled_in(operator: User, library: None) -> None:
    answer = read_prompts(operator, scenario="late-to-pickup")

    assert "checked" in Markup(answer).attributes("input", value="late-to-pickup")[0]


def test_prompts_that_cannot_be_made_say_why(operator: User, library: None) -> None:
    page = read_prompts_by_htmx(operator, **ONIONS | {"own_load_sheet": "no colon"}).content.decode()

    assert "Line 1 is not" in page


def test_markup_in_a_prompt_is_shown_and_not_run(operator: User, library: None) -> None:
    page = Markup(read_prompts(operator, driver_instructions="<script>alert(1)</script>"))

    assert page.words("script") == ""
    assert "<script>alert(1)</script>" in page.words("pre")


@pytest.mark.parametrize("person", ["viewer", "stranger"])
def test_only_operators_read_prompts_of_calls_to_come(request: pytest.FixtureRequest, person: str) -> None:
    assert read_prompts(request.getfixturevalue(person)).status_code == 403
