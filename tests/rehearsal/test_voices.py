"""The voices: distinct, evenly loud, quick."""

import itertools
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from rehearsal.audio import duration_ms
from rehearsal.voice import VOICE_NAMES, speak

SENTENCE = "The commodity on this load is frozen chicken."


Wave = NDArray[np.float64]


def samples(pcm: bytes) -> Wave:
    return np.frombuffer(pcm, dtype="<i2").astype(np.float64) / 32768


def colour(pcm: bytes) -> Wave:
    """Give the average spectrum in decibels, 12 Hz a bin, up to 4 kHz."""
    wave = samples(pcm)
    frames = np.lib.stride_tricks.sliding_window_view(wave, 2048)[::512] * np.hanning(2048)
    power = np.mean(np.abs(np.fft.rfft(frames)) ** 2, axis=0)[:342]
    return np.asarray(10 * np.log10(power + 1e-9))


def distance(one: Wave, other: Wave) -> float:
    return float(np.sqrt(np.mean((one - other) ** 2)))


def test_each_voice_of_openai_has_one() -> None:
    assert set(VOICE_NAMES) == {
        *("alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse"),
    }


def test_no_two_voices_sound_the_same() -> None:
    colours = {name: colour(speak(SENTENCE, voice=name)) for name in VOICE_NAMES}
    itself = max(distance(colours[name], colour(speak(SENTENCE, voice=name))) for name in VOICE_NAMES)

    nearest = min(distance(colours[one], colours[other]) for one, other in itertools.combinations(VOICE_NAMES, 2))

    assert nearest > 1.5 * itself


@pytest.mark.parametrize("name", VOICE_NAMES)
def test_each_voice_is_equally_loud(name: str) -> None:
    wave = samples(speak(SENTENCE, voice=name))

    voiced = wave[np.abs(wave) > 0.01]
    assert 20 * np.log10(np.sqrt(np.mean(voiced**2))) == pytest.approx(-20, abs=1.5)


def test_speech_begins_and_ends_without_silence() -> None:
    wave = samples(speak(SENTENCE, voice="cedar"))

    loud = np.flatnonzero(np.abs(wave) > 0.01)
    assert loud[0] < 0.05 * 24_000
    assert len(wave) - loud[-1] < 0.05 * 24_000


@pytest.mark.parametrize("name", VOICE_NAMES)
def test_no_pause_inside_is_as_long_as_the_end_of_a_turn(name: str) -> None:
    wave = samples(speak("Dock four. Ask for Maria; she has the papers. Reference L-4471, Dallas, TX.", voice=name))

    loud = np.flatnonzero(np.abs(wave) > 0.01)
    assert np.diff(loud).max() / 24_000 < 0.3


def test_speed_is_honoured() -> None:
    slow, fast = (duration_ms(speak(SENTENCE, voice="cedar", speed=speed)) for speed in (0.75, 1.5))

    assert slow / fast == pytest.approx(2.0, rel=0.15)


def test_the_same_words_last_equally_long_each_time() -> None:
    one, other = (duration_ms(speak(SENTENCE, voice="ash")) for _ in range(2))

    assert one == pytest.approx(other, abs=30)


def test_nothing_to_say_is_no_sound() -> None:
    assert duration_ms(speak(" ", voice="ash")) < 100


def test_five_seconds_of_speech_take_far_less_than_a_second() -> None:
    text = "We have two thousand four hundred fifty dollars on it, all in, with detention after two hours at the dock."
    speak(text, voice="cedar")
    started = time.perf_counter()

    pcm = speak(text, voice="cedar")

    assert duration_ms(pcm) > 5000
    assert time.perf_counter() - started < 0.5
