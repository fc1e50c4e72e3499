"""Adapt the recogniser to the voices of the rehearsal: `python -m tests.bench.adapt_ears`, some ten minutes.

To be run again when voices change. Each voice speaks made-up sentences of the grammar; forced alignment gives each
frame its state; the means of the acoustic model are moved by a linear transform per stream and a shift per phone
(MLLR, Leggetter and Woodland 1995), then each by what it saw itself (MAP, Gauvain and Lee 1994). Variances and
weights stay.
"""

import argparse
import random
import re
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray
from pocketsphinx import Decoder, get_model_path

from rehearsal.audio import SAMPLE_RATE_HZ
from rehearsal.hearing.adapted import SHIFTS, Means, read_parameters
from rehearsal.hearing.grammar import load_grammar
from rehearsal.hearing.lexicon import dictionary_lines
from rehearsal.voice import VOICE_NAMES
from tests.bench.telephone import say

HEARING_RATE_HZ = 16_000
WIDTH = 13  # cepstra of one stream
ROUNDS = 4
PHONE_PRIOR, MEAN_PRIOR = 50.0, 10.0  # frames that the old place of a phone, and of a mean, is worth
LOG_BASE, WEIGHT_SHIFT = np.log(1.0001), 1 << 10  # how the model writes mixture weights
LARGEST_STEP = 127

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Frames:
    """Sound with the phone and the state that it belongs to."""

    phones: NDArray[np.int64]
    states: NDArray[np.int64]
    features: Floats  # frames x streams x dimensions


def sentences(chance: random.Random, count: int) -> Iterator[str]:
    """Make up sentences, none of a real call."""
    grammar = load_grammar()
    while count:
        filled = next(grammar.fill(f"{chance.choice(grammar.sentences)} {chance.choice(grammar.sentences)}", 1))
        text = re.sub(r"\[(\w+)\]", lambda match: chance.choice(grammar.classes[match[1]]), filled)
        if 4 <= len(text.split()) <= 20:
            count -= 1
            yield text


def align(voice_name: str, texts: list[str], folder: Path) -> Iterator[tuple[int, int, Floats]]:
    """Speak, and give each frame with its phone and state; what cannot be aligned is left out."""
    numbers = {phone: number for number, phone in enumerate(_phone_names())}
    dictionary = folder / "dictionary"
    words = sorted({word for text in texts for word in text.split()})
    dictionary.write_text("\n".join(dictionary_lines({word: word for word in words})) + "\n")
    decoder = Decoder(samprate=HEARING_RATE_HZ, loglevel="FATAL", lm=None, dict=str(dictionary))
    for text in texts:
        sound = np.frombuffer(say(text, voice_name), dtype="<i2")
        pcm = soxr.resample(sound, SAMPLE_RATE_HZ, HEARING_RATE_HZ).tobytes()
        try:
            decoder.set_align_text(text)
            _listen(decoder, pcm)
            decoder.set_alignment()  # once more, down to the states
            _listen(decoder, pcm)
        except RuntimeError:
            continue
        features = _features(pcm, folder)
        for state in (state for word in decoder.get_alignment() or () for phone in word for state in _named(phone)):
            name, entry = state
            for frame in range(entry.start, min(entry.start + entry.duration, len(features))):
                yield numbers[name], int(entry.name), features[frame]


def _named(phone: Any) -> Iterator[tuple[str, Any]]:
    yield from ((phone.name, state) for state in phone)


def _listen(decoder: Decoder, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()


def _features(pcm: bytes, folder: Path) -> Floats:
    """Let the engine write its cepstra, and add their changes as it does."""
    log = folder / "cepstra"
    log.mkdir(exist_ok=True)
    for old in log.iterdir():
        old.unlink()
    decoder = Decoder(
        samprate=HEARING_RATE_HZ, loglevel="FATAL", lm=None, dict=str(folder / "dictionary"), mfclogdir=f"{log}/"
    )
    decoder.set_align_text((folder / "dictionary").read_text().split(maxsplit=1)[0])
    _listen(decoder, pcm)
    del decoder  # closes the file
    (written,) = log.iterdir()
    cepstra = np.fromfile(written, dtype=">f4")[1:].reshape(-1, WIDTH).astype(np.float64)
    cepstra -= cepstra[cepstra[:, 0] >= 0].mean(0)
    wide, count = np.pad(cepstra, ((3, 3), (0, 0)), mode="edge"), len(cepstra)
    first = wide[5 : 5 + count] - wide[1 : 1 + count]
    second = (wide[6 : 6 + count] - wide[2 : 2 + count]) - (wide[4 : 4 + count] - wide[:count])
    return np.stack([cepstra, first, second], axis=1)


def adapt(means: Means, variances: Means, frames: Frames) -> Means:
    """Move the means to where the frames are."""
    weights = _mixture_weights()
    moved = means.copy()
    for stream in range(means.shape[1]):
        shifts = np.zeros((means.shape[0], WIDTH))
        for _ in range(ROUNDS):
            seen = _statistics(moved[:, stream], variances[:, stream], weights[stream], frames, stream)
            transform = _transform(means[:, stream], variances[:, stream], seen, shifts)
            for phone, (count, total) in seen.items():
                base = _extended(means[phone, stream]) @ transform.T
                inverse = 1 / variances[phone, stream]
                missing = ((total - count[:, None] * base) * inverse).sum(0)
                shifts[phone] = missing / ((count[:, None] * inverse).sum(0) + PHONE_PRIOR * inverse.mean(0))
                moved[phone, stream] = base + shifts[phone]
        prior = moved[:, stream].copy()
        for _ in range(ROUNDS - 1):
            seen = _statistics(moved[:, stream], variances[:, stream], weights[stream], frames, stream)
            for phone, (count, total) in seen.items():
                moved[phone, stream] = (total + MEAN_PRIOR * prior[phone]) / (count[:, None] + MEAN_PRIOR)
    return moved


def _statistics(
    means: Floats, variances: Floats, weights: Floats, frames: Frames, stream: int
) -> dict[int, tuple[Floats, Floats]]:
    """Count how much of each Gaussian the frames of a phone are, and sum those frames."""
    seen = {}
    for phone in np.unique(frames.phones):
        own = np.flatnonzero(frames.phones == phone)
        sound, inverse = frames.features[own, stream], 1 / variances[phone]
        squares = (sound**2) @ inverse.T - 2 * sound @ (means[phone] * inverse).T + (means[phone] ** 2 * inverse).sum(1)
        fits = -0.5 * (squares + np.log(variances[phone]).sum(1)) + weights[:, frames.states[own]].T
        shares = np.exp(fits - fits.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        seen[int(phone)] = (shares.sum(0), shares.T @ sound)
    return seen


def _transform(means: Floats, variances: Floats, seen: dict[int, tuple[Floats, Floats]], shifts: Floats) -> Floats:
    """Solve for the linear transform that makes the frames most likely."""
    left, right = np.zeros((WIDTH, WIDTH + 1, WIDTH + 1)), np.zeros((WIDTH, WIDTH + 1))
    for phone, (count, total) in seen.items():
        extended, inverse = _extended(means[phone]), 1 / variances[phone]
        for dimension in range(WIDTH):
            left[dimension] += (extended * (count * inverse[:, dimension])[:, None]).T @ extended
            missing = total[:, dimension] - count * shifts[phone, dimension]
            right[dimension] += extended.T @ (missing * inverse[:, dimension])
    return np.stack([np.linalg.solve(left[each] + 1e-6 * np.eye(WIDTH + 1), right[each]) for each in range(WIDTH)])


def _extended(means: Floats) -> Floats:
    return np.concatenate([np.ones((len(means), 1)), means], axis=1)


def _mixture_weights() -> Floats:
    """Read the logarithms of the mixture weights: streams x densities x states."""
    raw, at = Path(get_model_path("en-us/en-us/sendump")).read_bytes(), 0
    while (length := struct.unpack_from("<i", raw, at)[0]) != 0:
        at += 4 + length
    densities, states = struct.unpack_from("<2i", raw, at + 4)
    packed = np.frombuffer(raw, dtype=np.uint8, offset=at + 12).reshape(-1, densities, states)
    return np.asarray(-packed.astype(np.float64) * WEIGHT_SHIFT * LOG_BASE)


def _phone_names() -> list[str]:
    raw = Path(get_model_path("en-us/en-us/mdef")).read_bytes()
    match = re.search(rb"(?:[A-Z+]+\0){30,}", raw)
    return [] if match is None else match[0].decode().rstrip("\0").split("\0")


def main() -> None:
    """Speak, align, adapt, write."""
    parser = argparse.ArgumentParser(description="Adapt the recogniser to the voices.")
    parser.add_argument("--sentences", type=int, default=60, help="of each voice")
    options = parser.parse_args()
    chance, found = random.Random("adapt"), list[tuple[int, int, Floats]]()
    with tempfile.TemporaryDirectory() as folder:
        for name in VOICE_NAMES:
            found += align(name, list(sentences(chance, options.sentences)), Path(folder))
            print(f"{name}: {len(found)} frames", flush=True)  # noqa: T201  (printing is its job)
    silence = _phone_names().index("SIL")
    kept = [one for one in found if one[0] != silence and np.isfinite(one[2]).all()]
    frames = Frames(
        np.array([one[0] for one in kept]), np.array([one[1] for one in kept]), np.array([one[2] for one in kept])
    )
    means, digest = read_parameters("means")
    variances, _ = read_parameters("variances")
    shift = adapt(means, np.maximum(variances, 1e-4), frames) - means
    step_size = np.abs(shift).max(axis=(0, 2), keepdims=True) / LARGEST_STEP
    steps = np.round(shift / step_size).astype(np.int8)
    np.savez_compressed(SHIFTS, base=np.array(digest), steps=steps, step_size=step_size)


if __name__ == "__main__":
    main()
