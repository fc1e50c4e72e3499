"""Ears for tests: which of some sentences was spoken, by pocketsphinx on audio that came through the room."""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray
from pocketsphinx import Decoder

HEARING_RATE_HZ = 16_000
EDGE_S = 0.2  # silence before and after the speech, without which first and last words are lost


def best_match(sound: NDArray[np.int16], rate_hz: int, sentences: Sequence[str]) -> str:
    """Return the sentence that the sound fits best. Words must be in the engine's dictionary."""
    decoder = _decoder()
    grammar = " | ".join(_words(sentence) for sentence in sentences)
    decoder.add_jsgf_string("choice", f"#JSGF V1.0;\ngrammar choice;\npublic <choice> = {grammar};\n")
    decoder.activate_search("choice")
    heard = soxr.resample(sound, rate_hz, HEARING_RATE_HZ)
    edge = np.zeros(int(EDGE_S * HEARING_RATE_HZ), dtype=np.int16)
    decoder.start_utt()
    decoder.process_raw(np.concatenate([edge, heard, edge]).tobytes(), full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    text = hypothesis.hypstr if hypothesis else ""
    return next((sentence for sentence in sentences if _words(sentence) == text), "")


@cache
def _decoder() -> Decoder:
    return Decoder(samprate=HEARING_RATE_HZ, loglevel="FATAL")


def _words(sentence: str) -> str:
    return re.sub(r"[^a-z ]", "", sentence.lower()).strip()
