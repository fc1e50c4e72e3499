"""What both sides did with their tools, as API, pages, socket and terminal show it: in place between the turns."""

import json
from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, JsonValue

from dispatchsim.domain.conversation import Role
from dispatchsim.models import Conversation, Event
from dispatchsim.services.tool_words import describe_use
from dispatchsim.services.transcript import TurnView

TOOL_CALLED = "tool.called"


class ToolUseView(BaseModel):
    """One use of a tool, refused ones included. `at_s` is seconds since the floor opened."""

    model_config = ConfigDict(frozen=True)

    log_seq: int  # place in the event log; no other use of the call has it
    call_id: str
    role: Role
    name: str
    arguments: dict[str, JsonValue]
    result: dict[str, JsonValue]
    ok: bool
    at_s: float
    text: str  # for people


def find_tool_uses(conversation: Conversation, *, after: int = 0) -> list[ToolUseView]:
    """List what was done after a place in the event log, in order."""
    called = Event.objects.filter(conversation_id=conversation.pk, type=TOOL_CALLED, seq__gt=after).exclude(role="")
    return [_build_view(event, conversation) for event in called.order_by("seq")]


def put_in_order(turns: Iterable[TurnView], uses: Iterable[ToolUseView]) -> list[TurnView | ToolUseView]:
    """Put what was done between what was said, by time; turns keep their own order.

    A use stands before the first turn that begins after it. `static/js/live/transcript.js` follows the same rule.
    """
    lines: list[TurnView | ToolUseView] = list(turns)
    for use in uses:
        place = next((i for i, line in enumerate(lines) if _begins_at_s(line) > use.at_s), len(lines))
        lines.insert(place, use)
    return lines


def _begins_at_s(line: TurnView | ToolUseView) -> float:
    return line.start_s if isinstance(line, TurnView) else line.at_s


def _build_view(event: Event, conversation: Conversation) -> ToolUseView:
    called = event.payload
    zero = conversation.floor_opened_at or event.at
    arguments = _read_arguments(called.get("arguments"))
    result = _read_result(called.get("result"))
    return ToolUseView(
        log_seq=event.seq,
        call_id=str(called.get("call_id", "")),
        role=Role(event.role),
        name=str(called.get("name", "")),
        arguments=arguments,
        result=result,
        ok=result.get("ok") is True,
        at_s=round(max(0.0, (event.at - zero).total_seconds()), 3),
        text=describe_use(str(called.get("name", "")), arguments, result),
    )


def _read_arguments(given: JsonValue) -> dict[str, JsonValue]:
    """Read arguments as the web side keeps them, or the JSON text of an agent's own tool."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return {"arguments": given}  # a model may say anything
    return given if isinstance(given, dict) else {}


def _read_result(told: JsonValue) -> dict[str, JsonValue]:
    """Read a result; what an agent's own tool says is done."""
    return told if isinstance(told, dict) else {"ok": True, "result": told}
