"""`manage.py converse`: what it launches, when it refuses, and how it ends a call."""

import io
import signal
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.management.commands.converse import Interrupts, find_persona, find_scenario, follow, vary
from dispatchsim.management.commands.converse import launch as hold
from dispatchsim.management.terminal import PlainPrinter, is_completed
from dispatchsim.models import Conversation
from dispatchsim.services.lifecycle import end_conversation
from rehearsal.part import find_part
from tests.backend.conftest import Call, Launch, Library
from tests.backend.fakes import FakeAgent, FakeRooms

pytestmark = pytest.mark.django_db(transaction=True)


class ScriptedInterrupts(Interrupts):
    """Ctrl-C is pressed at given waits; whatever else happens between looks is done there too."""

    def __init__(self, *steps: object, presses: tuple[int, ...] = ()) -> None:
        self.count = 0
        self._waits = 0
        self._steps, self._presses = list(steps), presses

    def wait(self, seconds: float) -> None:
        self._waits += 1
        self.count += self._waits in self._presses
        if self._steps:
            step = self._steps.pop(0)
            assert callable(step)
            step()


def test_an_unknown_scenario_names_the_nearest_ones(library: Library) -> None:
    with pytest.raises(CommandError, match=r"'chiken'\. Did you mean chicken"):
        find_scenario("chiken")


def test_a_persona_of_the_other_role_is_no_choice(library: Library) -> None:
    with pytest.raises(CommandError, match="no driver persona 'tim-t'"):
        find_persona("tim-t", Role.DRIVER)


def test_missing_parts_are_named_with_what_to_do(library: Library) -> None:
    with pytest.raises(CommandError, match=r"agent server driver: .*run_agents"):
        call_command("converse", "chicken")


def test_nothing_is_launched_while_a_part_is_missing(library: Library) -> None:
    with pytest.raises(CommandError):
        call_command("converse", "chicken")

    assert not Conversation.objects.exists()


def test_a_call_is_followed_to_its_end(live_call: Call) -> None:
    def say() -> None:
        live_call.driver.say("Goodbye, Tim.")

    def leave() -> None:
        live_call.driver.hang_up()
        live_call.driver.leave()
        live_call.dispatcher.leave()

    out = io.StringIO()
    status = follow(live_call.conversation.pk, PlainPrinter(out), ScriptedInterrupts(say, leave), limit_s=60)

    assert is_completed(status)
    assert "Chris: Goodbye, Tim." in out.getvalue()


def test_ctrl_c_ends_the_call(live_call: Call) -> None:
    def leave() -> None:
        live_call.driver.leave()
        live_call.dispatcher.leave()

    interrupts = ScriptedInterrupts(lambda: None, leave, presses=(1,))
    status = follow(live_call.conversation.pk, PlainPrinter(io.StringIO()), interrupts, limit_s=60)

    assert (status.status, status.end_reason) == ("ended", "person_ended")


def test_ctrl_c_does_not_wait_for_the_sentence(live_call: Call) -> None:
    live_call.driver.start()

    def leave() -> None:
        live_call.driver.leave()
        live_call.dispatcher.leave()

    interrupts = ScriptedInterrupts(lambda: None, leave, presses=(1,))
    follow(live_call.conversation.pk, PlainPrinter(io.StringIO()), interrupts, limit_s=60)

    assert live_call.refresh().is_cut


@pytest.mark.usefixtures("signals")
def test_a_second_ctrl_c_gives_up_waiting() -> None:
    interrupts = Interrupts()
    signal.raise_signal(signal.SIGINT)

    with pytest.raises(SystemExit) as caught:
        signal.raise_signal(signal.SIGINT)

    assert (interrupts.count, caught.value.code) == (2, 130)


def test_a_call_that_takes_too_long_is_ended_and_says_so(live_call: Call) -> None:
    def leave() -> None:
        live_call.driver.leave()
        live_call.dispatcher.leave()

    status = follow(live_call.conversation.pk, PlainPrinter(io.StringIO()), ScriptedInterrupts(leave), limit_s=0)

    assert (status.end_reason, status.detail) == ("person_ended", "It took longer than the 0 s that it was given.")


def test_another_seed_is_another_choice_of_words_for_the_rehearsal_model(launch: Launch, library: Library) -> None:
    seeds = set()
    for seed in (1, 2, 2):
        call = launch(overrides={Role.DRIVER: vary(library.chris, seed)})
        part = find_part(call.driver_copy["instructions"])
        assert part is not None
        seeds.add(part.seed)

    assert len(seeds) == 2


@pytest.mark.usefixtures("rooms")
def test_a_voice_that_the_rehearsal_model_does_not_have_is_told_with_those_that_it_has(library: Library) -> None:
    library.chris.voice = "nova"
    library.chris.save()

    with pytest.raises(CommandError, match="Voice of Chris: “nova” is none of the voices known here: alloy, "):
        hold(library.scenario, {Role.DISPATCHER: library.tim.slug, Role.DRIVER: library.chris.slug}, seed=None)

    assert not Conversation.objects.exists()


@dataclass
class Ending:
    """How a scripted call ends."""

    name: str
    exit_code: int
    play: Callable[[FakeAgent, FakeAgent], None]

    def __str__(self) -> str:
        return self.name


def _hang_up(driver: FakeAgent, dispatcher: FakeAgent) -> None:
    driver.hang_up()
    driver.leave()
    dispatcher.leave()


def _fail(driver: FakeAgent, dispatcher: FakeAgent) -> None:
    driver.fail(EndReason.VOICE_MODEL_REFUSED, "There is no money left.")
    driver.leave()
    dispatcher.leave()


def _run_out_of_time(driver: FakeAgent, dispatcher: FakeAgent) -> None:
    end_conversation(conversation_id=driver.conversation_id, reason=EndReason.TIME_CAP)
    driver.leave()
    dispatcher.leave()


ENDINGS = [Ending("goodbye", 0, _hang_up), Ending("failure", 1, _fail), Ending("cap", 1, _run_out_of_time)]


@pytest.mark.parametrize("ending", ENDINGS, ids=str)
def test_the_exit_code_is_0_only_for_a_call_that_both_brought_to_its_end(
    ending: Ending, library: Library, rooms: FakeRooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatchsim.management.commands.converse.require_parts", lambda: None)  # tested above

    def play() -> None:
        call = Conversation.objects.get()
        agents = [FakeAgent(call.pk, role) for role in (Role.DRIVER, Role.DISPATCHER)]
        for agent in agents:
            rooms.join(call.pk, agent.role)
            agent.ready()
        agents[0].say("Goodbye, Tim.")
        ending.play(*agents)

    monkeypatch.setattr("dispatchsim.management.commands.converse.Interrupts", lambda: ScriptedInterrupts(play))
    with pytest.raises(SystemExit) as caught:
        call_command("converse", "chicken")

    assert caught.value.code == ending.exit_code
