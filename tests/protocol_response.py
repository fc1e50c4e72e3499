"""Where one response of the Realtime protocol stands, and what is wrong with the event that comes next:

response.created
  output_item.added ─► conversation.item.added ─► content_part.added ─► deltas ─► .done of each
    ─► content_part.done ─► output_item.done                                    (for each item, one at a time)
response.done
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class OutputItem:
    """One item of a response, as far as it has been told."""

    id: str
    kind: str
    part: str = ""  # the open part's type
    text: str = ""
    open_streams: set[str] = field(default_factory=set)  # what still needs its .done
    is_closed: bool = False  # its part or arguments are complete


@dataclass
class ResponseProgress:
    """Where one response stands."""

    id: str
    is_in_conversation: bool
    metadata: object
    is_done: bool = False
    items: list[OutputItem] = field(default_factory=list)
    open_item: OutputItem | None = None

    def follow(self, event: Json, known_items: set[str]) -> Iterator[str]:
        """Take the next event; yield what is wrong with it."""
        kind = event["type"].removeprefix("response.")
        if kind == "done":
            yield from self._on_done(event)
            return
        if kind == "output_item.added":
            yield from self._on_item_added(event)
            return
        item = self.open_item
        if item is None or event.get("item_id", event.get("item", {}).get("id")) != item.id:
            yield "not the item that is open"
            return
        if event["output_index"] != len(self.items) - 1 or event.get("content_index", 0) != 0:
            yield "wrong output_index or content_index"
        if self.is_in_conversation and item.id not in known_items:
            known_items.add(item.id)  # told once
            yield "its item is not in the conversation yet"
        yield from _STEPS[kind](self, item, event)

    def _on_item_added(self, event: Json) -> Iterator[str]:
        if self.open_item is not None:
            yield "the item before is still open"
        if event["output_index"] != len(self.items):
            yield "output_index does not count up"
        if event["item"]["status"] != "in_progress":
            yield "its status is not in_progress"
        self.open_item = OutputItem(event["item"]["id"], event["item"]["type"])
        self.items.append(self.open_item)

    def _on_done(self, event: Json) -> Iterator[str]:
        body = event["response"]
        self.is_done = True
        if self.open_item is not None:
            yield "an item is still open"
        if body["status"] == "in_progress":
            yield "its status is not final"
        if body["status"] != "completed" and not body["status_details"]:
            yield "no status_details tell why"
        if [item["id"] for item in body["output"]] != [item.id for item in self.items]:
            yield "its output is not the items that were sent"
        if body.get("metadata") != self.metadata:
            yield "its metadata changed"
        yield from _problems_of_usage(body["usage"])

    def on_part_added(self, item: OutputItem, event: Json) -> Iterator[str]:
        """Open the part."""
        if item.part or item.kind != "message":
            yield "a part that does not belong here"
        item.part = event["part"]["type"]
        item.open_streams = {"output_audio", "output_audio_transcript"} if item.part == "audio" else {"output_text"}

    def on_delta(self, item: OutputItem, event: Json) -> Iterator[str]:
        """Collect text, look at sound."""
        stream = event["type"].split(".")[1]
        if stream not in item.open_streams:
            yield "its part is not open"
        if stream == "output_audio":
            pcm = base64.b64decode(event["delta"], validate=True)
            if not pcm or len(pcm) % 2:
                yield "not whole samples"
            return
        item.text += event["delta"]

    def on_stream_done(self, item: OutputItem, event: Json) -> Iterator[str]:
        """Close one stream of the part."""
        stream = event["type"].split(".")[1]
        if stream not in item.open_streams:
            yield "its part is not open"
        item.open_streams.discard(stream)
        if event.get("transcript", event.get("text", item.text)) != item.text:
            yield "its text is not what its deltas said"

    def on_part_done(self, item: OutputItem, event: Json) -> Iterator[str]:
        """Close the part."""
        part = event["part"]
        if item.open_streams:
            yield "a stream of the part is still open"
        if part["type"] != item.part or part.get("transcript", part.get("text")) != item.text:
            yield "not the part that was sent"
        item.is_closed = True

    def on_arguments_delta(self, item: OutputItem, event: Json) -> Iterator[str]:
        """Collect the arguments."""
        if item.kind != "function_call" or item.is_closed:
            yield "no function call is open"
        item.text += event["delta"]

    def on_arguments_done(self, item: OutputItem, event: Json) -> Iterator[str]:
        """Close the arguments."""
        if event["arguments"] != item.text:
            yield "not the arguments that the deltas said"
        item.is_closed = True

    def on_item_done(self, item: OutputItem, event: Json) -> Iterator[str]:
        """Close the item."""
        if not item.is_closed:
            yield "its content is still open"
        if event["item"]["status"] == "in_progress":
            yield "its status is not final"
        if item.kind == "function_call" and event["item"]["arguments"] != item.text:
            yield "not the arguments that the deltas said"
        self.open_item = None


_STEPS: dict[str, Callable[[ResponseProgress, OutputItem, Json], Iterator[str]]] = {
    "content_part.added": ResponseProgress.on_part_added,
    "output_audio.delta": ResponseProgress.on_delta,
    "output_audio_transcript.delta": ResponseProgress.on_delta,
    "output_text.delta": ResponseProgress.on_delta,
    "output_audio.done": ResponseProgress.on_stream_done,
    "output_audio_transcript.done": ResponseProgress.on_stream_done,
    "output_text.done": ResponseProgress.on_stream_done,
    "content_part.done": ResponseProgress.on_part_done,
    "function_call_arguments.delta": ResponseProgress.on_arguments_delta,
    "function_call_arguments.done": ResponseProgress.on_arguments_done,
    "output_item.done": ResponseProgress.on_item_done,
}


def _problems_of_usage(usage: Json) -> Iterator[str]:
    heard, said = usage["input_token_details"], usage["output_token_details"]
    if usage["total_tokens"] != usage["input_tokens"] + usage["output_tokens"]:
        yield "its tokens do not add up"
    if usage["input_tokens"] != heard["text_tokens"] + heard["audio_tokens"] + heard.get("image_tokens", 0):
        yield "its input tokens do not add up"
    if usage["output_tokens"] != said["text_tokens"] + said["audio_tokens"]:
        yield "its output tokens do not add up"
    if heard["cached_tokens"] > usage["input_tokens"]:
        yield "more is cached than was read"
