"""Spoils what a session sends: frames held back, late, repeated, broken, or from nowhere."""

import asyncio
import json
from collections.abc import Callable, Iterator

from rehearsal.faults import Fault
from rehearsal.ids import make_id
from rehearsal.strict import Json

LATE_S = 5.0
STORM_EVERY_S = 0.2
STORM_S = 20.0
_STALLS_AFTER = 3  # pieces of sound
_HUGE_BYTES = 1024 * 1024
_TRANSCRIPTION = "conversation.item.input_audio_transcription."

Send = Callable[[str], None]


class Sabotage:
    """What becomes of the events of one session."""

    def __init__(self, fault: Fault | None, send: Send) -> None:
        self._send = send
        plays: dict[Fault | None, Callable[[Json], None]] = {
            Fault.STALL: self._stall,
            Fault.MALFORMED: self._litter,
            Fault.NO_DONE: self._forget_the_end,
            Fault.LATE_TRANSCRIPTION: self._transcribe_late,
            Fault.NO_TRANSCRIPTION: self._transcribe_never,
            Fault.EMPTY_TRANSCRIPTION: self._transcribe_nothing,
        }
        self._pass_on = plays.get(fault, self._send_on)
        self._sounds = 0
        self._late: set[asyncio.TimerHandle] = set()

    def pass_on(self, event: Json) -> None:
        """Send an event, or what the fault makes of it."""
        self._pass_on(event)

    def close(self) -> None:
        """Send nothing more that is late."""
        for timer in self._late:
            timer.cancel()

    def _send_on(self, event: Json) -> None:
        self._send(json.dumps(event))

    def _stall(self, event: Json) -> None:
        self._sounds += event["type"] == "response.output_audio.delta"
        if self._sounds <= _STALLS_AFTER:
            self._send_on(event)

    def _litter(self, event: Json) -> None:
        for frame in _litter_before(event):
            self._send(frame)
        self._send_on(event)
        if _is_delta(event):
            self._send_on(event)  # once more, as it is
        if event["type"] == "response.output_item.done":
            self._send_late_words(event)

    def _send_late_words(self, event: Json) -> None:
        item = event["item"]
        if not isinstance(item, dict) or item.get("type") != "message":
            return
        where: Json = {"response_id": event["response_id"], "item_id": item["id"], "output_index": 0}
        for kind, delta in (("response.output_audio_transcript", "too late "), ("response.output_audio", "AAAA" * 800)):
            late = {"type": f"{kind}.delta", "event_id": make_id("event"), **where, "content_index": 0, "delta": delta}
            self._send_on(late)

    def _forget_the_end(self, event: Json) -> None:
        if event["type"] != "response.done":
            self._send_on(event)

    def _transcribe_late(self, event: Json) -> None:
        if not str(event["type"]).startswith(_TRANSCRIPTION):
            self._send_on(event)
            return
        self._late.add(asyncio.get_running_loop().call_later(LATE_S, self._send_on, event))

    def _transcribe_never(self, event: Json) -> None:
        if not str(event["type"]).startswith(_TRANSCRIPTION):
            self._send_on(event)

    def _transcribe_nothing(self, event: Json) -> None:
        if event["type"] == f"{_TRANSCRIPTION}completed":
            self._send_on({**event, "transcript": ""})
        elif event["type"] != f"{_TRANSCRIPTION}delta":
            self._send_on(event)


def _is_delta(event: Json) -> bool:
    return str(event["type"]).startswith("response.output_audio")


def _litter_before(event: Json) -> Iterator[str]:
    """Give what no client expects, before the events that matter."""
    if not _is_delta(event) and event["type"] != "response.done":
        return
    yield '{"type": "response.output_audio.delta", "delta": '
    yield "not JSON at all"
    yield "[1, 2, 3]"
    yield "null"
    yield "{}"
    yield '{"type": 7}'
    yield '{"type": "response.output_audio.delta"}'
    yield '{"type": "response.output_audio.delta", "item_id": 5, "delta": 5}'
    yield '{"type": "response.done"}'
    yield json.dumps({"type": "weather.updated", "event_id": make_id("event"), "sky": "clear"})
    if event["type"] == "response.done":
        yield json.dumps({"type": "weather.updated", "event_id": make_id("event"), "sky": "x" * _HUGE_BYTES})
