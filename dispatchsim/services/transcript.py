"""The transcript as API, pages and socket show it."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, JsonValue

from dispatchsim.domain.conversation import Role
from dispatchsim.models import Conversation, ToolUse, Turn
from dispatchsim.services.tool_words import describe_use


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


class ToolUseView(BaseModel):
    """One use of a tool, refused ones included. `at_s` is seconds since the floor opened."""

    model_config = ConfigDict(frozen=True)

    call_id: str
    role: Role
    name: str
    arguments: dict[str, JsonValue]
    result: dict[str, JsonValue]
    ok: bool
    at_s: float
    text: str  # for people


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


def tool_uses(conversation: Conversation) -> list[ToolUseView]:
    """List what both sides did with their tools, in order."""
    return [
        ToolUseView(
            call_id=use.call_id,
            role=Role(use.role),
            name=use.name,
            arguments=use.arguments,
            result=use.result,
            ok=use.result.get("ok") is True,
            at_s=round(use.at_s, 3),
            text=describe_use(use.name, use.arguments, use.result),
        )
        for use in ToolUse.objects.filter(conversation_id=conversation.pk).order_by("pk")
    ]


def put_in_order(turns: Iterable[TurnView], uses: Iterable[ToolUseView]) -> list[TurnView | ToolUseView]:
    """Put what was done between what was said, by time; turns keep their own order."""
    lines: list[TurnView | ToolUseView] = list(turns)
    for use in uses:
        place = next((i for i, line in enumerate(lines) if _begins_at_s(line) > use.at_s), len(lines))
        lines.insert(place, use)
    return lines


def _begins_at_s(line: TurnView | ToolUseView) -> float:
    return line.start_s if isinstance(line, TurnView) else line.at_s


def turns_changed_since(conversation: Conversation, changed_seq: int) -> list[TurnView]:
    """List the turns that are new or changed after a place in the event log; partial words do not count."""
    turns = Turn.objects.filter(conversation_id=conversation.pk, changed_seq__gt=changed_seq).order_by("seq")
    return [build_turn_view(turn) for turn in turns]


def unfinished_turns(conversation: Conversation) -> list[TurnView]:
    """List the turns that are being said just now."""
    turns = Turn.objects.filter(conversation_id=conversation.pk, is_final=False).order_by("seq")
    return [build_turn_view(turn) for turn in turns]
