"""The mind: decides what one response says and calls, from instructions, tools and conversation alone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.conversation import Item
from rehearsal.item_bodies import AssistantMessage, FunctionCall, FunctionCallOutput, UserMessage
from rehearsal.part import Part, find_part
from rehearsal.script import Line, Step, next_line, recognise
from rehearsal.settings_bodies import FunctionTool, ToolChoice, ToolChoiceFunction
from rehearsal.strict import Json
from rehearsal.usage import item_text

END_CALL = "end_call"
_PLACEHOLDERS: dict[str, object] = {
    "string": "",
    "number": 0,
    "integer": 0,
    "boolean": False,
    "array": [],
    "object": {},
}


@dataclass(frozen=True)
class Call:
    """A function call to be made; arguments as JSON text."""

    name: str
    arguments: str


@dataclass(frozen=True)
class Reply:
    """What a response consists of."""

    line: Line | None
    call: Call | None = None
    delay_s: float = 0.0  # before the first word


@dataclass(frozen=True)
class Situation:
    """All that the mind may know."""

    instructions: str
    tools: Sequence[FunctionTool]
    tool_choice: ToolChoice
    items: Sequence[Item]
    seed: str = ""


def decide(situation: Situation) -> Reply:
    """Decide what to say next and which function to call."""
    demanded = _demanded_tool(situation)
    if demanded is not None:
        return Reply(None, Call(demanded.name, _arguments_for(demanded)))
    part = find_part(situation.instructions, extra_seed=situation.seed)
    line = next_line(
        part,
        said=_said(part, situation.items),
        is_addressed=any(isinstance(item.body, UserMessage) for item in situation.items),
    )
    return Reply(line, _hang_up(situation) if line.ends_call else None)


def _said(part: Part | None, items: Sequence[Item]) -> list[Step]:
    """Find the steps that were heard; own lines that a client tells are known by their text."""
    steps: list[Step] = []
    for item in items:
        if not isinstance(item.body, AssistantMessage):
            continue
        if item.spoken is not None:
            steps += [item.spoken.line.step] if item.spoken.is_heard else []
        elif part is not None and (step := recognise(part, item_text(item))) is not None:
            steps.append(step)
    return steps


def _hang_up(situation: Situation) -> Call | None:
    # A response to end_call's own output must not call it again, else the two would go on for ever.
    has_hung_up = bool(situation.items) and isinstance(situation.items[-1].body, FunctionCallOutput)
    if situation.tool_choice == "none" or has_hung_up:
        return None
    tool = next((tool for tool in situation.tools if tool.name == END_CALL), None)
    return None if tool is None else Call(tool.name, _arguments_for(tool))


def _demanded_tool(situation: Situation) -> FunctionTool | None:
    """Give the tool that the client insists on, unless its output just came back."""
    if isinstance(situation.tool_choice, ToolChoiceFunction):
        wanted = situation.tool_choice.name
        return next((tool for tool in situation.tools if tool.name == wanted), None)
    if situation.tool_choice != "required" or not situation.tools:
        return None
    called = {item.body.name for item in situation.items if isinstance(item.body, FunctionCall)}
    return next((tool for tool in situation.tools if tool.name not in called), situation.tools[0])


def _arguments_for(tool: FunctionTool) -> str:
    """Fill what the schema requires with values of the right type."""
    schema = tool.parameters or {}
    required, properties = schema.get("required"), schema.get("properties")
    if not isinstance(required, list) or not isinstance(properties, dict):
        return "{}"
    return json.dumps({name: _placeholder(properties.get(name)) for name in required if isinstance(name, str)})


def _placeholder(schema: object) -> object:
    if not isinstance(schema, dict):
        return None
    enum: object = schema.get("enum")
    if isinstance(enum, list) and enum:
        return enum[0]
    if "default" in schema:
        return schema["default"]
    kind: Json | object = schema.get("type")
    return _PLACEHOLDERS.get(kind) if isinstance(kind, str) else None
