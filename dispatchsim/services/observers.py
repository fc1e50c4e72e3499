"""People who listen: tokens for the room, and the word that a browser hears both sides."""

from dataclasses import dataclass, field
from uuid import UUID

from dispatchsim.models import Conversation


@dataclass(frozen=True)
class ObserverAccess:
    """Where and with what an observer's browser joins the room."""

    livekit_url: str
    token: str = field(repr=False)  # minutes, one room, hidden, subscribe-only


def observer_token(*, conversation: Conversation, observer: str) -> ObserverAccess:
    """Make a short-lived token for one room: hidden, subscribe-only, an identity of its own.

    `observer` names the person in LiveKit's own lists (a user name, `api`). Raises ConflictError for a finished call.
    """
    raise NotImplementedError


def listener_subscribed(*, conversation_id: UUID) -> None:
    """Note that a browser hears both tracks, and open the floor if both agents are ready."""
    raise NotImplementedError
