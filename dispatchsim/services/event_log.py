"""The conversation's row and its event log: locked, changed and told together."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from dispatchsim.domain.conversation import ConversationStatus
from dispatchsim.domain.errors import NotFoundError
from dispatchsim.models import Conversation, Event
from dispatchsim.services import live_feed

NO_PAYLOAD: Mapping[str, JsonValue] = {}


def lock_conversation(conversation_id: UUID) -> Conversation:
    """Read the row for a change, inside a transaction; web and supervisor both act on it."""
    try:
        return Conversation.objects.select_for_update().get(pk=conversation_id)
    except Conversation.DoesNotExist:
        raise NotFoundError("There is no such conversation.", hint="Look it up in the history.") from None


def record_change(
    conversation: Conversation,
    *,
    event_type: str,
    now: datetime,
    payload: Mapping[str, JsonValue] = NO_PAYLOAD,
    **changes: object,
) -> None:
    """Change fields of a locked row, log it as a system event, tell the pages on commit."""
    for name, value in changes.items():
        setattr(conversation, name, value)
    conversation.last_event_seq += 1
    conversation.save(update_fields=[*changes, "last_event_seq"])
    Event.objects.create(
        conversation=conversation, seq=conversation.last_event_seq, type=event_type, payload=dict(payload), at=now
    )
    live_feed.announce_news(conversation.pk)


def status_of(conversation: Conversation) -> ConversationStatus:
    """Read the row's status."""
    return ConversationStatus(conversation.status)
