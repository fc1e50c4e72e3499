"""Faults are chosen for the whole server, by name."""

import pytest

from rehearsal.faults import NOTHING, Fault, FaultyMind
from rehearsal.mind import Situation
from tests.rehearsal.wire import DISPATCHER, DRIVER


def replies(fault: Fault | None, instructions: str = DISPATCHER, *, count: int = 3) -> list[str]:
    mind = FaultyMind(fault)
    situation = Situation(instructions, (), "auto", ())
    lines = [mind.decide(situation).line for _ in range(count)]
    return ["" if line is None else line.text for line in lines]


def test_without_a_fault_the_part_is_spoken() -> None:
    assert replies(None)[0].startswith("Hi Chris, this is Tim")


def test_a_goodbye_loop_never_hangs_up() -> None:
    mind = FaultyMind(Fault.GOODBYE_LOOP)

    assert all(mind.decide(Situation(DRIVER, (), "auto", ())).call is None for _ in range(10))


def test_both_sides_of_an_echo_say_the_same() -> None:
    assert replies(Fault.ECHO, DISPATCHER) == replies(Fault.ECHO, DRIVER)


@pytest.mark.parametrize(
    ("fault", "spoken"),
    [
        (Fault.SILENCE, [True, False, False]),
        (Fault.LOST_ANSWER, [True, False, True]),
        (Fault.MUTE, [False, False, False]),
    ],
)
def test_which_replies_are_empty(fault: Fault, spoken: list[bool]) -> None:
    assert [bool(text) for text in replies(fault)] == spoken


def test_only_the_opener_begins_late() -> None:
    delays = [
        FaultyMind(Fault.BOTH_GREET).decide(Situation(part, (), "auto", ())).delay_s > 0
        for part in (DISPATCHER, DRIVER)
    ]

    assert (delays, NOTHING.line) == ([True, False], None)


def test_a_model_told_to_wrap_up_says_goodbye() -> None:
    told = FaultyMind().decide(Situation(f"{DISPATCHER}\n\n# Wrap up now\nTwo turns are left.", (), "auto", ()))

    assert told.line is not None
    assert "goodbye" in told.line.text
