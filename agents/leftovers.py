"""Deliver events that a process left behind because the web side was away."""

import logging
import time

from agents.config import read_data_folder
from agents.reporter import Answer, EventPost
from agents.spool import LeftBehind, find_left_behind, spool_folder
from dispatchsim.domain.events import MAX_EVENTS, AgentEvent, Heartbeat

logger = logging.getLogger("agents.leftovers")


async def deliver_left_behind() -> None:
    """Send each file whose process is gone; what cannot be sent now is tried again later."""
    for left in find_left_behind(spool_folder(read_data_folder()), now=time.time()):
        is_delivered = False
        try:
            is_delivered = await _deliver(left)
        finally:  # also when the agent server stops meanwhile
            left.spool.close(is_delivered=is_delivered)
        if is_delivered:
            logger.info(
                "delivered events of a process that is gone",
                extra={"conversation_id": left.address.conversation_id, "role": left.address.role},
            )


async def _deliver(left: LeftBehind) -> bool:
    async with EventPost(left.address) as post:
        for start in range(0, len(left.events), MAX_EVENTS):
            if not await _send(post, list(left.events[start : start + MAX_EVENTS])):
                return False
    return True


async def _send(post: EventPost, events: list[AgentEvent]) -> bool:
    """Send a batch; one that is refused goes event by event, with a heartbeat for each that is never taken."""
    answer, _ = await post.send(events)
    if answer is not Answer.REFUSED:
        return answer is not Answer.LATER
    if len(events) == 1:
        answer, _ = await post.send([Heartbeat(seq=events[0].seq, at=events[0].at)])
        return answer is not Answer.LATER
    for event in events:
        if not await _send(post, [event]):
            return False
    return True
