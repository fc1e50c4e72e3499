"""Token counts, close enough to OpenAI's for meters and budgets to work."""

from collections.abc import Iterable
from dataclasses import dataclass

from rehearsal.conversation import Item
from rehearsal.item_bodies import FunctionCall, FunctionCallOutput
from rehearsal.settings_bodies import FunctionTool
from rehearsal.strict import Json

_HEARD_MS_PER_TOKEN = 100
_SPOKEN_MS_PER_TOKEN = 50
_CHARS_PER_TOKEN = 4


@dataclass(frozen=True)
class Tokens:
    """Tokens of one direction."""

    text: int = 0
    audio: int = 0

    @property
    def total(self) -> int:
        """Both kinds."""
        return self.text + self.audio

    def shared_with(self, other: "Tokens") -> "Tokens":
        """Give what both have: the beginning that a cache can hold."""
        return Tokens(min(self.text, other.text), min(self.audio, other.audio))


def text_tokens(text: str) -> int:
    """Count text."""
    return -(-len(text) // _CHARS_PER_TOKEN)


def spoken_tokens(audio_ms: int) -> int:
    """Count own speech."""
    return -(-audio_ms // _SPOKEN_MS_PER_TOKEN)


def heard_tokens(audio_ms: int) -> int:
    """Count the speech of the other side."""
    return -(-audio_ms // _HEARD_MS_PER_TOKEN)


def input_tokens(instructions: str, tools: Iterable[FunctionTool], items: Iterable[Item]) -> Tokens:
    """Count everything that one response reads and hears."""
    text = text_tokens(instructions) + sum(text_tokens(tool.model_dump_json()) for tool in tools)
    audio = 0
    for item in items:
        text += text_tokens(item_text(item))
        audio += heard_tokens(item.audio_ms)
    return Tokens(text, audio)


def item_text(item: Item) -> str:
    """Give all text of an item."""
    if isinstance(item.body, FunctionCall):
        return item.body.name + item.body.arguments
    if isinstance(item.body, FunctionCallOutput):
        return item.body.output
    parts = (getattr(part, "text", None) or getattr(part, "transcript", None) for part in item.body.content)
    return " ".join(part for part in parts if part)


def usage_json(heard: Tokens, cached: Tokens, said: Tokens) -> Json:
    """Give the usage of `response.done`."""
    return {
        "total_tokens": heard.total + said.total,
        "input_tokens": heard.total,
        "output_tokens": said.total,
        "input_token_details": {
            "text_tokens": heard.text,
            "audio_tokens": heard.audio,
            "image_tokens": 0,
            "cached_tokens": cached.total,
            "cached_tokens_details": {"text_tokens": cached.text, "audio_tokens": cached.audio, "image_tokens": 0},
        },
        "output_token_details": {"text_tokens": said.text, "audio_tokens": said.audio},
    }
