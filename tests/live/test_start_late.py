"""A call that is launched, and observed, before there is an agent server.

Agent servers are there once they have come to LiveKit. These are started early, so that a busy machine has imported
them in time, and the way there is opened late.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import pytest

from tests.live.client import wait_until
from tests.live.forwarder import Forwarder, forwarder
from tests.live.room_observer import RoomObserver
from tests.live.stack import AGENT_SERVERS, SHORT_SCENARIO, Stack

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]

LATE_S = 6.0
IMPORTED_S = 120.0
CONNECT_S = 15.0


@dataclass(frozen=True)
class LateCall:
    """A call that was launched, and observed, before there was an agent server."""

    took_s: float  # from the agent servers' registration until both agents were in the room
    jobs: dict[str, int]
    end: dict[str, Any]
    observer: RoomObserver


@pytest.fixture(scope="module")
def late_call(tmp_path_factory: pytest.TempPathFactory, prepared: Stack) -> LateCall:
    """Hold the call whose agent servers come six seconds after the launch."""
    stack = Stack(tmp_path_factory.mktemp("late"))
    with (
        stack.running(prepared, "media", "rehearsal", "web", "supervisor", without=AGENT_SERVERS) as late,
        forwarder() as way,
    ):
        late.start("agents", LIVEKIT_URL=f"ws://127.0.0.1:{way.port}")
        wait_until(lambda: way.connections, lambda count: count >= 2, limit_s=IMPORTED_S, what="both agent servers")
        return asyncio.run(_hold_late(late, way))


async def _hold_late(stack: Stack, way: Forwarder) -> LateCall:
    created = stack.api.post("conversations/create", {"scenario": SHORT_SCENARIO})
    observer = RoomObserver()
    await observer.join(created["livekit_url"], created["token"])

    await asyncio.sleep(LATE_S)  # the fault itself: six seconds without an agent server
    way.open(stack.ports.media)
    await asyncio.to_thread(stack.wait_ready)
    registered_at = time.monotonic()
    await asyncio.to_thread(
        wait_until,
        lambda: stack.api.status(created["conversation_id"]),
        lambda status: status["status"] == "live",
        limit_s=CONNECT_S,
        what="both agents",
    )
    took_s = time.monotonic() - registered_at
    await asyncio.to_thread(stack.api.wait_for_turns, created["conversation_id"], 4)
    jobs = await stack.count_jobs(created["room_id"])
    end = await asyncio.to_thread(stack.api.wait_for_end, created["conversation_id"])
    await observer.leave()
    return LateCall(took_s, jobs, end, observer)


def test_a_call_launched_before_its_agent_servers_connects_by_itself(late_call: LateCall) -> None:
    """F1: agent servers come 6 s after the launch; exactly one agent per role."""
    assert late_call.took_s < CONNECT_S
    assert late_call.jobs == {"dispatcher": 1, "driver": 1}
    assert late_call.observer.joins == {"Dispatcher": 1, "Driver": 1}
    assert late_call.end["status"] == "ended"


def test_an_observer_who_comes_before_the_agents_is_not_taken_for_the_peer(late_call: LateCall) -> None:
    """F8: each agent links to its peer and hears it."""
    assert (late_call.end["status"], late_call.end["end_reason"]) == ("ended", "agent_hung_up")
    assert late_call.end["turns"] >= 8
    assert all(side.energy()[-1].total > 0 for side in late_call.observer.sides.values())
