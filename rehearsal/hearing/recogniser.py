"""One pair of ears: audio in while it arrives, words out when the speaker stops. It blocks: for a worker process."""

import math
import tempfile
from pathlib import Path

import numpy as np
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray
from pocketsphinx import Decoder

from rehearsal.audio import SAMPLE_RATE_HZ
from rehearsal.hearing.adapted import adapted_means
from rehearsal.hearing.heard import NOTHING, Heard, HeardWord
from rehearsal.hearing.language import LanguageModel, build_language, plain_word

_HEARING_RATE_HZ = 16_000
_EDGE = bytes(2 * _HEARING_RATE_HZ // 5)  # 0.2 s of silence on either side; without it edge words are lost
_PIECE_BYTES = 2 * _HEARING_RATE_HZ // 10
_VOICE_BYTES = 2 * _HEARING_RATE_HZ * 6 // 5  # of the first utterance, edge included, to know the voice by


class Recogniser:
    """Recognises utterances one after the other, each with what it has learned of the speaker's voice before.

    The same audio in the same order gives the same words. The first second of the first utterance is kept back, until
    the average spectrum of the voice is known; without it hardly a word of that utterance is recognised.
    """

    def __init__(self, vocabulary_text: str, voice: str | None = None) -> None:
        self._decoder = _load(build_language(vocabulary_text))
        self._knows_voice = voice is not None
        if voice is not None:
            self._decoder.set_cmn(voice)
        self._is_decoding = False
        self._kept: list[bytes] = []  # 16 kHz, until the voice is known
        self._resampler: soxr.ResampleStream | None = None

    @property
    def voice(self) -> str | None:
        """Give the average spectrum of the speaker, for the next recogniser of the same one; None: not known yet."""
        return str(self._decoder.get_cmn(update=True)) if self._knows_voice else None

    def feed(self, pcm16_24k: bytes) -> None:
        """Listen to the next piece of the utterance."""
        if self._resampler is None:
            self._begin()
        self._hear(pcm16_24k, is_last=False)

    def finish(self) -> Heard:
        """End the utterance."""
        if self._resampler is None:
            return NOTHING
        self._hear(b"", is_last=True)
        self._release()
        self._decoder.process_raw(_EDGE, full_utt=False)
        self._decoder.end_utt()
        self._resampler, self._is_decoding = None, False
        return self._read()

    def _begin(self) -> None:
        self._resampler = soxr.ResampleStream(SAMPLE_RATE_HZ, _HEARING_RATE_HZ, 1, dtype="int16", quality="MQ")
        self._kept = [_EDGE]
        if self._knows_voice:
            self._release()

    def _hear(self, pcm: bytes, *, is_last: bool) -> None:
        if self._resampler is None:
            return
        fresh: NDArray[np.int16] = self._resampler.resample_chunk(np.frombuffer(pcm, dtype="<i2"), last=is_last)
        self._kept.append(fresh.tobytes())
        if self._knows_voice or sum(map(len, self._kept)) > _VOICE_BYTES:
            self._release()

    def _release(self) -> None:
        """Decode what was kept."""
        pcm = b"".join(self._kept)
        if not self._knows_voice:
            self._knows_voice = True
            self._decoder.start_utt()
            self._decoder.process_raw(
                pcm[:_VOICE_BYTES], no_search=True, full_utt=True
            )  # at once: takes the mean of the whole
            self._decoder.end_utt()
            self._is_decoding = False
        if not self._is_decoding:
            self._decoder.start_utt()
            self._is_decoding = True
        self._kept.clear()
        # In small pieces: the engine has crashed on several seconds at once.
        for start in range(0, len(pcm), _PIECE_BYTES):
            self._decoder.process_raw(pcm[start : start + _PIECE_BYTES], full_utt=False)

    def _read(self) -> Heard:
        words = tuple(
            HeardWord(plain_word(segment.word), segment.prob)
            for segment in self._decoder.seg() or ()
            if not segment.word.startswith(("<", "["))
        )
        if not words:
            return NOTHING
        sure = math.fsum(word.confidence for word in words) / len(words)
        return Heard(" ".join(word.text for word in words), sure, words)


def _load(language: LanguageModel) -> Decoder:
    """Make a decoder; it only reads from files, which are not needed afterwards."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-hearing-") as folder:
        files = {name: Path(folder) / name for name in ("arpa", "dictionary", "classes", "control")}
        files["arpa"].write_text(language.arpa, encoding="utf-8")
        files["dictionary"].write_text(language.dictionary + "\n", encoding="utf-8")
        files["classes"].write_text(language.classes + "\n", encoding="utf-8")
        means, options = adapted_means(), dict[str, object]()
        if means is not None:
            (Path(folder) / "means").write_bytes(means)
            options["mean"] = str(Path(folder) / "means")
        names = " ".join(f"[{name}]" for name in language.class_names)
        files["control"].write_text(f"{{ {files['classes']} }}\n{files['arpa']} freight {{ {names} }}\n")
        return Decoder(
            samprate=_HEARING_RATE_HZ,
            loglevel="FATAL",
            lm=None,
            lmctl=str(files["control"]),
            lmname="freight",
            dict=str(files["dictionary"]),
            fwdflat=False,  # its second pass, at the end, is a quarter of the work and mends no more than it spoils
            **options,
        )
