"""What the agents of a call are told by room metadata: computed from the row, so that it can be told again."""

from datetime import datetime, timedelta
from functools import cache

import structlog
from django.conf import settings
from django.utils.crypto import salted_hmac

from dispatchsim.domain.control import RoomControl
from dispatchsim.domain.conversation import ConversationStatus, EndReason
from dispatchsim.domain.errors import UnavailableError
from dispatchsim.gateways.livekit import rooms
from dispatchsim.models import Conversation
from dispatchsim.services.budgets import is_budget_low

WRAP_UP_TURNS = 2  # one for each side: time for a goodbye
WRAP_UP_TIME = timedelta(seconds=20)  # about two turns

log = structlog.get_logger(__name__)


def build_control(conversation: Conversation, *, now: datetime) -> RoomControl:
    """Build what the agents of this call must know now."""
    is_ending = conversation.status == ConversationStatus.ENDING
    return RoomControl(
        floor_open=conversation.floor_opened_at is not None,
        ending=EndReason(conversation.end_reason) if is_ending else None,
        cut=conversation.is_cut,
        turns_left=WRAP_UP_TURNS if _should_wrap_up(conversation, now) else None,
        owner=room_owner(),
    )


def push_control(conversation: Conversation, *, now: datetime) -> None:
    """Tell the agents. What does not get through is told again by the supervisor."""
    try:
        rooms().set_metadata(name=str(conversation.pk), metadata=build_control(conversation, now=now).model_dump_json())
    except UnavailableError as error:
        log.warning("agents could not be told", conversation_id=str(conversation.pk), reason=error.message)


@cache
def room_owner() -> str:
    """Name this installation in the rooms that it makes, for two may share one LiveKit."""
    return salted_hmac("dispatchsim.room_owner", "", secret=settings.SECRET_KEY).hexdigest()[:16]


def _should_wrap_up(conversation: Conversation, now: datetime) -> bool:
    if conversation.status != ConversationStatus.LIVE or conversation.floor_opened_at is None:
        return False
    closes_at = conversation.floor_opened_at + timedelta(seconds=conversation.max_duration_s)
    is_long = conversation.last_turn_seq >= conversation.max_turns - WRAP_UP_TURNS or now >= closes_at - WRAP_UP_TIME
    return is_long or is_budget_low(conversation, now=now)
