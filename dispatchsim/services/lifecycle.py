"""The one owner of hanging up: every end of a call goes through here."""

from uuid import UUID

from dispatchsim.domain.conversation import EndReason
from dispatchsim.models import Conversation


def end_conversation(*, conversation_id: UUID, reason: EndReason, detail: str = "", cut: bool = False) -> Conversation:
    """End a call: agents finish their sentence and leave (`cut`: at once), then the room is deleted.

    Idempotent: the first reason stays. Raises NotFoundError for an unknown conversation.
    """
    raise NotImplementedError


def finish_conversation(*, conversation_id: UUID) -> Conversation:
    """Delete the room, close open turns and set the final status. Idempotent."""
    raise NotImplementedError
