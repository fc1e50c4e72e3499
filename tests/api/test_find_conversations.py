"""A script finds calls again, and bounds the ones it launches."""

from typing import Any

import pytest
from django.test import Client

from dispatchsim.domain.conversation import ConversationStatus, Role
from dispatchsim.models import Conversation, Event
from dispatchsim.services.history import label_conversation
from tests.api.calls import CREATE, add_turn, make_call, post
from tests.api.fake_rooms import FakeRooms

pytestmark = pytest.mark.django_db
LIST = "/api/v1/conversations"
JUDGED: dict[str, Any] = {"expected": "booked", "outcomes": [], "agents": {}, "checks": []}


def titles(script: Client, **query: str) -> set[str]:
    answer: Any = script.get(LIST, query)
    return {item["title"] for item in answer.json()["items"]}


def test_a_search_looks_into_the_transcript(script: Client) -> None:
    add_turn(make_call(title="One"), 1, Role.DRIVER, "There was black ice near Elko.")
    make_call(title="Other")

    assert titles(script, search="elko") == {"One"}


def test_calls_are_found_by_label(script: Client) -> None:
    label_conversation(conversation=make_call(title="One"), labels=["good example"])
    make_call(title="Other")

    assert titles(script, label="good example") == {"One"}


def test_a_call_tells_its_labels(script: Client) -> None:
    label_conversation(conversation=make_call(), labels=["late", "good"])

    assert script.get(LIST).json()["items"][0]["labels"] == ["good", "late"]


def test_calls_are_found_by_verdict(script: Client) -> None:
    make_call(ConversationStatus.ENDED, title="One", verdict={"joint": "fail", **JUDGED})
    make_call(ConversationStatus.ENDED, title="Other", verdict={"joint": "pass", **JUDGED})

    assert titles(script, verdict="fail") == {"One"}


def test_calls_in_which_a_guard_acted_are_counted(script: Client) -> None:
    call = make_call(title="One")
    make_call(title="Other")
    payload = {"outcome": "recovered"}
    Event.objects.create(conversation=call, seq=1, type="guard.dead_air", payload=payload, at=call.created_at)

    assert script.get(LIST, {"guard": "dead_air"}).json()["count"] == 1


def test_a_verdict_that_is_none_is_refused_with_its_name(script: Client) -> None:
    answer = script.get(LIST, {"verdict": "splendid"})

    assert (answer.status_code, answer.json()["field"]) == (422, "verdict")


def test_calls_are_found_by_voice_model(script: Client) -> None:
    make_call(ConversationStatus.ENDED, title="One", voice_provider="openai")
    make_call(title="Other")

    assert titles(script, voice_provider="openai") == {"One"}


def test_a_day_that_is_none_is_refused_with_its_name(script: Client) -> None:
    answer = script.get(LIST, {"since": "yesterday"})

    assert (answer.status_code, answer.json()["field"]) == (422, "since")


def test_a_call_can_be_bounded_shorter_than_its_scenario(
    script: Client, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    post(script, CREATE, {"scenario": "chicken-to-dallas", "max_duration_s": 45})

    assert Conversation.objects.get().max_duration_s == 45


@pytest.mark.parametrize("length", [14, 3601, "soon"])
def test_a_length_out_of_bounds_is_refused_with_its_name(script: Client, library: None, length: object) -> None:
    answer = post(script, CREATE, {"scenario": "chicken-to-dallas", "max_duration_s": length})

    assert (answer.status_code, answer.json()["field"]) == (422, "max_duration_s")
