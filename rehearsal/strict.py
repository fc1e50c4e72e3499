"""The base of all protocol models, and the limits that they share."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Json = dict[str, object]

MAX_ITEMS = 1000  # in one event

Id = Annotated[str, Field(min_length=1, max_length=32)]  # OpenAI's limit for item and call ids
Text = Annotated[str, Field(max_length=1_000_000)]  # larger than any prompt, smaller than a frame
Modalities = Annotated[list[Literal["text", "audio"]], Field(min_length=1, max_length=1)]
MaxTokens = Annotated[int, Field(ge=1, le=4096)] | Literal["inf"]


class Strict(BaseModel):
    """Base of all: nothing coerced, nothing ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
