"""The room never ends a call by itself, whoever listens or does not."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from tests.live.room_observer import RoomObserver
from tests.live.stack import SHORT_SCENARIO, Stack

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]


@dataclass(frozen=True)
class HeldTogether:
    """Three calls at once: two that nobody observes, and one whose observer comes and goes."""

    unobserved: list[dict[str, Any]]  # their last status
    visited: dict[str, Any]
    turns_at_leaving: int


@pytest.fixture(scope="module")
def held(stack: Stack) -> HeldTogether:
    """Hold them to their ends."""
    return asyncio.run(_hold(stack))


async def _hold(stack: Stack) -> HeldTogether:
    unobserved = [stack.api.create(SHORT_SCENARIO), stack.api.create(SHORT_SCENARIO)]
    created = stack.api.post("conversations/create", {"scenario": SHORT_SCENARIO})
    observer = RoomObserver()
    await observer.join(created["livekit_url"], created["token"])
    await asyncio.to_thread(stack.api.wait_for_turns, created["conversation_id"], 2)
    await observer.leave()
    turns_at_leaving = stack.api.status(created["conversation_id"])["turns"]
    visited = await asyncio.to_thread(stack.api.wait_for_end, created["conversation_id"])
    ends = [await asyncio.to_thread(stack.api.wait_for_end, call) for call in unobserved]
    return HeldTogether(ends, visited, turns_at_leaving)


def test_two_unobserved_calls_at_once_end_by_themselves(held: HeldTogether) -> None:
    """F7: nobody listens."""
    ends = [(end["status"], end["end_reason"]) for end in held.unobserved]

    assert ends == [("ended", "agent_hung_up")] * 2


def test_a_call_outlives_an_observer_who_comes_and_goes(held: HeldTogether) -> None:
    """F7: LiveKit's departure timeout must not end it."""
    assert (held.visited["status"], held.visited["end_reason"]) == ("ended", "agent_hung_up")
    assert held.visited["turns"] >= held.turns_at_leaving + 4
