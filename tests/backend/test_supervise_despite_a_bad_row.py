"""A row that cannot be worked with, as another version may leave one, harms no other call, and ends all the same."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from dispatchsim.domain.control import RoomControl
from dispatchsim.domain.conversation import ConversationStatus, EndReason
from dispatchsim.domain.freight.verdict import Result
from dispatchsim.models import AgentSeat, Conversation
from dispatchsim.services.control import room_owner
from dispatchsim.services.lifecycle import end_conversation
from dispatchsim.services.stopping import end_all, finish_all
from dispatchsim.services.supervision import reconcile_once
from dispatchsim.services.verdicts import UNREADABLE, find_verdict
from tests.backend.conftest import Call, Launch
from tests.backend.fakes import FakeRooms

pytestmark = pytest.mark.django_db(transaction=True)
UNKNOWN = "not_of_this_version"


def after(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


def status_of(conversation: Conversation) -> str:
    conversation.refresh_from_db()
    return conversation.status


@pytest.fixture
def bad_seat(launch: Launch) -> Conversation:
    """The oldest call that is on, with a seat that no look can read."""
    conversation = launch()
    AgentSeat.objects.filter(conversation=conversation, role="driver").update(role=UNKNOWN)
    return conversation


@pytest.fixture
def bad_reason(launch: Launch) -> Conversation:
    """The oldest call that is on, ending for a reason that nobody knows."""
    conversation = launch()
    Conversation.objects.filter(pk=conversation.pk).update(
        status=ConversationStatus.ENDING.value, end_reason=UNKNOWN, ending_at=timezone.now()
    )
    return conversation


def test_a_bad_row_does_not_keep_the_next_call_from_its_end(bad_seat: Conversation, launch: Launch) -> None:
    healthy = launch()

    reconcile_once(after(31))

    assert status_of(healthy) == "failed"


def test_a_bad_row_does_not_keep_a_stray_room(bad_seat: Conversation, rooms: FakeRooms) -> None:
    rooms.create_room(name="stray", metadata=RoomControl(owner=room_owner()).model_dump_json(), timeout_s=10)

    reconcile_once(timezone.now())

    assert "stray" in rooms.deleted


def test_a_bad_row_is_told_once_with_its_id(bad_seat: Conversation, caplog: pytest.LogCaptureFixture) -> None:
    for seconds in (1, 2, 3):
        reconcile_once(after(seconds))

    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == 1
    assert str(bad_seat.pk) in told[0]


def test_a_bad_row_does_not_keep_the_others_from_being_ended(bad_reason: Conversation, launch: Launch) -> None:
    healthy = launch()

    end_all(reason=EndReason.STOPPED)

    assert status_of(healthy) == "ending"


def test_a_bad_row_does_not_keep_the_others_from_being_finished(bad_reason: Conversation, live_call: Call) -> None:
    end_conversation(conversation_id=live_call.conversation.pk, reason=EndReason.STOPPED, cut=True)

    finish_all()

    assert status_of(live_call.conversation) == "ended"


def test_a_bad_row_does_not_keep_the_next_one_in_the_queue(
    launch: Launch, agent_servers: None, settings: Settings
) -> None:
    settings.MAX_CALLS = 1
    _running, bad, next_one = launch(), launch(), launch()
    Conversation.objects.filter(pk=bad.pk).update(dispatcher_copy={}, driver_copy={})
    settings.MAX_CALLS = 3

    reconcile_once(timezone.now())

    assert status_of(next_one) == "launching"


def test_a_call_whose_freight_cannot_be_read_ends(freight_call: Call) -> None:
    make_unreadable(freight_call)

    hang_up(freight_call)

    assert status_of(freight_call.conversation) == "ended"


def test_freight_that_cannot_be_read_is_not_evaluable_and_says_why(freight_call: Call) -> None:
    make_unreadable(freight_call)

    hang_up(freight_call)

    verdict = find_verdict(freight_call.refresh())
    assert verdict is not None
    assert (verdict.joint, verdict.checks[0].why) == (Result.NOT_EVALUABLE, UNREADABLE)


def make_unreadable(call: Call) -> None:
    """Give the frozen freight a key that this version does not know."""
    conversation = call.refresh()
    conversation.scenario_copy["freight"]["load"][UNKNOWN] = 1
    conversation.save(update_fields=["scenario_copy"])


def hang_up(call: Call) -> None:
    call.dispatcher.say("Bye now.")
    call.driver.say("Bye.")
    end_conversation(conversation_id=call.conversation.pk, reason=EndReason.AGENT_HUNG_UP)
    call.dispatcher.leave()
    call.driver.leave()
