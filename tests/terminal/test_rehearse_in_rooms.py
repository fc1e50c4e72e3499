"""`manage.py rehearse --room`: calls in rooms, some at a time, and how well they were heard."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import pytest
from django.core.management import CommandError, call_command

from dispatchsim.domain.conversation import ConversationStatus, Role
from dispatchsim.domain.hearing import FactKind, Share
from dispatchsim.domain.line import LineQuality
from dispatchsim.management.commands.converse import Interrupts
from dispatchsim.management.commands.rehearse import Command, is_enough
from dispatchsim.management.hearing_report import describe_hearing
from dispatchsim.management.rehearsal_report import as_json, build_rows, table, transcript
from dispatchsim.management.room_rehearsal import RoomCall, RoomOrder, RoomRehearsal
from dispatchsim.models import Conversation
from tests.backend.conftest import Library
from tests.backend.fakes import FakeAgent, FakeRooms

pytestmark = pytest.mark.django_db(transaction=True)
SAID = "The weight is 42,000 pounds."
HEARD = "the weight is forty two thousand pounds"


@dataclass
class FakeAgents(Interrupts):
    """Plays every call that is on the air whenever the rehearsal waits, and presses Ctrl-C when told to."""

    rooms: FakeRooms
    heard: str | None = HEARD
    hangs_up: bool = True
    presses_at: int | None = None
    on_air: list[int] = field(default_factory=list)  # at each wait

    def __post_init__(self) -> None:
        self.count = 0

    def wait(self, seconds: float) -> None:
        active = Conversation.objects.filter(status=ConversationStatus.LAUNCHING.value)
        self.on_air.append(active.count())
        self.count += len(self.on_air) == self.presses_at
        for conversation in active if self.hangs_up else ():
            self._play(conversation)

    def _play(self, conversation: Conversation) -> None:
        dispatcher, driver = (FakeAgent(conversation.pk, role) for role in Role)
        for agent in (dispatcher, driver):
            self.rooms.join(conversation.pk, agent.role)
            agent.ready()
        dispatcher.say(SAID)
        driver.heard(self.heard)
        driver.say("Thanks, goodbye.")
        driver.hang_up()
        driver.leave()
        dispatcher.leave()


Hold = Callable[..., list[RoomCall]]


@pytest.fixture
def hold(library: Library, agent_servers: None) -> Hold:
    def hold_them(agents: FakeAgents, *, seeds: int = 1, at_once: int = 3) -> list[RoomCall]:
        personas = {Role.DISPATCHER: library.tim, Role.DRIVER: library.chris}
        orders = [RoomOrder(library.scenario, personas, str(seed)) for seed in range(seeds)]
        seconds = count()
        return list(RoomRehearsal(orders, at_once, agents, clock=lambda: float(next(seconds))).hold())

    return hold_them


def test_a_call_that_ends_by_itself_is_told_with_its_words(hold: Hold, rooms: FakeRooms) -> None:
    (call,) = hold(FakeAgents(rooms))

    assert (call.scenario, call.seed, call.failure) == ("chicken", "0", "")
    assert [turn.text for turn in call.spoken] == [SAID, "Thanks, goodbye."]
    assert call.score.words == Share(0, 7)


def test_never_more_calls_are_on_the_air_than_wanted(hold: Hold, rooms: FakeRooms) -> None:
    agents = FakeAgents(rooms)

    calls = hold(agents, seeds=5, at_once=2)

    assert (len(calls), max(agents.on_air)) == (5, 2)


def test_each_seed_is_another_call_of_the_rehearsal_model(hold: Hold, rooms: FakeRooms) -> None:
    hold(FakeAgents(rooms), seeds=2)

    prompts = {call.driver_copy["instructions"] for call in Conversation.objects.all()}
    assert len(prompts) == 2
    assert {call.voice_provider for call in Conversation.objects.all()} == {"rehearsal"}


def test_ctrl_c_ends_what_is_on_the_air_and_launches_no_more(hold: Hold, rooms: FakeRooms) -> None:
    calls = hold(FakeAgents(rooms, hangs_up=False, presses_at=1), seeds=3, at_once=2)

    ends = [(call.end_reason, call.is_cut) for call in Conversation.objects.all()]
    assert (calls, ends) == ([], [("person_ended", True)] * 2)


def test_a_call_that_never_ends_is_ended(hold: Hold, rooms: FakeRooms) -> None:
    (call,) = hold(FakeAgents(rooms, hangs_up=False))

    assert call.failure == "A person ended the call. It took longer than such a call may."


def test_what_was_heard_wrong_is_counted_apart(hold: Hold, rooms: FakeRooms) -> None:
    (call,) = hold(FakeAgents(rooms, heard="the weight is forty thousand pounds"))

    assert call.score.news == Share(1, 7)
    assert call.score.count([FactKind.NUMBER], is_news=True) == Share(1, 1)


def test_nothing_heard_of_an_answered_turn_is_all_of_it_wrong(hold: Hold, rooms: FakeRooms) -> None:
    (call,) = hold(FakeAgents(rooms, heard=None))

    assert call.score.words == Share(7, 7)


def test_the_table_tells_word_errors_of_each_scenario_and_of_all(hold: Hold, rooms: FakeRooms) -> None:
    calls = hold(FakeAgents(rooms, heard="the weight is forty thousand pounds"), seeds=2)

    lines = table(build_rows(calls, ["chicken"])).splitlines()

    assert lines[0].endswith("word errors")
    assert lines[1].split()[:2] == ["chicken", "2/2"]
    assert lines[1].endswith("14.3%")
    assert any("what only the speaker knows (goal 15%)" in line and "14.3% of 14" in line for line in lines)


def test_few_facts_are_told_as_counts(hold: Hold, rooms: FakeRooms) -> None:
    (call,) = hold(FakeAgents(rooms))

    assert "0 of 1" in describe_hearing({LineQuality.CLEAR: call.score})[2]


def test_calls_on_a_bad_line_are_told_apart(hold: Hold, rooms: FakeRooms) -> None:
    (call,) = hold(FakeAgents(rooms))

    lines = describe_hearing({LineQuality.PHONE: call.score, LineQuality.CLEAR: call.score})

    assert [line.split("(")[1].split(")")[0] for line in lines if "(" in line] == [
        "goal 5%", "goal 15%", "line: phone", "line: phone"
    ]  # fmt: skip


def test_lines_stand_above_what_was_heard_of_them(hold: Hold, rooms: FakeRooms) -> None:
    (call,) = hold(FakeAgents(rooms))

    lines = transcript(scenario="chicken", seed="0", call=call, has_errors=True)

    assert lines[1:3] == [f"DISPATCHER  {SAID}", f"      heard {HEARD}"]


def test_a_script_gets_counts_and_what_was_heard(hold: Hold, rooms: FakeRooms) -> None:
    (call,) = hold(FakeAgents(rooms))

    told = json.loads(json.dumps(as_json(scenario="chicken", seed="0", call=call)))

    assert told["heard"]["news"] == {"wrong": 0, "total": 7}
    assert told["lines"][0]["heard_as"] == HEARD


@pytest.mark.parametrize(("failures", "is_passing"), [(1, True), (2, False)])
def test_nine_calls_of_ten_are_enough(hold: Hold, rooms: FakeRooms, failures: int, is_passing: bool) -> None:
    (good,) = hold(FakeAgents(rooms))
    bad = RoomCall(**{**vars(good), "failure": "Nobody booked."})

    rows = build_rows([bad] * failures + [good] * (10 - failures), ["chicken"])

    assert is_enough(rows, is_room=True) is is_passing


def test_without_a_running_system_the_missing_parts_are_named_with_what_to_do(library: Library) -> None:
    with pytest.raises(CommandError, match=r"agent server driver: .*run_agents"):
        call_command("rehearse", "chicken", "--room")


@pytest.mark.parametrize("arguments", [("--errors", "0.1"), ("--at-once", "0"), ("--seeds", "0")])
def test_what_makes_no_sense_in_a_room_is_refused(library: Library, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=f"{arguments[0]} "):
        call_command("rehearse", "chicken", "--room", *arguments)


Told = tuple[str, list[str]]  # what stands on stdout, and the lines on stderr
TellHeld = Callable[..., Told]


@pytest.fixture
def tell_held(library: Library, agent_servers: None) -> TellHeld:
    def hold_and_tell(agents: FakeAgents, *, seeds: int, at_once: int = 3, as_json: bool = False) -> Told:
        personas = {Role.DISPATCHER: library.tim, Role.DRIVER: library.chris}
        orders = [RoomOrder(library.scenario, personas, str(seed)) for seed in range(seeds)]
        seconds, out, err = count(), io.StringIO(), io.StringIO()
        rehearsal = RoomRehearsal(orders, at_once, agents, clock=lambda: float(next(seconds)))
        command = Command(stdout=out, stderr=err)
        try:
            command.hold(rehearsal, ["chicken"], {"as_json": as_json, "is_shown": False})
        except CommandError as error:
            err.write(f"{error}\n")
        return out.getvalue(), err.getvalue().splitlines()

    return hold_and_tell


def test_it_says_at_the_start_how_many_calls_come_and_about_how_long(tell_held: TellHeld, rooms: FakeRooms) -> None:
    _, notes = tell_held(FakeAgents(rooms), seeds=7)

    assert notes[0] == (
        "7 calls in rooms, 3 at a time: about 4 minutes. Ctrl-C ends them and prints what is known by then."
    )


def test_each_call_that_is_over_is_told_with_how_many_are(tell_held: TellHeld, rooms: FakeRooms) -> None:
    _, notes = tell_held(FakeAgents(rooms), seeds=2, at_once=1)

    assert [note.rpartition(",")[0] for note in notes[1:]] == [
        "· 1 of 2: chicken, seed 0: ended",
        "· 2 of 2: chicken, seed 1: ended",
    ]


def test_what_scripts_read_has_no_notes_in_it(tell_held: TellHeld, rooms: FakeRooms) -> None:
    told, notes = tell_held(FakeAgents(rooms), seeds=2, as_json=True)

    assert [json.loads(line)["scenario"] for line in told.splitlines()] == ["chicken", "chicken"]
    assert len(notes) == 3


def test_ctrl_c_prints_what_is_known_by_then(tell_held: TellHeld, rooms: FakeRooms) -> None:
    table_so_far, notes = tell_held(FakeAgents(rooms, presses_at=8), seeds=5, at_once=1)

    known = len(notes) - 2
    assert 0 < known < 5
    assert table_so_far.splitlines()[1].split()[:2] == ["chicken", f"{known}/{known}"]
    assert notes[-1] == f"Stopped after {known} of 5 calls; those that still ran were ended."


def test_ctrl_c_before_any_call_is_over_says_so(tell_held: TellHeld, rooms: FakeRooms) -> None:
    told, notes = tell_held(FakeAgents(rooms, presses_at=1), seeds=5)

    assert (told, notes[-1]) == ("", "Stopped after 0 of 5 calls; those that still ran were ended.")
