"""`manage.py supervise` tells that it is at work, while it is."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

import pytest
from pytest_django import Settings

from dispatchsim.domain.conversation import ConversationStatus, EndReason
from dispatchsim.domain.errors import UnavailableError
from dispatchsim.gateways.livekit import use_rooms
from dispatchsim.management.commands.supervise import Command
from dispatchsim.management.parts import build_stop_plan
from dispatchsim.models import Supervisor
from dispatchsim.services.lifecycle import end_conversation
from tests.api.calls import make_call
from tests.api.fake_rooms import FakeRooms
from tests.backend.conftest import Call, Launch
from tests.backend.fakes import FakeRooms as BackendRooms

pytestmark = pytest.mark.django_db(transaction=True)  # a look closes old connections
PATIENCE_S = 20.0  # for what comes at once but on a busy machine


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
    """A supervisor to which something happens after each look: a signal, or what else is done then."""

    def __init__(self, *steps: signal.Signals | Callable[[], None]) -> None:
        super().__init__()
        self.steps = list(steps)
        self.heard = threading.Event()

    def handle(self, *args: object, **options: object) -> None:
        super().handle(*args, **options)
        self.looking.join(PATIENCE_S)

    def look(self, *, starts_queued: bool) -> int | None:
        running = super().look(starts_queued=starts_queued)
        step = self.steps.pop(0) if self.steps else None
        if isinstance(step, signal.Signals):
            self.send(step)
        elif step is not None:
            step()
        return running

    def send(self, number: signal.Signals) -> None:
        self.heard.clear()
        signal.pthread_kill(threading.main_thread().ident or 0, number)
        assert self.heard.wait(PATIENCE_S)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        super()._on_interrupt(number, frame)
        self.heard.set()

    def _on_terminate(self, number: int, frame: FrameType | None) -> None:
        super()._on_terminate(number, frame)
        self.heard.set()


def hang_up(call: Call) -> None:
    end_conversation(conversation_id=call.conversation.pk, reason=EndReason.AGENT_HUNG_UP)
    call.dispatcher.leave()
    call.driver.leave()


def end_of(call: Call) -> tuple[str, str]:
    row = call.refresh()
    return row.status, row.end_reason


@pytest.mark.usefixtures("signals")
def test_ctrl_c_ends_the_call_that_is_on_and_its_room(live_call: Call, rooms: BackendRooms) -> None:
    SignalledCommand(signal.SIGINT).handle()

    assert end_of(live_call) == ("ended", "stopped")
    assert rooms.open == {}


@pytest.mark.usefixtures("signals")
def test_sigterm_lets_the_call_that_is_on_come_to_its_own_end(live_call: Call) -> None:
    seen: list[tuple[str, str]] = []
    command = SignalledCommand(signal.SIGTERM, lambda: seen.append(end_of(live_call)), lambda: hang_up(live_call))

    command.handle()

    assert seen == [("live", "")]
    assert end_of(live_call) == ("ended", "agent_hung_up")


@pytest.mark.usefixtures("signals")
def test_a_call_that_waits_is_not_started_by_a_drain_and_ends_as_stopped(
    live_call: Call, launch: Launch, settings: Settings
) -> None:
    settings.MAX_CALLS = 1
    waiting = launch()

    SignalledCommand(signal.SIGTERM, lambda: hang_up(live_call)).handle()

    waiting.refresh_from_db()
    assert (waiting.status, waiting.end_reason, waiting.launching_at) == ("ended", "stopped", None)


@pytest.mark.usefixtures("signals")
def test_a_call_that_outlasts_the_drain_is_stopped(live_call: Call, settings: Settings) -> None:
    settings.DRAIN_S = 0

    SignalledCommand(signal.SIGTERM).handle()

    assert end_of(live_call) == ("ended", "stopped")


@pytest.mark.usefixtures("signals")
def test_ctrl_c_cuts_a_drain_short(live_call: Call, settings: Settings) -> None:
    settings.DRAIN_S = 3600

    SignalledCommand(signal.SIGTERM, signal.SIGINT).handle()

    assert end_of(live_call) == ("ended", "stopped")


class HangingRooms(BackendRooms):
    """A LiveKit that takes requests and answers none. The first one is when somebody presses Ctrl-C."""

    def __init__(self, command: SignalledCommand) -> None:
        super().__init__()
        self.command = command
        self.asked, self.answered = 0, threading.Event()

    def _ask(self) -> None:
        self.asked += 1
        if self.asked == 1:
            self.command.send(signal.SIGINT)
        assert self.answered.wait(PATIENCE_S)
        raise UnavailableError("The LiveKit server does not answer.", part="livekit")


@pytest.mark.usefixtures("signals", "agent_servers")
def test_ctrl_c_ends_every_call_in_time_although_livekit_hangs(launch: Launch) -> None:
    calls = [launch() for _ in range(6)]
    command = SignalledCommand()
    rooms = HangingRooms(command)
    began_s = time.monotonic()

    with use_rooms(rooms):
        Command.handle(command)
        took_s = time.monotonic() - began_s
        rooms.answered.set()
        command.looking.join(PATIENCE_S)

    for call in calls:
        call.refresh_from_db()
    assert {(call.status, call.end_reason) for call in calls} == {("ended", "stopped")}
    assert took_s < build_stop_plan()[0].wait_s


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
