"""Voice models that go wrong in a whole system: the call ends or goes on, and says why.

The agents' jobs are threads of one process here; everywhere else each is a process of its own.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from uuid import UUID

import pytest

from rehearsal.faults import Fault
from tests.live.client import wait_until
from tests.live.stack import SHORT_SCENARIO, Stack

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]

AT_ONCE = 3
# Those that are waited for first; of the others the long ones first.
FAULTS = (
    *(Fault.EXPIRE, Fault.SERVER_ERROR, Fault.LOST_ANSWER, Fault.BOTH_GREET),
    *(Fault.SILENCE, Fault.MUTE, Fault.GOODBYE_LOOP, Fault.ECHO, Fault.STALL, Fault.RATE_LIMIT),
)
ENOUGH_TURNS = 5
TURNS_AFTER = 3  # that a guard acted
CALL_LIMIT_S = 90.0
NOTICED_S = 15.0  # from the first moment in which somebody may speak
READ_GUARDS = """
select type, payload ->> 'outcome' from dispatchsim_event
where conversation_id = ? and type like 'guard.%' order by seq
"""
READ_FATAL = """
select payload ->> 'reason', payload ->> 'message', payload ->> 'at' from dispatchsim_event
where conversation_id = ? and type = 'error' and payload ->> 'fatal' order by seq
"""


@pytest.fixture(scope="module")
def faulty_stack(tmp_path_factory: pytest.TempPathFactory, prepared: Stack) -> Iterator[Stack]:
    """A system of its own, so that calls queue for places which no other test takes."""
    stack = Stack(tmp_path_factory.mktemp("faulty"), DISPATCHSIM_MAX_CALLS=str(AT_ONCE))
    with stack.running(prepared) as running:
        running.start("media", "rehearsal", "web", "supervisor")
        running.start_agents("--executor", "thread")
        running.wait_ready()
        yield running


@pytest.fixture(scope="module")
def calls(faulty_stack: Stack) -> dict[Fault, str]:
    """One call for each fault, launched together; the queue lets some of them run at a time."""
    return {fault: faulty_stack.api.create(SHORT_SCENARIO, overrides=_playing(fault)) for fault in FAULTS}


def _playing(fault: Fault) -> dict[str, dict[str, str]]:
    """Let the voice models of both sides play a fault."""
    return {role: {"model": f"rehearsal:{fault.value}"} for role in ("dispatcher", "driver")}


def _guards(stack: Stack, conversation_id: str) -> list[tuple[str, str]]:
    return stack.query(READ_GUARDS, UUID(conversation_id).hex)


def _fatal(stack: Stack, conversation_id: str) -> list[tuple[str, str, float]]:
    """What ended a call, in the order in which it was told: reason, message, and when it happened."""
    return stack.query(READ_FATAL, UUID(conversation_id).hex)


def _assert_recovers(stack: Stack, conversation_id: str, guard: str) -> None:
    """A guard acts; after it both sides talk in turn, each to the end of what it says; and a person ends the call."""
    wait_until(lambda: _guards(stack, conversation_id), bool, limit_s=CALL_LIMIT_S, what="a guard to act")
    before = len(stack.api.finished(conversation_id))
    finished = wait_until(
        lambda: stack.api.finished(conversation_id),
        lambda turns: len(turns) >= before + TURNS_AFTER or bool(_fatal(stack, conversation_id)),
        limit_s=CALL_LIMIT_S,
        what=f"{TURNS_AFTER} turns after the guard acted",
    )
    stack.api.post(f"conversations/{conversation_id}/end")
    end = stack.api.wait_for_end(conversation_id)

    after = finished[before:]
    assert (end["status"], end["end_reason"]) == ("ended", "person_ended"), end
    assert all(first["speaker"] != second["speaker"] for first, second in pairwise(after)), after
    assert [turn for turn in after if turn["interrupted"]] == []
    assert (f"guard.{guard}", "recovered") in _guards(stack, conversation_id)


# These come first: their places are free once it was seen that they go on.
@pytest.mark.parametrize("fault", [Fault.EXPIRE, Fault.SERVER_ERROR])
def test_a_call_whose_sessions_or_answers_break_off_goes_on_and_doubles_nothing(
    faulty_stack: Stack, calls: dict[Fault, str], fault: Fault
) -> None:
    """F11, F12: sessions that expire every few seconds; an answer that fails once."""
    call = calls[fault]
    finished = wait_until(
        lambda: faulty_stack.api.finished(call),
        lambda turns: len(turns) >= ENOUGH_TURNS or bool(_fatal(faulty_stack, call)),
        limit_s=CALL_LIMIT_S,
        what=f"{ENOUGH_TURNS} finished turns",
    )
    faulty_stack.api.post(f"conversations/{call}/end")
    end = faulty_stack.api.wait_for_end(call)

    assert _fatal(faulty_stack, call) == []
    assert (end["status"], end["end_reason"]) == ("ended", "person_ended")
    assert [text for text, times in Counter(turn["text"] for turn in finished).items() if times > 1] == []


def test_an_answer_that_never_came_is_asked_for_again(faulty_stack: Stack, calls: dict[Fault, str]) -> None:
    """F16: mutual silence that one side breaks."""
    _assert_recovers(faulty_stack, calls[Fault.LOST_ANSWER], "dead_air")


def test_both_greeting_at_once_sort_it_out(faulty_stack: Stack, calls: dict[Fault, str]) -> None:
    """F16: both greet at once, one gives way, and they talk in turn."""
    _assert_recovers(faulty_stack, calls[Fault.BOTH_GREET], "both_greeted")


@pytest.mark.parametrize(("fault", "told"), [(Fault.STALL, "fell silent"), (Fault.RATE_LIMIT, "rate_limit_exceeded")])
def test_a_call_that_cannot_go_on_soon_fails_and_says_why(
    faulty_stack: Stack, calls: dict[Fault, str], fault: Fault, told: str
) -> None:
    """F10, F12: a model that falls silent in the middle of a word, and one that answers nothing any more."""
    end = faulty_stack.api.wait_for_end(calls[fault])
    reason, message, at = _fatal(faulty_stack, calls[fault])[0]

    assert (end["status"], end["end_reason"]) == ("failed", "voice_model_unreachable"), end
    assert (reason, told in message) == ("voice_model_unreachable", True), message
    assert at - faulty_stack.floor_opened_at(end) < NOTICED_S


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
    faulty_stack: Stack, calls: dict[Fault, str], fault: Fault, guard: str, end: tuple[str, str, str]
) -> None:
    """F16: goodbye loop, echo loop, mutual silence, and nobody who opens the call."""
    status = faulty_stack.api.wait_for_end(calls[fault])

    assert (status["status"], status["end_reason"], status["sentence"]) == end
    assert _guards(faulty_stack, calls[fault]) == [(f"guard.{guard}", "ended")]
