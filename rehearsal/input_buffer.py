"""The input audio buffer: what was received and not yet made a turn, on the session's sample clock.

Speech goes to the recogniser while it arrives, with its padding in front:

    append ──► detector: speech ──► ear.feed, ear.feed … ──► commit: ear.finish
"""

import asyncio
import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.audio import BYTES_PER_MS, duration_ms
from rehearsal.ears import Edge, Listener, SpeechEdge, TurnDetector
from rehearsal.errors import ProtocolError
from rehearsal.hearing.heard import Heard
from rehearsal.hearing.process import Ear
from rehearsal.ids import make_id
from rehearsal.session_state import TurnSettings

_MAX_MS = 10 * 60 * 1000  # the oldest audio goes first; no turn is longer
_SLICE_BYTES = 100 * BYTES_PER_MS  # no slice holds both edges of a turn that is worth hearing
_SHORTEST_COMMIT_MS = 100  # OpenAI's
_MOST_HEARD_BYTES = 60_000 * BYTES_PER_MS  # of one utterance that is recognised; the rest goes unheard


@dataclass(frozen=True)
class Utterance:
    """Audio that was committed, and what will have been heard in it; the future never fails."""

    item_id: str
    pcm: bytes
    heard: "asyncio.Future[Heard]"


class InputBuffer:
    """Audio that the client appended, and the turns that the ears find in it."""

    def __init__(self, listener: Listener, ear: Ear) -> None:
        self._listener = listener
        self._ear = ear
        self._heard_to: int | None = None  # byte of all audio up to which the ear was fed; None between utterances
        self._fed_bytes = 0  # of this utterance
        self._pcm = bytearray()
        self._received_bytes = 0
        self._turns: TurnSettings | None = None
        self._detector: TurnDetector | None = None
        self.patience_ms = 0  # speech that is shorter goes unnoticed
        self._longest_patience_ms = 0  # so much may yet turn out to be speech
        self.next_item_id = make_id("item")  # told at the onset of speech, used at the commit

    @property
    def received_ms(self) -> int:
        """How much audio was received in all."""
        return self._received_bytes // BYTES_PER_MS

    @property
    def speech_ms(self) -> int:
        """How long the speech has lasted that is being heard; 0 in silence."""
        return 0 if self._detector is None else self._detector.speech_ms

    def configure(self, turns: TurnSettings | None) -> None:
        """Find turns in another way from now on; nothing happens when nothing changes."""
        if turns == self._turns and (turns is None) == (self._detector is None):
            return
        self._turns = turns
        self._detector = None if turns is None else self._build_detector(turns)

    def append(self, audio: str) -> Iterator[SpeechEdge]:
        """Take base64 PCM16; yield the edges of speech in it, each before the audio after it is taken."""
        pcm = _decode(audio)
        if self._detector is not None:
            self._detector.patience_ms = self.patience_ms
            self._longest_patience_ms = max(self._longest_patience_ms, self.patience_ms)
        for start in range(0, len(pcm), _SLICE_BYTES):
            part = pcm[start : start + _SLICE_BYTES]
            self._received_bytes += len(part)
            self._pcm += part
            edges = [] if self._detector is None else list(self._detector.feed(part))
            self._forget(edges)
            if edges or (self._detector is not None and self._detector.is_speech):
                self._feed_ear()
            yield from (self._padded(edge) for edge in edges)

    def commit(self, *, is_turn: bool) -> Utterance:
        """Take the audio out, with the id that its item gets. A turn that the ears found may be short."""
        if duration_ms(self._pcm) < _SHORTEST_COMMIT_MS and not is_turn:
            raise ProtocolError(
                "Error committing input audio buffer: buffer too small. Expected at least "
                f"{_SHORTEST_COMMIT_MS}ms of audio, but buffer only has "
                f"{len(self._pcm) / BYTES_PER_MS:.2f}ms of audio.",
                code="input_audio_buffer_commit_empty",
            )
        if self._turns is not None and self._detector is not None and self._detector.is_speech:
            self._detector = self._build_detector(self._turns)
        self._feed_ear()
        utterance = Utterance(self.next_item_id, bytes(self._pcm), self._ear.finish())
        self._pcm.clear()
        self._heard_to = None
        self.next_item_id = make_id("item")
        return utterance

    def clear(self) -> None:
        """Forget the audio and any speech that has begun in it."""
        self._pcm.clear()
        if self._heard_to is not None:
            self._ear.finish()  # nobody asks for it
            self._heard_to = None
        if self._turns is not None:
            self._detector = self._build_detector(self._turns)

    def _feed_ear(self) -> None:
        """Let the ear hear what it has not heard of this utterance."""
        start_bytes = self._received_bytes - len(self._pcm)
        if self._heard_to is None:
            self._heard_to, self._fed_bytes = start_bytes, 0
        fresh = bytes(self._pcm[max(self._heard_to - start_bytes, 0) :])
        self._heard_to = self._received_bytes
        if fresh and self._fed_bytes < _MOST_HEARD_BYTES:
            self._fed_bytes += len(fresh)
            self._ear.feed(fresh[:_MOST_HEARD_BYTES])

    def _build_detector(self, turns: TurnSettings) -> TurnDetector:
        return TurnDetector(
            threshold=turns.threshold,
            silence_ms=turns.silence_ms,
            listener=self._listener,
            origin_ms=self._received_bytes // BYTES_PER_MS,
        )

    def _padded(self, edge: SpeechEdge) -> SpeechEdge:
        """Tell an onset with its prefix padding, as OpenAI does."""
        if edge.edge is Edge.STOPPED or self._turns is None:
            return edge
        return SpeechEdge(edge.edge, max(edge.at_ms - self._turns.prefix_padding_ms, 0))

    def _forget(self, edges: list[SpeechEdge]) -> None:
        """Drop what no turn will need: with turn detection, what lies before the padding of an onset."""
        keep_from_ms = self._received_bytes // BYTES_PER_MS - _MAX_MS
        if self._turns is not None and self._detector is not None:
            onset_ms = next((edge.at_ms for edge in edges if edge.edge is Edge.STARTED), None)
            if onset_ms is not None:
                keep_from_ms = max(keep_from_ms, onset_ms - self._turns.prefix_padding_ms)
            elif not self._detector.is_speech and not edges:
                # Two windows of onset lie behind the moment in which speech is noticed.
                keep_ms = self._turns.prefix_padding_ms + 200 + self._longest_patience_ms
                keep_from_ms = max(keep_from_ms, self._received_bytes // BYTES_PER_MS - keep_ms)
        start_bytes = self._received_bytes - len(self._pcm)
        del self._pcm[: max(keep_from_ms * BYTES_PER_MS - start_bytes, 0)]


def _decode(audio: str) -> bytes:
    try:
        pcm = base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError(
            "Invalid 'audio'. Expected base64-encoded audio bytes.", code="invalid_value", param="audio"
        ) from None
    if len(pcm) % 2:
        raise ProtocolError(
            "Invalid 'audio'. Expected whole samples of 16-bit PCM.", code="invalid_value", param="audio"
        )
    return pcm
