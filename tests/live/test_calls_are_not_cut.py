"""The room never ends a call by itself, whoever listens or does not."""

import asyncio

from tests.live.room_observer import RoomObserver
from tests.live.stack import AGENT_SERVERS, SHORT_SCENARIO, Stack


def test_two_unobserved_calls_at_once_end_by_themselves(stack: Stack) -> None:
    """F7: nobody listens."""
    calls = [stack.api.create(SHORT_SCENARIO), stack.api.create(SHORT_SCENARIO)]

    ends = [stack.api.wait_for_end(call) for call in calls]

    assert [(end["status"], end["end_reason"]) for end in ends] == [("ended", "agent_hung_up")] * 2


async def test_a_call_outlives_an_observer_who_comes_and_goes(stack: Stack) -> None:
    """F7: LiveKit's departure timeout must not end it."""
    created = stack.api.post("conversations/create", {"scenario": SHORT_SCENARIO})
    observer = RoomObserver()
    await observer.join(created["livekit_url"], created["token"])
    await asyncio.to_thread(stack.api.wait_for_turns, created["conversation_id"], 2)

    await observer.leave()
    turns_at_leaving = stack.api.status(created["conversation_id"])["turns"]
    end = await asyncio.to_thread(stack.api.wait_for_end, created["conversation_id"])

    assert (end["status"], end["end_reason"]) == ("ended", "agent_hung_up")
    assert end["turns"] >= turns_at_leaving + 4


async def test_an_observer_who_comes_before_the_agents_is_not_taken_for_the_peer(own_stack: Stack) -> None:
    """F8: each agent links to its peer and hears it."""
    own_stack.start("media", "rehearsal", "web", "supervisor")
    own_stack.wait_ready(without=AGENT_SERVERS)
    created = own_stack.api.post("conversations/create", {"scenario": SHORT_SCENARIO})
    observer = RoomObserver()
    await observer.join(created["livekit_url"], created["token"])

    own_stack.start("agents")
    end = await asyncio.to_thread(own_stack.api.wait_for_end, created["conversation_id"])
    await observer.leave()

    assert (end["status"], end["end_reason"]) == ("ended", "agent_hung_up")
    assert end["turns"] >= 8
    assert all(side.energy()[-1].total > 0 for side in observer.sides.values())
    assert observer.joins == {"Dispatcher": 1, "Driver": 1}
