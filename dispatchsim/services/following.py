"""Follow a conversation from its rows: what a watcher has not been told yet."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User

from dispatchsim.domain.freight.verdict import Verdict
from dispatchsim.models import Conversation
from dispatchsim.services.status import StatusView, conversation_status
from dispatchsim.services.tool_uses import ToolUseView, find_tool_uses
from dispatchsim.services.transcript import TurnView, transcript, turns_changed_since, unfinished_turns
from dispatchsim.services.verdicts import find_verdict


@dataclass(frozen=True)
class News:
    """What is new; `cursor` is where to go on from."""

    cursor: int
    turns: list[TurnView]  # new or changed
    unfinished: list[TurnView]  # what is being said, for its words
    uses: list[ToolUseView]  # of tools, new ones
    status: StatusView
    verdict: Verdict | None = None  # once the call is over, where something was at stake


def find_news(conversation_id: UUID, *, cursor: int | None, after: int = 0, reader: User | None = None) -> News | None:
    """Read what is new since `cursor`, or at first (None) every turn above seq `after`; None without such a call.

    The status is told in words for `reader`.
    """
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if conversation is None:
        return None
    # The place is read before the turns: what changes in between is told twice rather than never.
    turns = transcript(conversation, after) if cursor is None else turns_changed_since(conversation, cursor)
    return News(
        cursor=conversation.last_event_seq,
        turns=turns,
        unfinished=unfinished_turns(conversation),
        uses=find_tool_uses(conversation, after=cursor or 0),
        status=conversation_status(conversation, reader=reader),
        verdict=find_verdict(conversation),
    )
