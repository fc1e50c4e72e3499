"""Two models that get stuck with each other: the call ends or goes on, and says why."""

import json
from collections.abc import Iterator

import pytest

from rehearsal.faults import Fault
from tests.live.stack import ALL_PARTS, SHORT_SCENARIO, Stack

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]

READ_GUARDS = """
import json
from dispatchsim.models import Event
rows = Event.objects.filter(conversation_id="{}", type__startswith="guard.").order_by("seq")
print(json.dumps([[row.type, row.payload["outcome"]] for row in rows]))
"""


@pytest.fixture(scope="module")
def stuck_stack(tmp_path_factory: pytest.TempPathFactory, prepared: Stack) -> Iterator[Stack]:
    """A system of its own, whose voice model is started anew with each fault."""
    running = Stack(tmp_path_factory.mktemp("stuck"))
    running.copy_set_up(prepared)
    try:
        running.start(*[part for part in ALL_PARTS if part != "rehearsal"])
        yield running
    finally:
        running.close()


def _play(stack: Stack, fault: Fault) -> str:
    if "rehearsal" in stack.processes:
        stack.stop("rehearsal")
    stack.start("rehearsal", REHEARSAL_FAULT=fault.value)
    stack.wait_ready(limit_s=120)
    return stack.api.create(SHORT_SCENARIO)


def _guards(stack: Stack, conversation_id: str) -> list[list[str]]:
    rows: list[list[str]] = json.loads(stack.manage("shell", "-v", "0", "-c", READ_GUARDS.format(conversation_id)))
    return rows


def _go_on(stack: Stack, conversation_id: str, *, turns: int) -> list[str]:
    """Let the call reach so many turns, end it, and tell which sides were heard to the end of a turn."""
    stack.api.wait_for_turns(conversation_id, turns, limit_s=90)
    stack.api.post(f"conversations/{conversation_id}/end")
    stack.api.wait_for_end(conversation_id)
    return [turn["speaker"] for turn in stack.api.turns(conversation_id) if not turn["interrupted"]]


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
    stuck_stack: Stack, fault: Fault, guard: str, end: tuple[str, str, str]
) -> None:
    """F16: goodbye loop, echo loop, mutual silence, and nobody who opens the call."""
    conversation_id = _play(stuck_stack, fault)

    status = stuck_stack.api.wait_for_end(conversation_id, limit_s=60)

    assert (status["status"], status["end_reason"], status["sentence"]) == end
    assert _guards(stuck_stack, conversation_id) == [[f"guard.{guard}", "ended"]]


def test_an_answer_that_never_came_is_asked_for_again(stuck_stack: Stack) -> None:
    """F16: mutual silence that one side breaks."""
    conversation_id = _play(stuck_stack, Fault.LOST_ANSWER)

    heard = _go_on(stuck_stack, conversation_id, turns=5)

    assert {"dispatcher", "driver"} == set(heard)
    assert ["guard.dead_air", "recovered"] in _guards(stuck_stack, conversation_id)


def test_both_greeting_at_once_sort_it_out(stuck_stack: Stack) -> None:
    """F16: both greet at once, one gives way, and they talk in turn."""
    conversation_id = _play(stuck_stack, Fault.BOTH_GREET)

    heard = _go_on(stuck_stack, conversation_id, turns=8)

    assert {"dispatcher", "driver"} == set(heard)
    assert ["guard.both_greeted", "recovered"] in _guards(stuck_stack, conversation_id)
