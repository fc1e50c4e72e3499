"""One response: its events in OpenAI's order, whatever way it ends.

response.created · rate_limits.updated
  response.output_item.added · conversation.item.added · response.content_part.added
    response.output_audio_transcript.delta, response.output_audio.delta …      (or output_text.delta)
  the .done of each · response.content_part.done · response.output_item.done · conversation.item.done
  response.output_item.added · … function_call_arguments.delta, .done · response.output_item.done
response.done
"""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from rehearsal.audio import duration_ms
from rehearsal.conversation import Conversation, Item, Spoken
from rehearsal.ids import make_id
from rehearsal.item_bodies import AssistantMessage, FunctionCall, OutputAudio, OutputText
from rehearsal.response_options import ResponseOptions
from rehearsal.script import Line
from rehearsal.strict import Json
from rehearsal.usage import Tokens, spoken_tokens, text_tokens, usage_json

_ON_ITS_WAY_S = 0.5  # to an ear at the other end and back: nobody answers sooner

Emit = Callable[[str, Json], None]
Status = Literal["in_progress", "completed", "cancelled", "incomplete", "failed"]
Reason = Literal["turn_detected", "client_cancelled", "max_output_tokens"]


@dataclass
class _Message:
    """The message that is being spoken."""

    item: Item
    spoken: Spoken
    index: int
    text: list[str] = field(default_factory=list)


class ResponseRun:
    """Emits the events of one response; after `finish` everything else is without effect."""

    def __init__(
        self,
        options: ResponseOptions,
        *,
        conversation: Conversation,
        emit: Emit,
        heard: Tokens,
        cached: Tokens,
    ) -> None:
        self.id = make_id("resp")
        self.options = options
        self.status: Status = "in_progress"
        self._conversation = conversation
        self._emit = emit
        self._heard = heard
        self._cached = cached
        self._output: list[Item] = []
        self._message: _Message | None = None
        self._said = Tokens()
        self._sound_began_at: float | None = None
        self._sound_ms = 0

    def is_playing(self, now: float) -> bool:
        """Tell whether a client who plays the sound as it comes still plays it; `now` is of `time.monotonic`."""
        if self._sound_began_at is None or self.status == "cancelled":
            return False
        return now < self._sound_began_at + self._sound_ms / 1000 + _ON_ITS_WAY_S

    @property
    def is_done(self) -> bool:
        """Whether `response.done` was sent."""
        return self.status != "in_progress"

    @property
    def is_over_budget(self) -> bool:
        """Whether `max_output_tokens` is used up."""
        limit = self.options.max_output_tokens
        return limit != "inf" and self._said.total >= limit

    def begin(self) -> None:
        """Announce the response."""
        self._emit("response.created", {"response": self._to_json()})
        self._emit("rate_limits.updated", {"rate_limits": _RATE_LIMITS})

    def open_message(self, line: Line) -> None:
        """Start the message that speaks a line."""
        body = AssistantMessage(type="message", role="assistant", content=[])
        item = Item(make_id("item"), body, status="in_progress", spoken=Spoken(line))
        self._message = _Message(item, item.spoken or Spoken(line), index=self._open_item(item))
        part = {"type": "audio", "transcript": ""} if self._is_audio else {"type": "text", "text": ""}
        self._emit("response.content_part.added", {**self._at_content(self._message), "part": part})

    def say(self, words: str, pcm: bytes) -> None:
        """Send the next words with their sound; text responses have no sound."""
        message = self._message
        if message is None:
            return
        if words:
            message.text.append(words)
            kind = "response.output_audio_transcript.delta" if self._is_audio else "response.output_text.delta"
            self._emit(kind, {**self._at_content(message), "delta": words})
        if pcm:
            self._sound_began_at = self._sound_began_at or time.monotonic()
            self._sound_ms += duration_ms(pcm)
            delta = base64.b64encode(pcm).decode("ascii")
            self._emit("response.output_audio.delta", {**self._at_content(message), "delta": delta})
        message.item.audio_ms += duration_ms(pcm)
        message.spoken.marks.append((message.item.audio_ms, sum(map(len, message.text))))
        self._count()

    def close_message(self, status: Literal["completed", "incomplete"] = "completed") -> None:
        """End the message that is open, if one is."""
        message, self._message = self._message, None
        if message is None:
            return
        text, where = "".join(message.text), self._at_content(message)
        if self._is_audio:
            self._emit("response.output_audio.done", where)
            self._emit("response.output_audio_transcript.done", {**where, "transcript": text})
        else:
            self._emit("response.output_text.done", {**where, "text": text})
        part = {"type": "audio", "transcript": text} if self._is_audio else {"type": "text", "text": text}
        self._emit("response.content_part.done", {**where, "part": part})
        said = OutputAudio(type="output_audio", transcript=text) if self._is_audio else _output_text(text)
        message.item.body = AssistantMessage(type="message", role="assistant", content=[said])
        self._close_item(message.item, message.index, status)

    def call_function(self, name: str, arguments: str) -> None:
        """Call a function in an output item of its own."""
        call_id = make_id("call")
        body = FunctionCall(type="function_call", name=name, arguments="", call_id=call_id)
        item = Item(make_id("item"), body, status="in_progress")
        index = self._open_item(item)
        where = {"response_id": self.id, "item_id": item.id, "output_index": index, "call_id": call_id}
        self._emit("response.function_call_arguments.delta", {**where, "delta": arguments})
        self._emit("response.function_call_arguments.done", {**where, "name": name, "arguments": arguments})
        item.body = body.model_copy(update={"arguments": arguments})
        self._close_item(item, index, "completed")
        self._said = Tokens(self._said.text + text_tokens(name + arguments), self._said.audio)

    def finish(self, status: Status, *, reason: Reason | None = None, error: Json | None = None) -> None:
        """Close what is open and send `response.done`, once."""
        if self.is_done:
            return
        self.close_message("completed" if status == "completed" else "incomplete")
        self.status = status
        details: Json | None = None
        if status != "completed":
            details = {"type": status, **({"reason": reason} if reason else {}), **({"error": error} if error else {})}
        usage = usage_json(self._heard, self._cached, self._said)
        self._emit("response.done", {"response": self._to_json(status_details=details, usage=usage)})

    @property
    def _is_audio(self) -> bool:
        return self.options.modality == "audio"

    def _open_item(self, item: Item) -> int:
        self._output.append(item)
        index = len(self._output) - 1
        where: Json = {"response_id": self.id, "output_index": index}
        self._emit("response.output_item.added", {**where, "item": item.to_json()})
        if self.options.is_in_conversation:
            previous_id = self._conversation.add(item)
            self._emit("conversation.item.added", {"previous_item_id": previous_id, "item": item.to_json()})
        return index

    def _close_item(self, item: Item, index: int, status: Literal["completed", "incomplete"]) -> None:
        item.status = status
        where: Json = {"response_id": self.id, "output_index": index}
        self._emit("response.output_item.done", {**where, "item": item.to_json()})
        if self.options.is_in_conversation and item in self._conversation:
            previous_id = self._conversation.previous_id(item)
            self._emit("conversation.item.done", {"previous_item_id": previous_id, "item": item.to_json()})

    def _at_content(self, message: _Message) -> Json:
        return {
            "response_id": self.id,
            "item_id": message.item.id,
            "output_index": message.index,
            "content_index": 0,
        }

    def _count(self) -> None:
        if self._message is not None:
            text = text_tokens("".join(self._message.text))
            self._said = Tokens(text, spoken_tokens(self._message.item.audio_ms))

    def _to_json(self, *, status_details: Json | None = None, usage: Json | None = None) -> Json:
        options = self.options
        output: Json = {"format": {"type": "audio/pcm", "rate": 24000}, "voice": options.voice}
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": self.status,
            "status_details": status_details,
            "output": [item.to_json() for item in self._output] if self.is_done else [],
            "conversation_id": self._conversation.id if options.is_in_conversation else None,
            "output_modalities": [options.modality],
            "max_output_tokens": options.max_output_tokens,
            "audio": {"output": output},
            "usage": usage,
            "metadata": options.metadata,
        }


def _output_text(text: str) -> OutputText:
    return OutputText(type="output_text", text=text)


# Nothing is limited here; clients that watch the figures see them stand.
_RATE_LIMITS: list[Json] = [
    {"name": "requests", "limit": 10_000, "remaining": 9_999, "reset_seconds": 0.0},
    {"name": "tokens", "limit": 1_000_000, "remaining": 999_000, "reset_seconds": 0.0},
]
