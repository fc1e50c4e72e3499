"""Tokens, the measure in which a voice model counts what it heard and said."""

from pydantic import BaseModel, ConfigDict, Field


class Tokens(BaseModel):
    """Tokens by kind. Cached ones are input that the model had read before: a part of the input tokens."""

    model_config = ConfigDict(frozen=True)

    input_text_tokens: int = Field(default=0, ge=0)
    input_audio_tokens: int = Field(default=0, ge=0)
    cached_text_tokens: int = Field(default=0, ge=0)
    cached_audio_tokens: int = Field(default=0, ge=0)
    output_text_tokens: int = Field(default=0, ge=0)
    output_audio_tokens: int = Field(default=0, ge=0)

    def __add__(self, other: "Tokens") -> "Tokens":
        """Add up, kind by kind."""
        return Tokens(**{name: getattr(self, name) + getattr(other, name) for name in Tokens.model_fields})
