"""What of the voice model's frames may pass to the plugin: each event once, whole, and in its time.

The plugin ends the session for good over one frame that is no JSON object, and plays a repeated piece of sound twice.
So what no well-behaved model sends is dropped here, before anybody counts, plays or writes it down. And of a response
whose end was lost it would say the rest before anything else, for ever: the next one ends it.
"""

import json
import logging
from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Any, cast

import aiohttp

MAX_REMEMBERED = 4096  # event ids and ends; a response has a few hundred events

_NAMED_BY_RESPONSE = ("response.created", "response.done")

logger = logging.getLogger("agents.frame_gate")


class FrameGate:
    """Judges the frames of one connection."""

    def __init__(self) -> None:
        self._seen = _Memory()  # ids of events, and of responses that were begun
        self._over = _Memory()  # responses that are done, and streams of items that are
        self._open = ""  # response that has not ended

    def pass_on(self, frame: str) -> tuple[str, ...]:
        """Give the frames that take the place of this one: none, it alone, or the missing end before it."""
        event = _read(frame)
        if event is None or not self._admits(event):
            return ()
        kind = event["type"]
        if kind == "response.done" and _response_id(event) == self._open:
            self._open = ""
        if kind != "response.created":
            return (frame,)
        lost, self._open = self._open, _response_id(event)
        if not lost:
            return (frame,)
        self._over.add(("response", lost))
        return (_build_end(lost), frame)

    def _admits(self, event: dict[str, Any]) -> bool:
        kind, event_id = event["type"], event.get("event_id")
        if isinstance(event_id, str) and not self._seen.add(("event", event_id)):
            return False
        return self._is_in_time(kind, event) if kind.startswith("response.") else True

    def _is_in_time(self, kind: str, event: dict[str, Any]) -> bool:
        response_id = _response_id(event)
        if ("response", response_id) in self._over or (not response_id and kind in _NAMED_BY_RESPONSE):
            return False
        if kind == "response.created":
            return self._seen.add(("response", response_id))
        if kind == "response.done":
            self._over.add(("response", response_id))
        if kind == "response.output_item.done":
            return self._end_item(event)
        stream, _, step = kind.rpartition(".")
        if step == "delta":
            return _is_whole(event) and (stream, event["item_id"]) not in self._over
        if step == "done":
            self._over.add((stream, str(event.get("item_id"))))
        return True

    def _end_item(self, event: dict[str, Any]) -> bool:
        item = event.get("item")
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            return False
        for stream in ("response.output_audio", "response.output_audio_transcript"):
            self._over.add((stream, item["id"]))
        return self._over.add(("item", item["id"]))


class GatedConnection:
    """A connection whose broken, repeated and late frames are dropped; all else is the connection's own."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self._connection = connection
        self._gate = FrameGate()
        self._waiting: deque[aiohttp.WSMessage] = deque()
        self._dropped = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def receive(self, timeout: float | None = None) -> aiohttp.WSMessage:  # noqa: ASYNC109  (aiohttp's)
        """Give the next frame that may pass."""
        while not self._waiting:
            message = await self._connection.receive(timeout)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return message
            frames = self._gate.pass_on(message.data)
            self._waiting.extend(message._replace(data=frame) for frame in frames)
            self._note_dropped(0 if frames else 1)
        return self._waiting.popleft()

    def _note_dropped(self, count: int) -> None:
        self._dropped += count
        if count and self._dropped == 1:  # one line a connection: a model that errs does so by the hundred
            logger.warning("a frame of the voice model is dropped", extra={"reason": "broken, repeated or late"})


def gate(connection: aiohttp.ClientWebSocketResponse) -> aiohttp.ClientWebSocketResponse:
    """Put a gate before a connection."""
    return cast(aiohttp.ClientWebSocketResponse, GatedConnection(connection))


class _Memory:
    """The newest of what was noted."""

    def __init__(self) -> None:
        self._noted: OrderedDict[Hashable, None] = OrderedDict()

    def __contains__(self, thing: Hashable) -> bool:
        return thing in self._noted

    def add(self, thing: Hashable) -> bool:
        """Note a thing; False when it was noted already."""
        if thing in self._noted:
            return False
        self._noted[thing] = None
        if len(self._noted) > MAX_REMEMBERED:
            self._noted.popitem(last=False)
        return True


def _read(frame: str) -> dict[str, Any] | None:
    try:
        event = json.loads(frame)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("type"), str) else None


def _build_end(response_id: str) -> str:
    response = {"id": response_id, "object": "realtime.response", "status": "completed", "output": []}
    return json.dumps({"type": "response.done", "event_id": f"end_of_{response_id}", "response": response})


def _response_id(event: dict[str, Any]) -> str:
    response = event.get("response")
    found = response.get("id") if isinstance(response, dict) else event.get("response_id")
    return found if isinstance(found, str) else ""


def _is_whole(event: dict[str, Any]) -> bool:
    return isinstance(event.get("delta"), str) and isinstance(event.get("item_id"), str)
