"""Opening the floor: nobody speaks before both can hear and, for a moment, before the listener can.

agent.ready, both ┬── listener subscribed (or none expected) ──► floor opens at once
                 └── 2 s without that listener ───────────────► floor opens
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from dispatchsim.domain.conversation import ConversationStatus
from dispatchsim.models import Conversation
from dispatchsim.services.control import push_control
from dispatchsim.services.event_log import lock_conversation, record_change

LISTENER_WAIT = timedelta(seconds=2)  # a browser subscribes in about one; a call without one must not wait


def open_floor_if_due(*, conversation_id: UUID, now: datetime) -> bool:
    """Open the floor if it is time; True for the one caller who opened it."""
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        if not is_floor_due(conversation, now=now):
            return False
        record_change(
            conversation,
            event_type="floor.opened",
            now=now,
            status=ConversationStatus.LIVE.value,
            floor_opened_at=now,
        )
    push_control(conversation, now=now)
    return True


def is_floor_due(conversation: Conversation, *, now: datetime) -> bool:
    """Tell whether both agents are ready and nobody has to be waited for any longer."""
    if conversation.status != ConversationStatus.LAUNCHING or conversation.agents_ready_at is None:
        return False
    if not conversation.expects_listener or conversation.listener_subscribed_at is not None:
        return True
    return now - conversation.agents_ready_at >= LISTENER_WAIT
