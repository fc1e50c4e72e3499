"""The transcript as API, pages and socket show it."""

from pydantic import BaseModel, ConfigDict

from dispatchsim.domain.conversation import Role
from dispatchsim.models import Conversation, Turn


class TurnView(BaseModel):
    """One turn. `start_s` and `end_s` are seconds since the floor opened."""

    model_config = ConfigDict(frozen=True)

    seq: int
    speaker: Role
    text: str
    heard_as: str | None  # None: not transcribed
    start_s: float
    end_s: float | None
    interrupted: bool
    response_latency_s: float | None
    item_id: str
    is_final: bool


def build_turn_view(turn: Turn) -> TurnView:
    """Shape one row for people and scripts."""
    return TurnView(
        seq=turn.seq,
        speaker=Role(turn.speaker),
        text=turn.text,
        heard_as=turn.heard_as,
        start_s=round(turn.start_s, 3),
        end_s=None if turn.end_s is None else round(turn.end_s, 3),
        interrupted=turn.interrupted,
        response_latency_s=None if turn.response_latency_s is None else round(turn.response_latency_s, 3),
        item_id=turn.item_id,
        is_final=turn.is_final,
    )


def transcript(conversation: Conversation, after: int = 0) -> list[TurnView]:
    """List the turns whose seq is above `after`, in order."""
    turns = Turn.objects.filter(conversation_id=conversation.pk, seq__gt=after).order_by("seq")
    return [build_turn_view(turn) for turn in turns]


def turns_changed_since(conversation: Conversation, changed_seq: int) -> list[TurnView]:
    """List the turns that are new or changed after a place in the event log; partial words do not count."""
    turns = Turn.objects.filter(conversation_id=conversation.pk, changed_seq__gt=changed_seq).order_by("seq")
    return [build_turn_view(turn) for turn in turns]


def unfinished_turns(conversation: Conversation) -> list[TurnView]:
    """List the turns that are being said just now."""
    turns = Turn.objects.filter(conversation_id=conversation.pk, is_final=False).order_by("seq")
    return [build_turn_view(turn) for turn in turns]
