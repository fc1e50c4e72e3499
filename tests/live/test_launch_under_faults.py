"""Launching: late agent servers, and the same launch pressed many times."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from livekit import api as livekit_api

from tests.live.client import wait_until
from tests.live.room_observer import RoomObserver
from tests.live.stack import AGENT_SERVERS, SHORT_SCENARIO, Stack

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]

LATE_S = 6.0
CONNECT_S = 15.0


async def _jobs(stack: Stack, room: str) -> dict[str, int]:
    """Count the jobs that LiveKit made for a room, by agent name."""
    async with livekit_api.LiveKitAPI(stack.livekit_url, "dispatchsim", stack.environ["LIVEKIT_API_SECRET"]) as livekit:
        dispatches = await livekit.agent_dispatch.list_dispatch(room)
    counts: dict[str, int] = {}
    for dispatch in dispatches:
        if not dispatch.agent_name:
            continue  # LiveKit's own entry for agents that ask for every room; it has no jobs
        counts[dispatch.agent_name] = counts.get(dispatch.agent_name, 0) + len(dispatch.state.jobs)
    return counts


@dataclass(frozen=True)
class LateCall:
    """A call that was launched, and observed, before there was an agent server."""

    took_s: float  # from the agent servers' registration until both agents were in the room
    jobs: dict[str, int]
    end: dict[str, Any]
    observer: RoomObserver


@pytest.fixture(scope="module")
def late_call(tmp_path_factory: pytest.TempPathFactory, prepared: Stack) -> LateCall:
    """Hold the call whose agent servers start six seconds after the launch."""
    late = Stack(tmp_path_factory.mktemp("late"))
    late.copy_set_up(prepared)
    try:
        late.start("media", "rehearsal", "web", "supervisor")
        late.wait_ready(without=AGENT_SERVERS)
        return asyncio.run(_hold_late(late))
    finally:
        late.close()


async def _hold_late(stack: Stack) -> LateCall:
    created = stack.api.post("conversations/create", {"scenario": SHORT_SCENARIO})
    observer = RoomObserver()
    await observer.join(created["livekit_url"], created["token"])

    await asyncio.sleep(LATE_S)  # the fault itself: six seconds without an agent server
    stack.start("agents")
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
    jobs = await _jobs(stack, created["room_id"])
    end = await asyncio.to_thread(stack.api.wait_for_end, created["conversation_id"])
    await observer.leave()
    return LateCall(took_s, jobs, end, observer)


def test_a_call_launched_before_its_agent_servers_connects_by_itself(late_call: LateCall) -> None:
    """F1: agent servers start 6 s after the launch; exactly one agent per role."""
    assert late_call.took_s < CONNECT_S
    assert late_call.jobs == {"dispatcher": 1, "driver": 1}
    assert late_call.observer.joins == {"Dispatcher": 1, "Driver": 1}
    assert late_call.end["status"] == "ended"


def test_an_observer_who_comes_before_the_agents_is_not_taken_for_the_peer(late_call: LateCall) -> None:
    """F8: each agent links to its peer and hears it."""
    assert (late_call.end["status"], late_call.end["end_reason"]) == ("ended", "agent_hung_up")
    assert late_call.end["turns"] >= 8
    assert all(side.energy()[-1].total > 0 for side in late_call.observer.sides.values())


async def test_twenty_launches_with_one_key_make_one_call_with_one_agent_per_role(stack: Stack) -> None:
    """F3: jobs and joins counted over the whole call."""
    key = f"same-launch-{time.time_ns()}"

    def launch(_: int) -> dict[str, str]:
        answer: dict[str, str] = stack.api.post(
            "conversations/create", {"scenario": SHORT_SCENARIO}, Idempotency_Key=key
        )
        return answer

    with ThreadPoolExecutor(20) as pool:
        answers = await asyncio.to_thread(lambda: list(pool.map(launch, range(20))))
    observer = RoomObserver()
    await observer.join(answers[0]["livekit_url"], answers[0]["token"])
    await asyncio.to_thread(stack.api.wait_for_turns, answers[0]["conversation_id"], 4)
    jobs = await _jobs(stack, answers[0]["room_id"])
    end = await asyncio.to_thread(stack.api.wait_for_end, answers[0]["conversation_id"])
    await observer.leave()

    assert len({answer["conversation_id"] for answer in answers}) == 1
    assert jobs == {"dispatcher": 1, "driver": 1}
    assert observer.joins == {"Dispatcher": 1, "Driver": 1}
    assert (end["status"], end["end_reason"]) == ("ended", "agent_hung_up")
