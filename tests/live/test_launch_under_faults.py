"""Launching: late agent servers, and the same launch pressed many times."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from livekit import api as livekit_api

from tests.live.client import wait_until
from tests.live.room_observer import RoomObserver
from tests.live.stack import AGENT_SERVERS, SHORT_SCENARIO, Stack

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


async def test_a_call_launched_before_its_agent_servers_connects_by_itself(own_stack: Stack) -> None:
    """F1: agent servers start 6 s after the launch; exactly one agent per role."""
    own_stack.start("media", "rehearsal", "web", "supervisor")
    own_stack.wait_ready(without=AGENT_SERVERS)
    created = own_stack.api.post("conversations/create", {"scenario": SHORT_SCENARIO})
    observer = RoomObserver()
    await observer.join(created["livekit_url"], created["token"])

    await asyncio.sleep(LATE_S)  # the fault itself: six seconds without an agent server
    own_stack.start("agents")
    await asyncio.to_thread(own_stack.wait_ready)
    registered_at = time.monotonic()
    await asyncio.to_thread(
        wait_until,
        lambda: own_stack.api.status(created["conversation_id"]),
        lambda status: status["status"] == "live",
        limit_s=CONNECT_S,
        what="both agents",
    )
    took_s = time.monotonic() - registered_at
    await asyncio.to_thread(own_stack.api.wait_for_turns, created["conversation_id"], 4)
    jobs = await _jobs(own_stack, created["room_id"])
    end = await asyncio.to_thread(own_stack.api.wait_for_end, created["conversation_id"])
    await observer.leave()

    assert took_s < CONNECT_S
    assert jobs == {"dispatcher": 1, "driver": 1}
    assert observer.joins == {"Dispatcher": 1, "Driver": 1}
    assert end["status"] == "ended"


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
