"""The Channels group of a conversation: a hint that there is news, never the news itself (words excepted)."""

from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from pydantic import BaseModel, ConfigDict

from dispatchsim.domain.conversation import Role

NEWS = "feed.news"
WORDS = "feed.words"


class Words(BaseModel):
    """The text of an unfinished turn so far."""

    model_config = ConfigDict(frozen=True)

    seq: int
    speaker: Role
    text: str


def group_name(conversation_id: UUID) -> str:
    """Name the group that the sockets of a conversation are in."""
    return f"conversation.{conversation_id}"


def send_news(conversation_id: UUID) -> None:
    """Tell the sockets to look at the rows."""
    _send(conversation_id, {"type": NEWS})


def send_words(conversation_id: UUID, words: Words) -> None:
    """Pass on partial text; lost words do no harm, for the next ones hold the whole text."""
    _send(conversation_id, {"type": WORDS, "words": words.model_dump(mode="json")})


def _send(conversation_id: UUID, message: dict[str, object]) -> None:
    layer = get_channel_layer()
    if layer is not None:
        async_to_sync(layer.group_send)(group_name(conversation_id), message)
