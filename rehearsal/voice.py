"""The voice: espeak-ng from its wheel, a distinct one for each OpenAI voice name."""

import ctypes
import threading
from dataclasses import dataclass
from functools import cache

import espeakng_loader
import numpy as np
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray

from rehearsal.audio import SAMPLE_RATE_HZ
from rehearsal.speech_text import spoken_form

Samples = NDArray[np.float32]

# espeak-ng's speak_lib.h
_SYNCHRONOUS, _DO_NOT_EXIT, _UTF8, _BY_CHARACTER = 2, 0x8000, 1, 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_SLOWEST_WPM, _FASTEST_WPM = 80, 450  # what espeak-ng itself can do

_LOUDNESS = 0.1  # RMS of the voiced samples: -20 dBFS
_LOUDEST = 0.98
_FULL_SCALE = np.float32(1 / 32768)
_SILENT = 0.01  # of full scale; softer edges are trimmed
_EDGE_S = 0.02  # kept around the speech, so that no onset is clipped
_PAUSE_S = 0.22  # between sentences: well under any end-of-turn silence


@dataclass(frozen=True)
class _Timbre:
    variant: str
    pitch: int = 50  # 0 to 99
    pitch_range: int = 50  # 0 to 99
    words_per_minute: int = 158


# American English with variants that speech recognition understands well; men near 100 Hz, women near 190 Hz.
_TIMBRES = {
    "alloy": _Timbre("f4", pitch=42, words_per_minute=160),
    "ash": _Timbre("m3", pitch=46, words_per_minute=162),
    "ballad": _Timbre("m1", pitch=62, pitch_range=62, words_per_minute=152),
    "cedar": _Timbre("klatt4", pitch=44, words_per_minute=156),
    "coral": _Timbre("f3", pitch=54, pitch_range=60, words_per_minute=164),
    "echo": _Timbre("m7", pitch=36, words_per_minute=156),
    "marin": _Timbre("f2", pitch=48, words_per_minute=160),
    "sage": _Timbre("f1", pitch=52, words_per_minute=154),
    "shimmer": _Timbre("f5", pitch=66, pitch_range=58, words_per_minute=162),
    "verse": _Timbre("", pitch=66, pitch_range=60, words_per_minute=160),
}
VOICE_NAMES = tuple(_TIMBRES)

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class VoiceError(Exception):
    """espeak-ng could not be loaded or refused to speak."""


class _Espeak:
    """The one espeak-ng of this process: it has global state, so each use holds the lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chunks: list[bytes] = []
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(espeakng_loader.get_data_path()).encode()
        self._rate_hz = int(self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DO_NOT_EXIT))
        if self._rate_hz <= 0:
            raise VoiceError("espeak-ng could not be initialised.")
        self._callback = _Callback(self._collect)  # kept: the library holds a bare pointer to it
        self._library.espeak_SetSynthCallback(self._callback)

    def _collect(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: object) -> int:
        if count > 0:
            self._chunks.append(ctypes.string_at(samples, count * 2))
        return 0

    def say(self, text: str, timbre: _Timbre, speed: float) -> tuple[Samples, int]:
        """Speak; give the samples from -1 to 1 and their rate."""
        words = text.replace("\0", " ").encode("utf-8", "replace")
        variant = f"en-us+{timbre.variant}" if timbre.variant else "en-us"
        wpm = min(max(round(timbre.words_per_minute * speed), _SLOWEST_WPM), _FASTEST_WPM)
        with self._lock:
            self._chunks.clear()
            if self._library.espeak_SetVoiceByName(variant.encode()) != 0:
                raise VoiceError("espeak-ng does not know the voice.")
            for parameter, value in ((_RATE, wpm), (_PITCH, timbre.pitch), (_RANGE, timbre.pitch_range)):
                self._library.espeak_SetParameter(parameter, value, 0)
            size = ctypes.c_size_t(len(words) + 1)
            self._library.espeak_Synth(words, size, 0, _BY_CHARACTER, 0, _UTF8, None, None)
            self._library.espeak_Synchronize()
            raw = b"".join(self._chunks)
        return np.frombuffer(raw, dtype="<i2").astype(np.float32) * _FULL_SCALE, self._rate_hz


@cache
def _espeak() -> _Espeak:
    return _Espeak()


def warm_up() -> None:
    """Load everything, so that the first sentence comes as fast as the next."""
    speak("Ready.", voice=VOICE_NAMES[0])


def speak(text: str, *, voice: str, speed: float = 1.0) -> bytes:
    """Speak one sentence as PCM16 at 24 kHz, without silence around it, at an even loudness.

    Blocks for about 2 ms per second of speech; safe to call from any thread.
    """
    samples, rate_hz = _espeak().say(spoken_form(text), _TIMBRES[voice], speed)
    resampled: Samples = soxr.resample(_level(_tighten(samples, rate_hz)), rate_hz, SAMPLE_RATE_HZ)
    return bytes((np.clip(resampled, -_LOUDEST, _LOUDEST) * 32767).astype("<i2").tobytes())


def pause(seconds: float = _PAUSE_S) -> bytes:
    """Give the silence between two sentences."""
    return bytes(2 * round(seconds * SAMPLE_RATE_HZ))


def _tighten(samples: Samples, rate_hz: int) -> Samples:
    """Cut silence off the edges, and inside down to a pause that nobody takes for the end of a turn."""
    loud = np.flatnonzero(np.abs(samples) > _SILENT)
    if loud.size == 0:
        return samples[:0]
    edge, longest = round(_EDGE_S * rate_hz), round(_PAUSE_S * rate_hz)
    gaps = np.flatnonzero(np.diff(loud) > longest)
    starts = [max(int(loud[0]) - edge, 0), *(int(loud[gap + 1]) - longest // 2 for gap in gaps)]
    ends = [*(int(loud[gap]) + longest // 2 for gap in gaps), int(loud[-1]) + edge]
    return np.concatenate([samples[start:end] for start, end in zip(starts, ends, strict=True)])


def _level(samples: Samples) -> Samples:
    voiced = samples[np.abs(samples) > _SILENT]
    if voiced.size == 0:
        return samples
    return samples * np.float32(_LOUDNESS / float(np.sqrt(np.mean(np.square(voiced)))))
