"""Deliver events that a process left behind because the web side was away."""

import logging

from agents.reporter import Answer, EventPost
from agents.spool import LeftBehind, find_left_behind, spool_folder
from dispatchsim.domain.events import MAX_EVENTS

logger = logging.getLogger("agents.leftovers")


async def deliver_left_behind() -> None:
    """Send each file whose process is gone; what cannot be sent now is tried again later."""
    for left in find_left_behind(spool_folder()):
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
            answer, _ = await post.send(list(left.events[start : start + MAX_EVENTS]))
            if answer is Answer.LATER:
                return False
    return True
