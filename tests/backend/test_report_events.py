import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import AgentEvent, TurnFinished, TurnStarted, TurnWords
from dispatchsim.models import AgentServer, Event, Turn
from dispatchsim.services.agent_servers import ready_roles
from dispatchsim.services.briefs import sign_report_token
from dispatchsim.services.transcript import transcript
from tests.backend.conftest import Call

pytestmark = pytest.mark.django_db(transaction=True)
SURROGATE = b"\xed\xa0\x80"  # half of a pair, which UTF-8 has no place for


def post(call: Call, body: object, *, token: str | None = None, role: Role = Role.DRIVER) -> tuple[int, Any]:
    token = sign_report_token(call.conversation.pk, role) if token is None else token
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    answer = Client().post(
        f"/api/v1/ingest/{call.conversation.pk}/events",
        data=text,
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )
    return answer.status_code, answer.json()


def batch(*events: Mapping[str, Any], role: str = "driver") -> dict[str, Any]:
    return {"role": role, "events": [{"at": time.time(), **event} for event in events]}


def beat(seq: int) -> dict[str, Any]:
    return {"seq": seq, "type": "heartbeat"}


def test_a_batch_is_acknowledged_by_its_last_number(launching_call: Call) -> None:
    assert post(launching_call, batch(beat(1), beat(2))) == (200, {"acknowledged": 2})


def test_events_behind_a_hole_are_not_taken(launching_call: Call) -> None:
    assert post(launching_call, batch(beat(1), beat(2), beat(4))) == (200, {"acknowledged": 2})


def test_a_batch_in_disorder_is_taken_in_order(launching_call: Call) -> None:
    assert post(launching_call, batch(beat(3), beat(1), beat(2))) == (200, {"acknowledged": 3})


def test_a_replayed_batch_changes_nothing(live_call: Call) -> None:
    turn_id = live_call.driver.start()
    live_call.driver.finish(turn_id, "Hello.")
    events = list(Event.objects.values("seq", "role", "agent_seq", "type"))
    spoken: list[AgentEvent] = [
        TurnStarted(seq=2, at=time.time(), turn_id=turn_id),
        TurnFinished(seq=3, at=time.time(), turn_id=turn_id, text="Something else."),
    ]

    acknowledged = live_call.driver.send(spoken)

    assert acknowledged == 3
    assert list(Event.objects.values("seq", "role", "agent_seq", "type")) == events
    assert [turn.text for turn in transcript(live_call.conversation)] == ["Hello."]


def test_the_log_numbers_both_agents_and_the_system_in_one_row(live_call: Call) -> None:
    live_call.driver.say("Hello.")
    live_call.dispatcher.say("Hi.")

    numbers = list(Event.objects.order_by("seq").values_list("seq", flat=True))

    assert numbers == list(range(1, len(numbers) + 1))
    assert live_call.refresh().last_event_seq == numbers[-1]


def test_words_survive_as_the_text_of_the_turn_and_fill_no_log(live_call: Call) -> None:
    turn_id = live_call.driver.start()
    live_call.driver.words(turn_id, "I can")
    live_call.driver.words(turn_id, "I can be there")

    assert Turn.objects.get().text == "I can be there"
    assert not Event.objects.filter(type="turn.words").exists()


def test_turns_start_on_the_calls_own_clock(live_call: Call) -> None:
    zero = live_call.conversation.floor_opened_at
    assert zero is not None

    turn_id = live_call.driver.start(at=zero.timestamp() + 3.5)
    live_call.driver.finish(turn_id, "Hello.", at=zero.timestamp() + 5.25)

    turn = transcript(live_call.conversation)[0]
    assert (turn.start_s, turn.end_s) == (3.5, 5.25)


def test_a_side_that_reports_late_is_put_where_it_spoke(live_call: Call) -> None:
    zero = live_call.conversation.floor_opened_at
    assert zero is not None
    for number in range(3):
        start = zero.timestamp() + 10 * number
        live_call.dispatcher.finish(live_call.dispatcher.start(at=start), f"d{number}", at=start + 3)

    for number in range(3):
        start = zero.timestamp() + 10 * number + 5
        live_call.driver.finish(live_call.driver.start(at=start), f"c{number}", at=start + 3)

    turns = transcript(live_call.conversation)
    assert [(turn.seq, turn.text) for turn in turns] == list(enumerate(["d0", "c0", "d1", "c1", "d2", "c2"], start=1))


def test_what_the_peer_heard_is_kept_beside_the_truth(live_call: Call) -> None:
    turn_id = live_call.driver.start()
    live_call.driver.finish(turn_id, "Forty-two thousand pounds.")
    live_call.dispatcher.heard("Forty thousand pounds.", started_at=time.time())

    turn = transcript(live_call.conversation)[0]
    assert (turn.text, turn.heard_as) == ("Forty-two thousand pounds.", "Forty thousand pounds.")


def test_what_was_heard_before_the_turn_was_reported_is_matched_all_the_same(live_call: Call) -> None:
    at = time.time()
    live_call.dispatcher.heard("Hello there.", started_at=at + 0.3)

    live_call.driver.start(at=at)

    assert transcript(live_call.conversation)[0].heard_as == "Hello there."


def test_a_turn_that_was_not_transcribed_says_so(live_call: Call) -> None:
    live_call.driver.say("Hello.")
    live_call.dispatcher.heard(None, started_at=time.time())

    assert transcript(live_call.conversation)[0].heard_as is None


def test_what_is_reported_after_the_end_is_kept_and_nothing_stays_open(live_call: Call) -> None:
    live_call.driver.hang_up()
    live_call.driver.leave()
    live_call.dispatcher.leave()

    live_call.dispatcher.start()

    assert [turn.is_final for turn in transcript(live_call.refresh())] == [True]
    assert live_call.conversation.status == "ended"


def test_a_nul_in_what_was_said_does_no_harm(live_call: Call) -> None:
    live_call.driver.say("Hel\x00lo.")

    assert transcript(live_call.conversation)[0].text == "Hello."


def test_a_batch_of_words_costs_few_queries(live_call: Call) -> None:
    turn_id = live_call.driver.start()
    events = [TurnWords(seq=3 + n, at=time.time(), turn_id=turn_id, text="so " * n) for n in range(50)]

    with CaptureQueriesContext(
        connection,
    ) as queries:
        live_call.driver.send(events)

    assert len([one for one in queries if one["sql"].split()[0] in ("SELECT", "INSERT", "UPDATE")]) <= 6


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
def test_a_forged_token_is_refused(launching_call: Call, token: str) -> None:
    status, body = post(launching_call, batch(beat(1)), token=token)

    assert (status, body["code"]) == (401, "not_authenticated")


def test_a_token_of_another_conversation_is_refused(launching_call: Call) -> None:
    assert post(launching_call, batch(beat(1)), token=sign_report_token(uuid4(), Role.DRIVER))[0] == 401


def test_a_token_of_the_other_role_is_refused(launching_call: Call) -> None:
    assert post(launching_call, batch(beat(1), role="dispatcher"), role=Role.DRIVER)[0] == 401


def test_an_expired_token_is_refused(launching_call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    token = sign_report_token(launching_call.conversation.pk, Role.DRIVER)
    in_three_hours = time.time() + 3 * 3600
    monkeypatch.setattr("django.core.signing.time.time", lambda: in_three_hours)

    assert post(launching_call, batch(beat(1)), token=token)[0] == 401


def test_a_conversation_that_does_not_exist_is_not_found(launching_call: Call) -> None:
    unknown = uuid4()
    answer = Client().post(
        f"/api/v1/ingest/{unknown}/events",
        data=batch(beat(1)),
        content_type="application/json",
        headers={"Authorization": f"Bearer {sign_report_token(unknown, Role.DRIVER)}"},
    )

    assert answer.status_code == 404


def test_a_body_over_one_mebibyte_is_refused_unread(launching_call: Call) -> None:
    assert post(launching_call, b" " * (1024 * 1024 + 1), token="forged")[0] == 413


@pytest.mark.parametrize(
    "event",
    [
        {"seq": 0, "type": "heartbeat"},
        {"seq": 1, "type": "unheard.of"},
        {"seq": 1, "type": "heartbeat", "extra": 1},
        {"seq": 1, "type": "heartbeat", "at": "noon"},
        {"seq": 2**40, "type": "heartbeat"},
        {"seq": 1, "type": "turn.words", "turn_id": "a", "text": "x" * 20_001},
        {"seq": 1, "type": "peer.transcribed", "text": "x", "started_at": float("nan")},
        {"seq": 1, "type": "turn.started", "turn_id": "a", "response_latency_s": float("inf")},
    ],
)
def test_a_batch_that_cannot_be_right_is_refused_by_field(launching_call: Call, event: dict[str, Any]) -> None:
    status, body = post(launching_call, batch(event))

    assert status == 422
    assert body["field"]


@pytest.mark.parametrize("words", [b"\xff", b"\xc3\x28", SURROGATE, b"\xf8\x88\x80\x80\x80"])
def test_a_body_that_is_not_utf_8_is_refused_and_changes_nothing(launching_call: Call, words: bytes) -> None:
    text = json.dumps(batch({"seq": 1, "type": "turn.words", "turn_id": "a", "text": "WORDS"}))
    events = Event.objects.count()

    status, body = post(launching_call, text.encode().replace(b"WORDS", words))

    named_by = "text" if words == SURROGATE else "body"  # JSON readers take what stands for one in UTF-8
    assert (status, body["field"].split(".")[-1], Event.objects.count()) == (422, named_by, events)


@pytest.mark.parametrize(
    ("whole", "altered"),
    [('"seq"', '"sec"'), ('"driver"', '"recorder"'), ('"heartbeat"', '"heartbreak"'), ("}", ""), ("[", "[[")],
)
def test_an_altered_body_is_refused_and_changes_nothing(launching_call: Call, whole: str, altered: str) -> None:
    events = Event.objects.count()

    status, body = post(launching_call, json.dumps(batch(beat(1))).replace(whole, altered, 1))

    assert (status, bool(body["field"]), Event.objects.count()) == (422, True, events)


def test_a_token_with_any_of_its_characters_altered_is_refused(launching_call: Call) -> None:
    token = sign_report_token(launching_call.conversation.pk, Role.DRIVER)
    altered = [f"{token[:at]}{'a' if token[at] != 'a' else 'b'}{token[at + 1 :]}" for at in range(0, len(token), 7)]

    answers = {post(launching_call, batch(beat(1)), token=one)[0] for one in altered}

    assert answers == {401}


def test_an_agent_server_that_reports_is_ready(db: None, settings: Settings) -> None:
    answer = Client().post(
        "/api/v1/ingest/agent-servers",
        data={"server_id": "one", "role": "driver", "pid": 7},
        content_type="application/json",
        headers={"Authorization": f"Bearer {settings.DISPATCHSIM_AGENTS_KEY}"},
    )

    assert answer.status_code == 204
    assert ready_roles() == {Role.DRIVER}


@pytest.mark.parametrize("key", ["", "wrong"])
def test_an_agent_server_without_the_key_is_refused(db: None, settings: Settings, key: str) -> None:
    settings.DISPATCHSIM_AGENTS_KEY = "" if not key else settings.DISPATCHSIM_AGENTS_KEY
    answer = Client().post(
        "/api/v1/ingest/agent-servers",
        data={"server_id": "one", "role": "driver"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )

    assert answer.status_code == 401
    assert not AgentServer.objects.exists()
