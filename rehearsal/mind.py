"""The mind: decides what one response says and calls, from instructions, tools and conversation alone.

Where something of the other side was recognised or written, it holds a dialogue (`rehearsal.dialogue`); where nothing
ever was, it says its part in the order of the load sheet (`rehearsal.script`).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.conversation import Item
from rehearsal.dialogue.acts import Act as DialogueAct
from rehearsal.dialogue.acts import Kind
from rehearsal.dialogue.plan import next_move
from rehearsal.dialogue.retelling import heard_text, tell_again
from rehearsal.dialogue.voicing import put_into_words
from rehearsal.item_bodies import AssistantMessage, FunctionCall, FunctionCallOutput, UserMessage
from rehearsal.part import Part, Role, find_part
from rehearsal.script import Act, Line, Step, next_line, recognise
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
    failure: str = ""  # error code of a response that fails instead


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
    if part is not None and _can_talk(part, situation.items):
        return _talk(part, situation)
    return _say_the_part(part, situation)


def _can_talk(part: Part, items: Sequence[Item]) -> bool:
    """Tell whether there is anything to go by: words of the other side, or nothing said yet by anybody."""
    if not items:
        return part.call_kind != "" or (part.role is Role.DISPATCHER and part.opens_the_call)
    is_opening = part.call_kind != "" and not any(isinstance(item.body, UserMessage) for item in items)
    return is_opening or any(isinstance(item.body, UserMessage) and heard_text(item) for item in items)


def _talk(part: Part, situation: Situation) -> Reply:
    """Hold the dialogue: what was said and done so far gives the next move, the move its words."""
    may_call = situation.tool_choice != "none"
    names = [tool.name for tool in situation.tools] if may_call else []
    state = tell_again(part, names, situation.items)
    move = next_move(state)
    if move.tool:
        return Reply(None, Call(move.tool, json.dumps(move.arguments)))
    hang_up = _hang_up(situation) if move.ends_call else None
    if not move.acts and hang_up is not None:
        return Reply(None, hang_up)
    sentences, acts = put_into_words(state, move.acts or (DialogueAct(Kind.CLOSE, flag="bye"),))
    # In a call whose ears fail later on, the blind script goes on after this step.
    step = Step(Act.FAREWELL if move.ends_call else Act.GREET)
    return Reply(Line(step, sentences, len(sentences) - 1, ends_call=move.ends_call, acts=acts), hang_up)


def _say_the_part(part: Part | None, situation: Situation) -> Reply:
    """Say the next step of the script, whatever the other side has said."""
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
