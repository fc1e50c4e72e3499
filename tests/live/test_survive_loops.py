"""Two models that get stuck with each other: the call ends or goes on, and says why."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from rehearsal.faults import Fault
from tests.live.stack import ALL_PARTS, SHORT_SCENARIO, Stack

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]

AT_ONCE = 3
# Those that are silent for long and those that talk, in turn.
FAULTS = (Fault.LOST_ANSWER, Fault.SILENCE, Fault.MUTE, Fault.BOTH_GREET, Fault.ECHO, Fault.GOODBYE_LOOP)
READ_GUARDS = """
select type, payload ->> 'outcome' from dispatchsim_event
where conversation_id = ? and type like 'guard.%' order by seq
"""


@pytest.fixture(scope="module")
def stuck_stack(tmp_path_factory: pytest.TempPathFactory, prepared: Stack) -> Iterator[Stack]:
    """A system of its own, so that calls queue for places which no other test takes."""
    stack = Stack(tmp_path_factory.mktemp("stuck"), DISPATCHSIM_MAX_CALLS=str(AT_ONCE))
    with stack.running(prepared, *ALL_PARTS) as running:
        yield running


@pytest.fixture(scope="module")
def calls(stuck_stack: Stack) -> dict[Fault, str]:
    """One call for each fault, launched together; the queue lets some of them run at a time."""
    return {fault: stuck_stack.api.create(SHORT_SCENARIO, overrides=_playing(fault)) for fault in FAULTS}


def _playing(fault: Fault) -> dict[str, dict[str, str]]:
    """Let the voice models of both sides play a fault."""
    return {role: {"model": f"rehearsal:{fault.value}"} for role in ("dispatcher", "driver")}


def _guards(stack: Stack, conversation_id: str) -> list[tuple[str, str]]:
    return stack.query(READ_GUARDS, UUID(conversation_id).hex)


def _assert_went_on(stack: Stack, conversation_id: str) -> None:
    """Both sides were heard to the end of turns, and the call came to its own end."""
    end = stack.api.wait_for_end(conversation_id)
    heard = {turn["speaker"] for turn in stack.api.turns(conversation_id) if not turn["interrupted"]}
    assert (end["status"], end["end_reason"], end["turns"] >= 8) == ("ended", "agent_hung_up", True), end
    assert heard == {"dispatcher", "driver"}


@pytest.mark.parametrize(
    ("fault", "guard", "end"),
    [
        (
            Fault.GOODBYE_LOOP,
            "goodbye_loop",
            ("ended", "goodbye_loop", "Both sides kept saying goodbye, so the call was closed."),
        ),
        (Fault.ECHO, "echo_loop", ("ended", "echo_loop", "One side kept repeating what the other had said.")),
        (Fault.SILENCE, "dead_air", ("failed", "dead_air", "Both sides fell silent and did not recover.")),
        (Fault.MUTE, "nobody_opened", ("failed", "nobody_spoke", "Neither side began to speak.")),
    ],
)
def test_a_call_that_is_stuck_ends_with_the_reason(
    stuck_stack: Stack, calls: dict[Fault, str], fault: Fault, guard: str, end: tuple[str, str, str]
) -> None:
    """F16: goodbye loop, echo loop, mutual silence, and nobody who opens the call."""
    status = stuck_stack.api.wait_for_end(calls[fault])

    assert (status["status"], status["end_reason"], status["sentence"]) == end
    assert _guards(stuck_stack, calls[fault]) == [(f"guard.{guard}", "ended")]


def test_an_answer_that_never_came_is_asked_for_again(stuck_stack: Stack, calls: dict[Fault, str]) -> None:
    """F16: mutual silence that one side breaks."""
    _assert_went_on(stuck_stack, calls[Fault.LOST_ANSWER])

    assert ("guard.dead_air", "recovered") in _guards(stuck_stack, calls[Fault.LOST_ANSWER])


def test_both_greeting_at_once_sort_it_out(stuck_stack: Stack, calls: dict[Fault, str]) -> None:
    """F16: both greet at once, one gives way, and they talk in turn."""
    _assert_went_on(stuck_stack, calls[Fault.BOTH_GREET])

    assert ("guard.both_greeted", "recovered") in _guards(stuck_stack, calls[Fault.BOTH_GREET])
