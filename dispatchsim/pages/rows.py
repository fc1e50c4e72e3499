"""Calls as lists of calls show them."""

from dataclasses import dataclass
from datetime import datetime

from dispatchsim.domain.conversation import ConversationStatus
from dispatchsim.models import Conversation
from dispatchsim.services.history import Match


@dataclass(frozen=True)
class Row:
    """One call of a list. A length of None: the two were never connected, or not yet."""

    call: Conversation
    is_over: bool
    length_s: float | None
    verdict: str  # the joint result; empty: none, or not yet
    cost: str
    match: Match | None = None  # what a search found in it


def build_row(call: Conversation, *, now: datetime, cost: str = "", match: Match | None = None) -> Row:
    """Build the row of a call as it is now."""
    is_over = ConversationStatus(call.status).is_final
    return Row(
        call=call,
        is_over=is_over,
        length_s=call.duration_s if is_over else _length_so_far_s(call, now=now),
        verdict=(call.verdict or {}).get("joint", ""),
        cost=cost,
        match=match,
    )


def _length_so_far_s(call: Conversation, *, now: datetime) -> float | None:
    if call.floor_opened_at is None:
        return None
    return max(0.0, (now - call.floor_opened_at).total_seconds())
