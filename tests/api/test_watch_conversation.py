"""Status, transcript, end and token of a call, and the list of calls."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role
from dispatchsim.gateways.livekit import Participant
from dispatchsim.models import Event, Scenario
from tests.api.calls import add_turn, make_call, post
from tests.api.fake_rooms import FakeRooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rooms")]
UNKNOWN = f"/api/v1/conversations/{uuid4()}"


def get(client: Client, path: str, **query: Any) -> Any:
    return client.get(f"/api/v1/{path}", query_params=query).json()


def test_hidden_participants_are_not_counted(script: Client, rooms: FakeRooms) -> None:
    call = make_call()
    rooms.participants[str(call.pk)] = [
        Participant(identity="Dispatcher", is_agent=True, is_hidden=False),
        Participant(identity="Driver", is_agent=True, is_hidden=False),
        Participant(identity="recorder", is_agent=True, is_hidden=True),
        Participant(identity="observer-vera", is_agent=False, is_hidden=True),
    ]

    status = get(script, f"conversations/{call.pk}/status")

    assert (status["participant_count"], status["observers"]) == (2, 1)


def test_a_silent_livekit_leaves_the_count_unknown(script: Client, rooms: FakeRooms) -> None:
    rooms.is_down = True

    assert get(script, f"conversations/{make_call().pk}/status")["participant_count"] is None


def test_nobody_is_left_in_an_ended_call(script: Client, rooms: FakeRooms) -> None:
    rooms.is_down = True

    status = get(script, f"conversations/{make_call(ConversationStatus.ENDED).pk}/status")

    assert status["participant_count"] == 0


def test_a_status_tells_of_both_agents(script: Client) -> None:
    agents = get(script, f"conversations/{make_call().pk}/status")["agents"]

    assert set(agents) == {"dispatcher", "driver"}
    assert {"joined", "state", "last_seen_at"} <= set(agents["driver"])


def test_an_ended_call_tells_its_reason(script: Client) -> None:
    call = make_call(ConversationStatus.ENDED, end_reason=EndReason.AGENT_HUNG_UP)

    status = get(script, f"conversations/{call.pk}/status")

    assert (status["status"], status["end_reason"]) == ("ended", "agent_hung_up")


def test_a_call_with_openai_tells_what_it_costs(script: Client) -> None:
    call = make_call(voice_provider="openai")
    payload = {"type": "usage", "seq": 1, "at": 1.0, "model": "gpt-realtime", "output_audio_tokens": 1000}
    Event.objects.create(conversation=call, seq=1, role="driver", type="usage", payload=payload, at=timezone.now())

    status = get(script, f"conversations/{call.pk}/status")

    assert (status["cost_usd"], status["cost"], status["is_unpriced"]) == (0.064, 0.064, False)


def test_an_unknown_price_is_told_as_such_and_not_as_nothing(script: Client) -> None:
    call = make_call(voice_provider="openai")
    payload = {"type": "usage", "seq": 1, "at": 1.0, "model": "gpt-of-tomorrow", "output_audio_tokens": 1000}
    Event.objects.create(conversation=call, seq=1, role="driver", type="usage", payload=payload, at=timezone.now())

    status = get(script, f"conversations/{call.pk}/status")

    assert (status["cost_usd"], status["is_unpriced"]) == (None, True)


def test_usage_of_a_rehearsed_call_adds_up_and_costs_nothing(script: Client) -> None:
    call = make_call()
    for seq in (1, 2):
        payload = {"type": "usage", "seq": seq, "at": 1.0, "input_audio_tokens": 100, "output_audio_tokens": 7}
        Event.objects.create(conversation=call, seq=seq, type="usage", payload=payload, at=timezone.now())

    status = get(script, f"conversations/{call.pk}/status")

    assert (status["usage"]["responses"], status["usage"]["input_audio_tokens"], status["cost"]) == (2, 200, None)


def test_a_transcript_has_the_turns_in_order(script: Client) -> None:
    call = make_call()
    add_turn(call, 2, Role.DRIVER, "Hi, Tim.")
    add_turn(call, 1, Role.DISPATCHER, "Hi, Chris.")

    body = get(script, f"conversations/{call.pk}/transcript")

    assert ([turn["text"] for turn in body["items"]], body["count"]) == (["Hi, Chris.", "Hi, Tim."], 2)


def test_a_transcript_can_begin_after_a_turn(script: Client) -> None:
    call = make_call()
    add_turn(call, 1, Role.DISPATCHER, "Hi, Chris.")
    add_turn(call, 2, Role.DRIVER, "Hi, Tim.")

    assert [turn["seq"] for turn in get(script, f"conversations/{call.pk}/transcript", after=1)["items"]] == [2]


def test_a_turn_has_the_shape_of_the_contract(script: Client) -> None:
    call = make_call()
    add_turn(call, 1, Role.DISPATCHER, "Hi, Chris.")

    turn = get(script, f"conversations/{call.pk}/transcript")["items"][0]

    assert turn == {
        "seq": 1, "speaker": "dispatcher", "text": "Hi, Chris.", "heard_as": None, "start_s": 2.0, "end_s": 3.5,
        "interrupted": False, "response_latency_s": None, "item_id": "", "is_final": True,
    }  # fmt: skip


@pytest.mark.parametrize("after", ["-1", "one"])
def test_a_bad_place_in_the_transcript_is_named(script: Client, after: str) -> None:
    answer = script.get(f"/api/v1/conversations/{make_call().pk}/transcript", query_params={"after": after})

    assert (answer.status_code, answer.json()["field"]) == (422, "after")


def test_a_person_can_end_a_call(script: Client) -> None:
    call = make_call()

    body = post(script, f"/api/v1/conversations/{call.pk}/end").json()

    assert body["end_reason"] == "person_ended"


def test_a_person_who_ends_a_call_does_not_wait_for_the_sentence(script: Client) -> None:
    call = make_call()

    post(script, f"/api/v1/conversations/{call.pk}/end")

    call.refresh_from_db()
    assert call.is_cut


def test_ending_an_ended_call_keeps_its_reason(script: Client) -> None:
    call = make_call(ConversationStatus.ENDED, end_reason=EndReason.TIME_CAP)

    answer = post(script, f"/api/v1/conversations/{call.pk}/end")

    assert (answer.status_code, answer.json()["end_reason"]) == (200, "time_cap")


def test_each_listener_gets_a_token_of_their_own(script: Client) -> None:
    path = f"/api/v1/conversations/{make_call().pk}/token"

    assert post(script, path).json()["token"] != post(script, path).json()["token"]


def test_there_is_no_token_for_an_ended_call(script: Client) -> None:
    call = make_call(ConversationStatus.ENDED, end_reason=EndReason.TIME_CAP)

    answer = post(script, f"/api/v1/conversations/{call.pk}/token")

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("path", ["status", "transcript"])
def test_an_unknown_call_is_not_found(script: Client, path: str) -> None:
    answer = script.get(f"{UNKNOWN}/{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["end", "token"])
def test_an_unknown_call_cannot_be_changed(script: Client, path: str) -> None:
    answer = post(script, f"{UNKNOWN}/{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", ["conversations/not-a-uuid/status", "nowhere"])
def test_an_address_that_does_not_exist_answers_in_the_same_shape(script: Client, path: str) -> None:
    answer = script.get(f"/api/v1/{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_wrong_method_answers_in_the_same_shape(script: Client) -> None:
    answer = script.delete("/api/v1/conversations")

    assert (answer.status_code, answer.json()["code"], answer.headers["Allow"]) == (405, "method_not_allowed", "GET")


def test_calls_are_listed_newest_first(script: Client) -> None:
    calls = [make_call(title=f"Call {number}") for number in range(3)]

    items = get(script, "conversations")["items"]

    assert [item["conversation_id"] for item in items] == [str(call.pk) for call in reversed(calls)]


def test_a_list_item_tells_what_a_person_looks_for(script: Client) -> None:
    scenario = Scenario.objects.create(slug="onions", title="Onions", load_sheet="weight: 1 ton")
    call = make_call(scenario=scenario, title="Onions")
    add_turn(call, 1, Role.DRIVER, "Hi.")

    item = get(script, "conversations")["items"][0]

    assert (item["scenario"], item["turns"], item["status"], item["end_reason"]) == ("onions", 1, "live", None)


def test_a_page_has_its_items_and_the_count_of_all(script: Client) -> None:
    for _ in range(3):
        make_call()

    body = get(script, "conversations", page=2, page_size=2)

    assert (len(body["items"]), body["count"]) == (1, 3)


def test_calls_can_be_filtered_by_status(script: Client) -> None:
    make_call(ConversationStatus.LIVE)
    make_call(ConversationStatus.FAILED)

    assert get(script, "conversations", status="failed")["count"] == 1


@pytest.mark.parametrize("words", ["DALLAS", "chicken"])
def test_calls_can_be_found_by_words_of_the_title(script: Client, words: str) -> None:
    make_call(title="Frozen chicken to Dallas")
    make_call(title="Late to pickup")

    assert get(script, "conversations", search=words)["count"] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [("status=gone", "status"), ("page=0", "page"), ("page_size=101", "page_size")],
)
def test_a_bad_filter_is_named(script: Client, query: str, field: str) -> None:
    answer = script.get(f"/api/v1/conversations?{query}")

    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.usefixtures("library")
def test_the_scenarios_are_listed_with_their_facts(script: Client) -> None:
    body = get(script, "scenarios")

    chicken = next(item for item in body["items"] if item["slug"] == "chicken-to-dallas")
    assert (body["count"], chicken["opener"]) == (len(body["items"]), "dispatcher")
    assert "commodity: frozen chicken" in chicken["load_sheet"]


@pytest.mark.usefixtures("library")
def test_the_personas_can_be_listed_by_role(script: Client) -> None:
    items = get(script, "personas", role="driver")["items"]

    assert {item["role"] for item in items} == {"driver"}


def test_an_unknown_role_is_named(script: Client) -> None:
    assert get(script, "personas", role="pilot")["field"] == "role"
