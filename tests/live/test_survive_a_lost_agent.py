"""One agent of a call dies while the rest of the system goes on."""

import time
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from tests.live.process_tree import connected_to, descendants, wait_gone
from tests.live.stack import Stack

FAIL_S = 30.0
HURRY_S = 2.5  # a person who ends a call; one second without the load of the other tests


@dataclass(frozen=True)
class Halved:
    """A call that has lost one of its agents."""

    conversation_id: str
    killed_at: float  # epoch seconds
    peer: psutil.Process
    finished: list[dict[str, Any]]  # turns at that time
    had_room: bool


@pytest.fixture(scope="module")
def halved(stack: Stack) -> Halved:
    conversation_id = stack.talk(turns=3)
    victim, peer = connected_to(stack.ports.rehearsal, descendants(stack.processes["agents"].pid))
    finished = stack.api.finished(conversation_id)
    had_room = stack.has_room(conversation_id)
    victim.kill()
    return Halved(conversation_id, time.time(), peer, finished, had_room)


@pytest.mark.usefixtures("halved")  # so that its time runs meanwhile
def test_a_person_who_ends_a_call_does_not_wait_for_the_sentence(stack: Stack) -> None:
    conversation_id = stack.talk()
    pressed_at = time.monotonic()

    stack.api.post(f"conversations/{conversation_id}/end")
    end = stack.api.wait_for_end(conversation_id)
    took_s = time.monotonic() - pressed_at

    assert (end["status"], end["end_reason"]) == ("ended", "person_ended")
    assert took_s < HURRY_S, took_s


def test_an_agent_killed_in_the_middle_of_a_call_fails_it_within_thirty_seconds(stack: Stack, halved: Halved) -> None:
    """F4: `failed` with the reason, peer and room gone, every finished turn kept."""
    end = stack.api.wait_for_end(halved.conversation_id, limit_s=FAIL_S)
    took_s = stack.floor_opened_at(end) + end["elapsed_s"] - halved.killed_at

    assert (end["status"], end["end_reason"]) == ("failed", "agent_vanished"), end
    assert took_s < FAIL_S
    assert stack.api.finished(halved.conversation_id)[: len(halved.finished)] == halved.finished
    wait_gone([halved.peer])
    assert (halved.had_room, stack.has_room(halved.conversation_id)) == (True, False)
