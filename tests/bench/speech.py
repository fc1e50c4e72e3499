"""What was heard: stretches of speech, the gaps between speakers, and when each word sounded."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray
from pocketsphinx import Decoder

from rehearsal.speech_text import spoken_form
from tests.live.room_observer import SAMPLE_RATE_HZ, HeardSide

LOUD = 0.003  # RMS of a block; speech is at 0.1, comfort noise far below
JOIN_S = 0.45  # shorter silences are pauses of one speaker
HEARING_RATE_HZ = 16_000
FRAME_S = 0.01  # of the aligner
EDGE_S = 0.3  # silence left around a turn for the aligner


@dataclass(frozen=True)
class Stretch:
    """One side was heard from `start` to `end`, in epoch seconds."""

    side: str
    start: float
    end: float


@dataclass(frozen=True)
class SoundedWord:
    """The n-th word of a turn's text was heard from `start` to `end`, in epoch seconds."""

    index: int
    start: float
    end: float


def stretches(side: str, heard: HeardSide) -> list[Stretch]:
    """Join loud blocks into stretches of speech."""
    found: list[Stretch] = []
    for at, block in heard.blocks:
        if _rms(block) < LOUD:
            continue
        start = at - len(block) / SAMPLE_RATE_HZ
        if found and start - found[-1].end < JOIN_S:
            found[-1] = Stretch(side, found[-1].start, at)
        else:
            found.append(Stretch(side, start, at))
    return found


def response_gaps_s(sides: dict[str, HeardSide]) -> list[float]:
    """Measure from the end of one voice to the start of the other; negative where they overlap."""
    everything = [stretch for side, heard in sides.items() for stretch in stretches(side, heard)]
    everything.sort(key=lambda stretch: stretch.start)
    return [second.start - first.end for first, second in itertools.pairwise(everything) if first.side != second.side]


def first_sound(sides: dict[str, HeardSide]) -> float | None:
    """Tell when anybody was heard first, in epoch seconds."""
    starts = [
        next((at - len(block) / SAMPLE_RATE_HZ for at, block in heard.blocks if _rms(block) >= LOUD), None)
        for heard in sides.values()
    ]
    return min((start for start in starts if start is not None), default=None)


def align(text: str, heard: HeardSide, *, start: float, end: float) -> list[SoundedWord]:
    """Find when each word of a turn was heard; empty where the aligner cannot tell."""
    per_word = [_tokens(spoken_form(word)) for word in text.split()]
    tokens = [token for word in per_word for token in word]
    decoder = _decoder()
    if tokens != _tokens(spoken_form(text)) or not all(decoder.lookup_word(token) for token in tokens):
        return []
    blocks = [(at, block) for at, block in heard.blocks if start - EDGE_S <= at <= end + EDGE_S]
    if not blocks or not tokens:
        return []
    spans = _align_tokens(decoder, tokens, np.concatenate([block for _, block in blocks]))
    if len(spans) != len(tokens):
        return []
    clock = _Clock(blocks)
    words, done = [], 0
    for index, word in enumerate(per_word):
        if word:
            first, last = spans[done][0], spans[done + len(word) - 1][1]
            words.append(SoundedWord(index, clock.at(first), clock.at(last)))
        done += len(word)
    return words


class _Clock:
    """Turns a place in the sound into the time at which it arrived."""

    def __init__(self, blocks: Sequence[tuple[float, NDArray[np.int16]]]) -> None:
        self._ends_s = np.cumsum([len(block) / SAMPLE_RATE_HZ for _, block in blocks])
        self._arrivals = [at for at, _ in blocks]

    def at(self, place_s: float) -> float:
        number = min(int(np.searchsorted(self._ends_s, place_s)), len(self._arrivals) - 1)
        return float(self._arrivals[number] - (self._ends_s[number] - place_s))


def _align_tokens(decoder: Decoder, tokens: list[str], sound: NDArray[np.int16]) -> list[tuple[float, float]]:
    """Give start and end of each token, in seconds of the sound."""
    decoder.set_align_text(" ".join(tokens))
    decoder.start_utt()
    decoder.process_raw(soxr.resample(sound, SAMPLE_RATE_HZ, HEARING_RATE_HZ).tobytes(), full_utt=True)
    decoder.end_utt()
    spans = []
    for segment in decoder.seg() or ():
        name = segment.word.split("(")[0]
        if not name.startswith(("<", "[")):
            spans.append((segment.start_frame * FRAME_S, (segment.end_frame + 1) * FRAME_S))
    return spans


@cache
def _decoder() -> Decoder:
    return Decoder(samprate=HEARING_RATE_HZ, loglevel="FATAL")


def _tokens(text: str) -> list[str]:
    kept = "".join(char if char.isalpha() or char == "'" else " " for char in text.lower())
    return kept.split()


def _rms(block: NDArray[np.int16]) -> float:
    return float(np.sqrt(np.mean(np.square(block.astype(np.float32) / 32768)))) if len(block) else 0.0
