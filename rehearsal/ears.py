"""The ears: finds where speech starts and stops in the audio that is really received.

Time is counted in received samples, never by a clock, so a call may also be fed faster than real time.

    ______▁▅▇▅▇▆▁_▅▇▆▅▁________________
          │started           │stopped, after silence_ms without speech
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import soxr  # type: ignore[import-untyped]
from livekit.local_inference import VAD, VAD_WINDOW_SAMPLES
from numpy.typing import NDArray

from rehearsal.audio import SAMPLE_RATE_HZ

Window = NDArray[np.int16]
Listener = Callable[[Window], float]  # 32 ms at 16 kHz in, probability of speech out

_RATE_HZ = 16_000
_WINDOW_MS = VAD_WINDOW_SAMPLES * 1000 // _RATE_HZ
_ONSET_WINDOWS = 2  # one window may be a click
_HYSTERESIS = 0.15  # speech ends well below where it starts
_FLOOR = 40  # of 32768, -58 dBFS: digital silence and comfort noise need no model
_GAP_MS = 250  # of silence inside what counts as one stretch of speech before it is noticed
_QUIET_WINDOWS = 16  # half a second below the floor: what the model remembers is stale


class Edge(StrEnum):
    """What the ears notice."""

    STARTED = "started"
    STOPPED = "stopped"


@dataclass(frozen=True)
class SpeechEdge:
    """An edge of speech, at `at_ms` of all audio received."""

    edge: Edge
    at_ms: int


class SpeechListener:
    """Silero's voice activity model, spared where there is nothing to hear."""

    def __init__(self) -> None:
        self._model = VAD()
        self._quiet_windows = 0

    def __call__(self, window: Window) -> float:
        """Give the probability that the window is speech."""
        if int(np.abs(window.astype(np.int32)).max()) < _FLOOR:
            self._quiet_windows += 1
            return 0.0
        if self._quiet_windows >= _QUIET_WINDOWS:
            self._model.reset()
        self._quiet_windows = 0
        return float(self._model.predict(window))


class TurnDetector:
    """Turns a stream of audio into edges of speech.

    Speech is noticed once it has lasted for `patience_ms`, and shorter speech never: 0 but for a listener who is
    talking, and whom a "mm-hm" of the other side must not stop.
    """

    def __init__(self, *, threshold: float, silence_ms: int, listener: Listener, origin_ms: int = 0) -> None:
        self._threshold = threshold
        self._silence_ms = silence_ms
        self._listener = listener
        self._now_ms = origin_ms
        self._resampler = soxr.ResampleStream(SAMPLE_RATE_HZ, _RATE_HZ, 1, dtype="int16", quality="QQ")
        self._pending: Window = np.zeros(0, dtype=np.int16)
        self._loud_windows = 0
        self._silent_ms = 0
        self._heard_from_ms: int | None = None  # onset of what is speech, or may become it
        self._heard_to_ms = 0
        self._needed_ms = 0  # the patience at that onset: who murmurs at the end of a turn goes on after it
        self.patience_ms = 0
        self.is_speech = False

    @property
    def speech_ms(self) -> int:
        """How long the speech has lasted that is being heard; 0 in silence, which may be its end."""
        is_heard = self.is_speech and self._silent_ms == 0
        return self._now_ms - (self._heard_from_ms or 0) if is_heard else 0

    def feed(self, pcm: bytes) -> Iterator[SpeechEdge]:
        """Listen to PCM16 at 24 kHz and yield each edge as it is found."""
        fresh = self._resampler.resample_chunk(np.frombuffer(pcm, dtype="<i2"))
        self._pending = np.concatenate([self._pending, fresh])
        while len(self._pending) >= VAD_WINDOW_SAMPLES:
            window, self._pending = self._pending[:VAD_WINDOW_SAMPLES], self._pending[VAD_WINDOW_SAMPLES:]
            self._now_ms += _WINDOW_MS
            edge = self._notice(self._listener(np.ascontiguousarray(window)))
            if edge is not None:
                yield edge

    def _notice(self, probability: float) -> SpeechEdge | None:
        return self._wait_for_end(probability) if self.is_speech else self._wait_for_onset(probability)

    def _wait_for_onset(self, probability: float) -> SpeechEdge | None:
        self._loud_windows = self._loud_windows + 1 if probability >= self._threshold else 0
        if self._loud_windows < _ONSET_WINDOWS:
            if self._now_ms - self._heard_to_ms > _GAP_MS:
                self._heard_from_ms = None
            return None
        self._heard_to_ms = self._now_ms
        if self._heard_from_ms is None:
            self._heard_from_ms = self._now_ms - _ONSET_WINDOWS * _WINDOW_MS
            self._needed_ms = self.patience_ms
        if self._now_ms - self._heard_from_ms < self._needed_ms:
            return None
        self.is_speech, self._silent_ms = True, 0
        return SpeechEdge(Edge.STARTED, self._heard_from_ms)

    def _wait_for_end(self, probability: float) -> SpeechEdge | None:
        self._silent_ms = 0 if probability >= self._threshold - _HYSTERESIS else self._silent_ms + _WINDOW_MS
        if self._silent_ms < self._silence_ms:
            return None
        self.is_speech, self._loud_windows, self._heard_from_ms = False, 0, None
        return SpeechEdge(Edge.STOPPED, self._now_ms)
