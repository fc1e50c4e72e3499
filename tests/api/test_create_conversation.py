"""Launching a call by the API."""

from typing import Any
from uuid import UUID

import jwt
import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from dispatchsim.domain.conversation import ConversationStatus, EndReason
from dispatchsim.models import Conversation, Persona, Scenario
from dispatchsim.services.lifecycle import end_conversation, finish_conversation
from tests.api.calls import CREATE, INLINE, post
from tests.api.fake_rooms import FakeRooms
from tests.people import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rooms", "voice_model", "library")]
CHICKEN = {"scenario": "chicken-to-dallas"}


def launched(answer: Any) -> Conversation:
    return Conversation.objects.get(pk=answer.json()["conversation_id"])


def test_a_call_of_the_library_is_launched(script: Client) -> None:
    answer = post(script, CREATE, CHICKEN)

    assert (answer.status_code, answer.json()["status"]) == (201, "launching")


def test_the_conversation_and_its_room_have_one_id(script: Client, rooms: FakeRooms) -> None:
    body = post(script, CREATE, CHICKEN).json()

    assert body["conversation_id"] == body["room_id"] == next(iter(rooms.metadata))


def test_the_token_lets_a_hidden_listener_into_that_room(script: Client, settings: Settings) -> None:
    body = post(script, CREATE, CHICKEN).json()

    grants = jwt.decode(body["token"], settings.LIVEKIT_API_SECRET, algorithms=["HS256"])["video"]
    assert grants == {
        "roomJoin": True, "room": body["room_id"], "canSubscribe": True, "canPublish": False,
        "canPublishData": False, "hidden": True,
    }  # fmt: skip


def test_the_address_of_livekit_is_told(script: Client, settings: Settings) -> None:
    assert post(script, CREATE, CHICKEN).json()["livekit_url"] == settings.LIVEKIT_URL


def test_a_scenario_can_come_with_the_call(script: Client) -> None:
    call = launched(post(script, CREATE, {"scenario": INLINE}))

    assert (call.title, call.scenario) == ("Onions to Reno", None)


def test_one_call_can_have_another_line(script: Client) -> None:
    call = launched(post(script, CREATE, {**CHICKEN, "line": "breaking_up"}))

    assert call.scenario_copy["line"] == "breaking_up"


def test_a_line_that_does_not_exist_is_refused_by_name(script: Client) -> None:
    answer = post(script, CREATE, {**CHICKEN, "line": "carrier_pigeon"})

    assert (answer.status_code, answer.json()["field"]) == (422, "line")


UNKNOWN_VOICE = {**CHICKEN, "overrides": {"driver": {"voice": "nova"}}}


def test_a_voice_that_the_rehearsal_model_does_not_have_is_refused_by_its_field(script: Client) -> None:
    answer = post(script, CREATE, UNKNOWN_VOICE)

    body = answer.json()
    assert (answer.status_code, body["code"], body["field"]) == (422, "invalid_input", "overrides.driver.voice")
    assert "“nova” is none of the voices known here: alloy, " in body["message"]
    assert not Conversation.objects.exists()


def test_a_voice_of_openai_that_is_not_known_is_warned_of_by_its_field(script: Client, settings: Settings) -> None:
    settings.OPENAI_API_KEY = "sk-test-" + "k" * 40

    (told,) = post(script, CREATE, UNKNOWN_VOICE).json()["warnings"]

    assert told.startswith("overrides.driver.voice: “nova” is none of the voices known here: alloy, ")
    assert "takes any name" not in told


def test_a_voice_of_openai_that_is_not_known_is_used_all_the_same(script: Client, settings: Settings) -> None:
    settings.OPENAI_API_KEY = "sk-test-" + "k" * 40

    assert launched(post(script, CREATE, UNKNOWN_VOICE)).driver_copy["voice"]["voice"] == "nova"


def test_a_call_without_doubts_has_no_warnings(script: Client) -> None:
    assert post(script, CREATE, {**CHICKEN, "overrides": {"driver": {"voice": "marin"}}}).json()["warnings"] == []


def test_one_call_can_change_its_agents(script: Client) -> None:
    overrides = {"dispatcher": {"persona": "dana", "voice": "sage"}, "driver": {"instructions": "You whisper."}}

    call = launched(post(script, CREATE, {**CHICKEN, "overrides": overrides}))

    assert (call.dispatcher_copy["name"], call.dispatcher_copy["voice"]["voice"]) == ("Dana", "sage")


def test_instructions_replace_the_character_in_the_prompt(script: Client) -> None:
    overrides = {"driver": {"instructions": "You whisper every word."}}

    call = launched(post(script, CREATE, {**CHICKEN, "overrides": overrides}))

    assert "You whisper every word." in call.driver_copy["instructions"]


def test_with_a_key_a_call_with_the_rehearsal_model_can_still_be_asked_for(script: Client, settings: Settings) -> None:
    settings.OPENAI_API_KEY = "sk-test-" + "k" * 40

    call = launched(post(script, CREATE, {**CHICKEN, "voice_provider": "rehearsal"}))

    voices = {copy["voice"]["provider"] for copy in (call.dispatcher_copy, call.driver_copy)}
    assert ({call.voice_provider} | voices) == {"rehearsal"}


def test_the_person_who_launched_is_kept(operator: User) -> None:
    assert launched(post(signed_in(operator), CREATE, CHICKEN)).launched_by == operator


def test_a_key_launches_once(script: Client) -> None:
    answers = [post(script, CREATE, CHICKEN, **{"Idempotency-Key": "order-7"}) for _ in range(2)]

    assert len({answer.json()["conversation_id"] for answer in answers}) == Conversation.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"scenario": "late-to-pickup"},
        {"scenario": INLINE},
        {"overrides": {"driver": {"voice": "cedar"}}},
        {"overrides": {"dispatcher": {"instructions": "You are in a hurry."}}},
        {"line": "noisy"},
        {"max_duration_s": 60},
        {"voice_provider": "rehearsal"},
    ],
)
def test_a_key_that_comes_with_another_request_is_refused(script: Client, change: dict[str, Any]) -> None:
    headers = {"Idempotency-Key": "order-7"}
    post(script, CREATE, CHICKEN, **headers)

    answer = post(script, CREATE, CHICKEN | change, **headers)

    body = answer.json()
    assert (answer.status_code, body["code"], body["field"]) == (422, "idempotency_key_reused", "Idempotency-Key")
    assert Conversation.objects.count() == 1


def test_a_key_outlives_a_change_of_the_scenario_that_it_launched(script: Client) -> None:
    headers = {"Idempotency-Key": "order-7"}
    first = post(script, CREATE, CHICKEN, **headers).json()
    Scenario.objects.update(load_sheet="commodity: feathers")

    again = post(script, CREATE, CHICKEN, **headers).json()

    assert again["conversation_id"] == first["conversation_id"]


def test_a_request_without_its_defaults_is_the_same_request(script: Client) -> None:
    headers = {"Idempotency-Key": "order-7"}
    whole = {"overrides": {"dispatcher": {"persona": "tim"}, "driver": {}}, "line": None}

    ids = {post(script, CREATE, CHICKEN | more, **headers).json()["conversation_id"] for more in (whole, {})}

    assert len(ids) == 1


def test_two_keys_launch_twice(script: Client) -> None:
    for key in ("order-7", "order-8"):
        post(script, CREATE, CHICKEN, **{"Idempotency-Key": key})

    assert Conversation.objects.count() == 2


def test_a_key_of_a_finished_call_gives_that_call_without_a_token(script: Client) -> None:
    headers = {"Idempotency-Key": "order-7"}
    call_id = UUID(post(script, CREATE, CHICKEN, **headers).json()["conversation_id"])
    end_conversation(conversation_id=call_id, reason=EndReason.PERSON_ENDED)
    finish_conversation(conversation_id=call_id)

    body = post(script, CREATE, CHICKEN, **headers).json()

    assert (body["conversation_id"], body["token"], body["status"]) == (str(call_id), None, "ended")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "scenario"),
        ({"scenario": 7}, "scenario"),
        ({"scenario": None}, "scenario"),
        ({"scenario": ""}, "scenario"),
        ({"scenario": "no-such"}, "scenario"),
        ({"scenario": {"title": "No facts"}}, "scenario.load_sheet"),
        ({"scenario": {**INLINE, "load_sheet": "no pair here"}}, "scenario.load_sheet"),
        ({"scenario": {**INLINE, "max_turns": 1}}, "scenario.max_turns"),
        ({"scenario": {**INLINE, "opener": "nobody"}}, "scenario.opener"),
        ({"scenario": {**INLINE, "colour": "red"}}, "scenario.colour"),
        ({"scenario": {**INLINE, "driver_decision": "perhaps"}}, "scenario.driver_decision"),
        ({"scenario": {**INLINE, "driver_decision": "decline: "}}, "scenario.driver_decision"),
        ({"scenario": {**INLINE, "title": "   "}}, "scenario.title"),
        ({"scenario": {**INLINE, "load_sheet": "weight: 1\x00 ton"}}, "scenario.load_sheet"),
        ({"scenario": {**INLINE, "driver_briefing": "\x00"}}, "scenario.driver_briefing"),
        ({"scenario": "chicken\x00"}, "scenario"),
        ({**CHICKEN, "overrides": {"driver": {"persona": "no-such"}}}, "overrides.driver.persona"),
        ({**CHICKEN, "overrides": {"driver": {"persona": "tim"}}}, "overrides.driver.persona"),
        ({**CHICKEN, "overrides": {"driver": {"voice": ""}}}, "overrides.driver.voice"),
        ({**CHICKEN, "overrides": {"driver": {"voice": "a b"}}}, "overrides.driver.voice"),
        ({**CHICKEN, "overrides": {"dispatcher": {"model": "a b"}}}, "overrides.dispatcher.model"),
        ({**CHICKEN, "overrides": {"dispatcher": {"instructions": "x" * 4001}}}, "overrides.dispatcher.instructions"),
        ({**CHICKEN, "overrides": {"driver": {"persona": "chris\x00"}}}, "overrides.driver.persona"),
        ({**CHICKEN, "overrides": {"driver": {"instructions": "Be\x00 brief."}}}, "overrides.driver.instructions"),
        ({**CHICKEN, "overrides": {"recorder": {}}}, "overrides.recorder"),
        ({**CHICKEN, "overrides": []}, "overrides"),
        ({**CHICKEN, "voice_provider": "parrot"}, "voice_provider"),
        ({**CHICKEN, "scenarios": 1}, "scenarios"),
        ([], "body"),
    ],
)
def test_bad_input_names_its_field(script: Client, body: object, field: str) -> None:
    answer = post(script, CREATE, body)

    found = answer.json()
    assert (answer.status_code, found["code"], found["field"]) == (422, "invalid_input", field)
    assert field in [error["field"] for error in found["errors"]]


@pytest.mark.parametrize("decision", ["accept", "Accept", "decline: it pays too little"])
def test_a_decision_that_a_driver_can_follow_is_taken(script: Client, decision: str) -> None:
    call = launched(post(script, CREATE, {"scenario": {**INLINE, "driver_decision": decision}}))

    assert call.scenario_copy["driver_decision"] == decision


def test_a_scenario_of_the_library_that_cannot_be_played_is_named_as_it_was_asked_for(script: Client) -> None:
    Scenario.objects.filter(slug="chicken-to-dallas").update(load_sheet="no pair here")

    answer = post(script, CREATE, CHICKEN)

    assert (answer.status_code, answer.json()["field"]) == (422, "scenario")


def test_every_bad_field_is_named(script: Client) -> None:
    body = {"scenario": {"title": "", "load_sheet": ""}, "voice_provider": "parrot"}

    errors = post(script, CREATE, body).json()["errors"]

    assert {error["field"] for error in errors} == {"scenario.title", "scenario.load_sheet", "voice_provider"}


def test_bad_input_launches_nothing(script: Client, rooms: FakeRooms) -> None:
    post(script, CREATE, {**CHICKEN, "voice_provider": "parrot"})

    assert (Conversation.objects.count(), rooms.metadata) == (0, {})


def test_an_empty_key_is_refused_by_name(script: Client) -> None:
    answer = post(script, CREATE, CHICKEN, **{"Idempotency-Key": ""})

    assert (answer.status_code, answer.json()["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize("text", [b"{", b"", b"nonsense", b"\xff", b'{"scenario": "\xc3\x28"}'])
def test_what_is_not_json_is_told(script: Client, text: bytes) -> None:
    answer = script.post(CREATE, data=text, content_type="application/json")

    assert (answer.status_code, answer.json()["field"], "JSON" in answer.json()["hint"]) == (422, "body", True)


def test_a_missing_livekit_is_told_by_its_part(script: Client, rooms: FakeRooms) -> None:
    rooms.is_down = True

    answer = post(script, CREATE, CHICKEN)

    assert (answer.status_code, answer.json()["part"]) == (503, "livekit")


def test_a_missing_voice_model_is_told_by_its_part(script: Client, settings: Settings) -> None:
    settings.REHEARSAL_URL = "http://127.0.0.1:9/v1"

    answer = post(script, CREATE, CHICKEN)

    assert (answer.status_code, answer.json()["part"]) == (503, "voice_model")


def test_a_missing_database_is_told_by_its_part(script: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("unable to open database file")

    monkeypatch.setattr(Scenario.objects, "filter", fail)

    answer = post(script, CREATE, CHICKEN)

    assert (answer.status_code, answer.json()["part"]) == (503, "database")


def test_a_library_without_drivers_is_told(script: Client) -> None:
    Persona.objects.filter(role="driver").delete()

    answer = post(script, CREATE, CHICKEN)

    assert (answer.status_code, answer.json()["field"]) == (422, "overrides.driver.persona")


def test_more_calls_than_may_wait_are_refused(script: Client, settings: Settings) -> None:
    settings.MAX_CALLS = 1

    codes = [post(script, CREATE, CHICKEN).status_code for _ in range(6)]

    assert codes == [201, 201, 201, 201, 201, 429]


def test_calls_above_the_cap_wait(script: Client, settings: Settings) -> None:
    settings.MAX_CALLS = 1
    post(script, CREATE, CHICKEN)

    assert post(script, CREATE, CHICKEN).json()["status"] == ConversationStatus.QUEUED
