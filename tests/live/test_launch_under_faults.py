"""The same launch pressed many times."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from tests.live.room_observer import RoomObserver
from tests.live.stack import Stack

SOON_OVER = {"load_sheet": "weight: 12,000 pounds"}  # the whole call is looked at, whatever is said


async def test_twenty_launches_with_one_key_make_one_call_with_one_agent_per_role(stack: Stack) -> None:
    """F3: jobs and joins counted over the whole call."""
    key = f"same-launch-{time.time_ns()}"

    def launch(_: int) -> dict[str, str]:
        answer: dict[str, str] = stack.api.post("conversations/create", {"scenario": SOON_OVER}, Idempotency_Key=key)
        return answer

    with ThreadPoolExecutor(20) as pool:
        answers = await asyncio.to_thread(lambda: list(pool.map(launch, range(20))))
    observer = RoomObserver()
    await observer.join(answers[0]["livekit_url"], answers[0]["token"])
    await asyncio.to_thread(stack.api.wait_for_turns, answers[0]["conversation_id"], 4)
    jobs = await stack.count_jobs(answers[0]["room_id"])
    end = await asyncio.to_thread(stack.api.wait_for_end, answers[0]["conversation_id"])
    await observer.leave()

    assert len({answer["conversation_id"] for answer in answers}) == 1
    assert jobs == {"dispatcher": 1, "driver": 1}
    assert observer.joins == {"Dispatcher": 1, "Driver": 1}
    assert (end["status"], end["end_reason"]) == ("ended", "agent_hung_up")
