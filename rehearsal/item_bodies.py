"""Items of a conversation as the protocol writes them."""

from typing import Annotated, Literal

from pydantic import Field

from rehearsal.strict import MAX_ITEMS, Id, Strict, Text


class InputText(Strict):
    """Text of a user or the system."""

    type: Literal["input_text"]
    text: Text


class InputAudio(Strict):
    """Audio of a user, base64 PCM16."""

    type: Literal["input_audio"]
    audio: str | None = None
    transcript: Text | None = None


class InputImage(Strict):
    """A picture; kept, never looked at."""

    type: Literal["input_image"]
    image_url: str
    detail: Literal["auto", "low", "high"] | None = None


class OutputText(Strict):
    """Text of the model."""

    type: Literal["output_text"]
    text: Text


class OutputAudio(Strict):
    """Speech of the model, told by its transcript."""

    type: Literal["output_audio"]
    audio: str | None = None
    transcript: Text | None = None


class _ItemBody(Strict):
    id: Id | None = None
    object: Literal["realtime.item"] | None = None
    status: Literal["completed", "incomplete", "in_progress"] | None = None


class UserMessage(_ItemBody):
    """What the other side said or wrote."""

    type: Literal["message"]
    role: Literal["user"]
    content: Annotated[
        list[Annotated[InputText | InputAudio | InputImage, Field(discriminator="type")]], Field(max_length=MAX_ITEMS)
    ]


class AssistantMessage(_ItemBody):
    """What the model said before, as told by the client."""

    type: Literal["message"]
    role: Literal["assistant"]
    content: Annotated[
        list[Annotated[OutputText | OutputAudio, Field(discriminator="type")]], Field(max_length=MAX_ITEMS)
    ]


class SystemMessage(_ItemBody):
    """A note of the application to the model."""

    type: Literal["message"]
    role: Literal["system"]
    content: Annotated[list[InputText], Field(max_length=MAX_ITEMS)]


class FunctionCall(_ItemBody):
    """A call of a function tool."""

    type: Literal["function_call"]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    arguments: Text
    call_id: Id | None = None


class FunctionCallOutput(_ItemBody):
    """What a function tool gave."""

    type: Literal["function_call_output"]
    call_id: Id
    output: Text


class ItemReference(Strict):
    """An item of the conversation, named in the input of one response."""

    type: Literal["item_reference"]
    id: Id


Message = Annotated[UserMessage | AssistantMessage | SystemMessage, Field(discriminator="role")]
ItemBody = Annotated[Message | FunctionCall | FunctionCallOutput, Field(discriminator="type")]
InputItem = Annotated[Message | FunctionCall | FunctionCallOutput | ItemReference, Field(discriminator="type")]
