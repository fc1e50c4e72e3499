import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from dispatchsim.domain.conversation import EndReason
from dispatchsim.domain.events import AgentEvent, ErrorReported, HangUpRequested, TurnStarted
from dispatchsim.gateways.livekit import use_rooms
from dispatchsim.models import Conversation, Event
from dispatchsim.services.lifecycle import end_conversation
from dispatchsim.services.stopping import end_all, finish_all
from dispatchsim.services.supervision import reconcile_once
from tests.backend.conftest import Call, Launch
from tests.backend.fakes import FakeRooms

pytestmark = pytest.mark.django_db(transaction=True)


def test_hanging_up_lets_the_other_side_finish_its_sentence(live_call: Call, rooms: FakeRooms) -> None:
    live_call.driver.hang_up()

    control = rooms.open[str(live_call.conversation.pk)].control
    assert (live_call.refresh().status, control.ending, control.cut) == ("ending", EndReason.AGENT_HUNG_UP, False)


def test_the_call_is_over_as_soon_as_both_agents_have_left(live_call: Call, rooms: FakeRooms) -> None:
    live_call.driver.hang_up()

    live_call.driver.leave()
    live_call.dispatcher.leave()

    assert (live_call.refresh().status, live_call.conversation.end_reason) == ("ended", "agent_hung_up")
    assert rooms.deleted == [str(live_call.conversation.pk)]


def test_an_agent_that_does_not_leave_is_put_out_after_the_farewell(live_call: Call, rooms: FakeRooms) -> None:
    live_call.driver.hang_up()

    reconcile_once(timezone.now() + timedelta(seconds=11))

    assert live_call.refresh().status == "ended"
    assert rooms.open == {}


def test_the_farewell_is_not_cut_short(live_call: Call, rooms: FakeRooms) -> None:
    live_call.driver.hang_up()

    reconcile_once(timezone.now() + timedelta(seconds=8))

    assert live_call.refresh().status == "ending"


def test_the_first_reason_stays(live_call: Call) -> None:
    live_call.driver.hang_up()

    end_conversation(conversation_id=live_call.conversation.pk, reason=EndReason.TIME_CAP)

    assert live_call.refresh().end_reason == "agent_hung_up"


def test_many_who_end_a_call_together_end_it_once(live_call: Call) -> None:
    def end(reason: EndReason) -> None:
        try:
            end_conversation(conversation_id=live_call.conversation.pk, reason=reason)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(end, [EndReason.TIME_CAP, EndReason.PERSON_ENDED] * 4))

    assert Event.objects.filter(type="call.ending").count() == 1


def test_a_person_can_hurry_a_call_that_is_ending(live_call: Call, rooms: FakeRooms) -> None:
    live_call.driver.hang_up()

    end_conversation(conversation_id=live_call.conversation.pk, reason=EndReason.PERSON_ENDED, cut=True)

    assert rooms.open[str(live_call.conversation.pk)].control.cut


def test_a_call_that_nobody_joined_is_over_at_once(launch: Launch, rooms: FakeRooms) -> None:
    conversation = launch()

    ended = end_conversation(conversation_id=conversation.pk, reason=EndReason.PERSON_ENDED)

    assert (ended.status, rooms.open) == ("ended", {})


def test_a_call_that_waits_ends_without_a_word_to_livekit(launch: Launch, rooms: FakeRooms, settings: Settings) -> None:
    settings.MAX_CALLS = 1
    _, waiting = launch(), launch()
    asked_before = rooms.calls

    ended = end_conversation(conversation_id=waiting.pk, reason=EndReason.PERSON_ENDED)

    assert (ended.status, rooms.calls - asked_before) == ("ended", 0)


def test_a_fatal_error_fails_the_call_with_its_reason_and_message(live_call: Call) -> None:
    live_call.driver.fail(EndReason.VOICE_MODEL_REFUSED, "The key was refused.")
    live_call.driver.leave()
    live_call.dispatcher.leave()

    conversation = live_call.refresh()
    assert (conversation.status, conversation.end_reason, conversation.end_detail) == (
        "failed",
        "voice_model_refused",
        "The key was refused.",
    )


def test_a_refusal_of_the_voice_model_points_to_what_the_model_said() -> None:
    sentence = EndReason.VOICE_MODEL_REFUSED.sentence

    assert ("detail" in sentence, "key" in sentence) == (True, False)


class Killed(BaseException):
    """The web side is gone in the middle of what it did."""


class KillingRooms(FakeRooms):
    """Who tells the agents something dies over it."""

    def set_metadata(self, *, name: str, metadata: str) -> None:
        raise Killed


HANG_UP = HangUpRequested(seq=3, at=0.0)
GIVE_UP = ErrorReported(seq=3, at=0.0, reason=EndReason.VOICE_MODEL_REFUSED, message="No money.", fatal=True)


@pytest.mark.parametrize(
    ("event", "end"),
    [(HANG_UP, ("agent_hung_up", "")), (GIVE_UP, ("voice_model_refused", "No money."))],
    ids=["hang up", "give up"],
)
def test_who_ends_a_call_is_heard_although_the_web_side_died_over_the_batch(
    event: AgentEvent, end: tuple[str, str], live_call: Call, rooms: FakeRooms
) -> None:
    # The third turn from the last is told to the agents: the web side dies after the batch is stored.
    Conversation.objects.filter(pk=live_call.conversation.pk).update(max_turns=3)
    batch = [TurnStarted(seq=2, at=time.time(), turn_id="last", item_id="last"), event]
    with use_rooms(KillingRooms()), pytest.raises(Killed):
        live_call.driver.send(batch)

    acknowledged = live_call.driver.send(batch)
    reconcile_once(timezone.now())

    conversation = live_call.refresh()
    control = rooms.open[str(conversation.pk)].control
    assert (acknowledged, conversation.end_reason, conversation.end_detail) == (3, *end)
    assert control.ending == conversation.end_reason


def test_what_was_being_said_is_closed_and_marked(live_call: Call) -> None:
    turn_id = live_call.driver.start()
    live_call.driver.words(turn_id, "I was going to")

    end_all(reason=EndReason.STOPPED)
    finish_all()

    turn = live_call.conversation.turns.get()
    assert (turn.text, turn.interrupted, turn.is_final) == ("I was going to", True, True)


def test_stopping_the_system_ends_every_call_and_deletes_its_room(
    live_call: Call, launch: Launch, rooms: FakeRooms
) -> None:
    launch()

    end_all(reason=EndReason.STOPPED)
    finish_all()

    assert (live_call.refresh().status, live_call.conversation.end_reason, rooms.open) == ("ended", "stopped", {})


def test_a_call_ends_although_livekit_does_not_answer(live_call: Call, rooms: FakeRooms) -> None:
    rooms.answers = False

    live_call.driver.hang_up()
    live_call.driver.leave()
    live_call.dispatcher.leave()

    assert live_call.refresh().status == "ended"


def test_a_room_that_could_not_be_deleted_is_deleted_later(live_call: Call, rooms: FakeRooms) -> None:
    live_call.driver.hang_up()
    rooms.answers = False
    live_call.driver.leave()
    live_call.dispatcher.leave()
    rooms.answers = True

    reconcile_once(timezone.now())

    assert rooms.open == {}
