"""Client events as the protocol allows them: strict types, no unknown keys, limits told by name."""

from typing import Annotated, Literal

from pydantic import Field

from rehearsal.item_bodies import InputItem, ItemBody
from rehearsal.settings_bodies import AudioPcm, Reasoning, SessionBody, ToolChoice, Tools, VoiceName
from rehearsal.strict import MAX_ITEMS, Id, MaxTokens, Modalities, Strict, Text


class ResponseOutput(Strict):
    """How one response speaks."""

    format: AudioPcm | None = None
    voice: VoiceName | None = None


class ResponseAudio(Strict):
    """The audio part of a response's overrides."""

    output: ResponseOutput | None = None


class ResponseBody(Strict):
    """What one response may do otherwise than the session."""

    conversation: Literal["auto", "none"] | None = None
    output_modalities: Modalities | None = None
    instructions: Text | None = None
    audio: ResponseAudio | None = None
    tools: Tools | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    max_output_tokens: MaxTokens | None = None
    input: Annotated[list[InputItem], Field(max_length=MAX_ITEMS)] | None = None
    metadata: (
        Annotated[
            dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]], Field(max_length=16)
        ]
        | None
    ) = None
    reasoning: Reasoning | None = None
    prompt: None = None


class ClientEvent(Strict):
    """Base of what the client sends."""

    event_id: Annotated[str, Field(max_length=512)] | None = None


class SessionUpdate(ClientEvent):
    """Change the session."""

    type: Literal["session.update"]
    session: SessionBody


class InputAudioBufferAppend(ClientEvent):
    """More audio, base64 PCM16 at 24 kHz."""

    type: Literal["input_audio_buffer.append"]
    audio: str


class InputAudioBufferCommit(ClientEvent):
    """The buffer is a turn."""

    type: Literal["input_audio_buffer.commit"]


class InputAudioBufferClear(ClientEvent):
    """Forget the buffer."""

    type: Literal["input_audio_buffer.clear"]


class ConversationItemCreate(ClientEvent):
    """Put an item into the conversation."""

    type: Literal["conversation.item.create"]
    item: ItemBody
    previous_item_id: Id | None = None


class ConversationItemDelete(ClientEvent):
    """Take an item out."""

    type: Literal["conversation.item.delete"]
    item_id: str


class ConversationItemRetrieve(ClientEvent):
    """Show an item."""

    type: Literal["conversation.item.retrieve"]
    item_id: str


class ConversationItemTruncate(ClientEvent):
    """Only this much of the item was heard."""

    type: Literal["conversation.item.truncate"]
    item_id: str
    content_index: Annotated[int, Field(ge=0)]
    audio_end_ms: Annotated[int, Field(ge=0)]


class ResponseCreate(ClientEvent):
    """Speak."""

    type: Literal["response.create"]
    response: ResponseBody | None = None


class ResponseCancel(ClientEvent):
    """Stop speaking."""

    type: Literal["response.cancel"]
    response_id: str | None = None
