"""People who listen: tokens for the room, and the word that a browser hears both sides."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from dispatchsim.domain.conversation import ConversationStatus
from dispatchsim.domain.errors import ConflictError
from dispatchsim.gateways.livekit import build_observer_token
from dispatchsim.models import Conversation
from dispatchsim.services.event_log import lock_conversation, record_change, status_of
from dispatchsim.services.floor import open_floor_if_due


@dataclass(frozen=True)
class ObserverAccess:
    """Where and with what an observer's browser joins the room."""

    livekit_url: str
    token: str = field(repr=False)  # minutes, one room, hidden, subscribe-only


def observer_token(*, conversation: Conversation, observer: str) -> ObserverAccess:
    """Make a short-lived token for one room: hidden, subscribe-only, an identity of its own.

    `observer` names the person in LiveKit's own lists (a user name, `api`). Raises ConflictError for a finished call.
    """
    if status_of(conversation).is_final:
        raise ConflictError("The call is over; there is nothing left to listen to.", hint="Read its transcript.")
    # Two tabs of one person must not evict each other.
    identity = f"observer-{observer[:60]}-{secrets.token_hex(4)}"
    token = build_observer_token(room=str(conversation.pk), identity=identity, name=observer[:100])
    return ObserverAccess(livekit_url=settings.LIVEKIT_URL, token=token)


def listener_subscribed(*, conversation_id: UUID, listener: User | None) -> None:
    """Note that the one who is waited for hears both tracks, and open the floor if both agents are ready.

    That is who launched the call: others may be quicker and must not cost them the first word. A call that a script
    launched waits for whoever comes.
    """
    now = timezone.now()
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        is_waited_for = conversation.status == ConversationStatus.LAUNCHING
        if not is_waited_for or conversation.listener_subscribed_at is not None:
            return
        if conversation.launched_by not in (None, listener):
            return
        record_change(conversation, event_type="listener.subscribed", now=now, listener_subscribed_at=now)
    open_floor_if_due(conversation_id=conversation_id, now=now)
