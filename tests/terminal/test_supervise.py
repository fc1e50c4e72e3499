"""`manage.py supervise` tells that it is at work, while it is."""

from collections.abc import Iterator

import pytest

from dispatchsim.domain.conversation import ConversationStatus, EndReason
from dispatchsim.gateways.livekit import use_rooms
from dispatchsim.management.commands.supervise import Command
from dispatchsim.models import Supervisor
from tests.api.calls import make_call
from tests.api.fake_rooms import FakeRooms

pytestmark = pytest.mark.django_db(transaction=True)  # a look closes old connections


@pytest.fixture
def supervisor() -> Iterator[Command]:
    with use_rooms(FakeRooms()):
        yield Command()


def test_a_look_is_a_heartbeat(supervisor: Command) -> None:
    supervisor.look(starts_queued=True)

    assert Supervisor.objects.count() == 1


def test_many_looks_in_a_row_are_one_heartbeat(supervisor: Command) -> None:
    supervisor.look(starts_queued=True)
    first = Supervisor.objects.get()

    supervisor.look(starts_queued=True)

    assert Supervisor.objects.get().last_seen_at == first.last_seen_at


def test_the_end_of_all_calls_is_a_goodbye(supervisor: Command) -> None:
    supervisor.look(starts_queued=True)

    supervisor.end_everything()

    assert not Supervisor.objects.exists()


class ForgetfulCommand(Command):
    """A supervisor that cannot tell the agents that it stops."""

    def _end_all(self) -> None:
        raise RuntimeError("no luck")


def test_what_fails_while_stopping_does_not_keep_calls_from_being_finished() -> None:
    call = make_call(status=ConversationStatus.ENDING, end_reason=EndReason.STOPPED.value)

    with use_rooms(FakeRooms()):
        ForgetfulCommand().end_everything()

    call.refresh_from_db()
    assert call.status == "ended"
