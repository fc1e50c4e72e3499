"""`manage.py supervise` tells that it is at work, while it is."""

import signal
from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from dispatchsim.domain.conversation import ConversationStatus, EndReason
from dispatchsim.gateways.livekit import use_rooms
from dispatchsim.management.commands.supervise import Command
from dispatchsim.models import Supervisor
from dispatchsim.services.lifecycle import end_conversation
from tests.api.calls import make_call
from tests.api.fake_rooms import FakeRooms
from tests.backend.conftest import Call, Launch
from tests.backend.fakes import FakeRooms as BackendRooms

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


class SignalledCommand(Command):
    """A supervisor that gets signals after looks: each is sent once, with what happens then."""

    def __init__(self, *steps: Callable[[], None]) -> None:
        super().__init__()
        self.steps = list(steps)

    def look(self, *, starts_queued: bool) -> int | None:
        running = super().look(starts_queued=starts_queued)
        if self.steps:
            self.steps.pop(0)()
        return running


@pytest.fixture
def signals() -> Iterator[None]:
    """Give the signals back to whom they belong."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def interrupt() -> None:
    signal.raise_signal(signal.SIGINT)


def terminate() -> None:
    signal.raise_signal(signal.SIGTERM)


def hang_up(call: Call) -> None:
    end_conversation(conversation_id=call.conversation.pk, reason=EndReason.AGENT_HUNG_UP)
    call.dispatcher.leave()
    call.driver.leave()


def end_of(call: Call) -> tuple[str, str]:
    row = call.refresh()
    return row.status, row.end_reason


@pytest.mark.usefixtures("signals")
def test_ctrl_c_ends_the_call_that_is_on_and_its_room(live_call: Call, rooms: BackendRooms) -> None:
    SignalledCommand(interrupt).handle()

    assert end_of(live_call) == ("ended", "stopped")
    assert rooms.open == {}


@pytest.mark.usefixtures("signals")
def test_sigterm_lets_the_call_that_is_on_come_to_its_own_end(live_call: Call) -> None:
    seen: list[tuple[str, str]] = []
    command = SignalledCommand(terminate, lambda: seen.append(end_of(live_call)), lambda: hang_up(live_call))

    command.handle()

    assert seen == [("live", "")]
    assert end_of(live_call) == ("ended", "agent_hung_up")


@pytest.mark.usefixtures("signals")
def test_a_call_that_waits_is_not_started_by_a_drain_and_ends_as_stopped(
    live_call: Call, launch: Launch, settings: Settings
) -> None:
    settings.MAX_CALLS = 1
    waiting = launch()

    SignalledCommand(terminate, lambda: hang_up(live_call)).handle()

    waiting.refresh_from_db()
    assert (waiting.status, waiting.end_reason, waiting.launching_at) == ("ended", "stopped", None)


@pytest.mark.usefixtures("signals")
def test_a_call_that_outlasts_the_drain_is_stopped(live_call: Call, settings: Settings) -> None:
    settings.DRAIN_S = 0

    SignalledCommand(terminate).handle()

    assert end_of(live_call) == ("ended", "stopped")


@pytest.mark.usefixtures("signals")
def test_ctrl_c_cuts_a_drain_short(live_call: Call, settings: Settings) -> None:
    settings.DRAIN_S = 3600

    SignalledCommand(terminate, interrupt).handle()

    assert end_of(live_call) == ("ended", "stopped")


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
