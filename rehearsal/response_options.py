"""What one response works with: the session's settings, and over them what its own `response.create` says."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rehearsal.conversation import Conversation, Item
from rehearsal.ids import make_id
from rehearsal.item_bodies import InputItem, ItemReference
from rehearsal.messages import ResponseBody
from rehearsal.session_state import SessionState
from rehearsal.settings_bodies import FunctionTool, ToolChoice


@dataclass(frozen=True)
class ResponseOptions:
    """Settings of one response."""

    instructions: str
    modality: Literal["audio", "text"]
    voice: str
    speed: float
    tools: tuple[FunctionTool, ...]
    tool_choice: ToolChoice
    max_output_tokens: int | Literal["inf"]
    metadata: dict[str, str] | None
    is_in_conversation: bool
    items: tuple[Item, ...]  # the context


def build_options(body: ResponseBody, *, session: SessionState, conversation: Conversation) -> ResponseOptions:
    """Lay a response's own settings over the session's; raises ProtocolError for an unknown item."""
    settings, output = session.body, session.output
    voice = body.audio.output.voice if body.audio and body.audio.output else None
    modalities = body.output_modalities or settings.output_modalities or ["audio"]
    instructions = body.instructions if body.instructions is not None else settings.instructions
    return ResponseOptions(
        instructions=instructions or "",
        modality=modalities[0],
        voice=voice or output.voice or "marin",
        speed=output.speed or 1.0,
        tools=tuple(body.tools if body.tools is not None else settings.tools or ()),
        tool_choice=body.tool_choice or settings.tool_choice or "auto",
        max_output_tokens=body.max_output_tokens or settings.max_output_tokens or "inf",
        metadata=body.metadata,
        is_in_conversation=body.conversation != "none",
        items=tuple(conversation) if body.input is None else tuple(_named(body.input, conversation)),
    )


def _named(items: list[InputItem], conversation: Conversation) -> Iterator[Item]:
    for body in items:
        if isinstance(body, ItemReference):
            yield conversation.get(body.id, verb="retrieve")
        else:
            yield Item(body.id or make_id("item"), body)
