"""Tell the pages that follow a conversation, once what they are told is committed."""

from uuid import UUID

from django.db import transaction

from dispatchsim.domain.conversation import Role
from dispatchsim.gateways import live_feed


def announce_news(conversation_id: UUID) -> None:
    """Tell on commit that turns or status changed."""
    # robust: a channel layer that is away must not undo or fail what is stored; sockets also look by themselves.
    transaction.on_commit(lambda: live_feed.send_news(conversation_id), robust=True)


def announce_words(conversation_id: UUID, *, seq: int, speaker: Role, text: str) -> None:
    """Tell on commit what has been said so far of an unfinished turn."""
    words = live_feed.Words(seq=seq, speaker=speaker, text=text)
    transaction.on_commit(lambda: live_feed.send_words(conversation_id, words), robust=True)
