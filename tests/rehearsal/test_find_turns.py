"""The ears find speech in what they hear, and nothing else."""

import io

import av
import numpy as np
import pytest

from rehearsal import voice
from rehearsal.audio import duration_ms
from rehearsal.ears import Edge, SpeechEdge, SpeechListener, TurnDetector
from tests.rehearsal.wire import silence

SENTENCE = "The commodity on this load is frozen chicken."


def edges_in(pcm: bytes, *, silence_ms: int = 500, chunk_ms: int = 100) -> list[SpeechEdge]:
    detector = TurnDetector(threshold=0.5, silence_ms=silence_ms, listener=SpeechListener())
    size = chunk_ms * 48
    return [edge for start in range(0, len(pcm), size) for edge in detector.feed(pcm[start : start + size])]


def through_opus(pcm: bytes) -> bytes:
    """Send the audio through the codec of a LiveKit room."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        stream.bit_rate = 24_000
        frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, np.int16)[None, :], format="s16", layout="mono")
        frame.sample_rate = 24_000
        for resampled in av.AudioResampler("s16", "mono", 48_000).resample(frame):
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
    buffer.seek(0)
    back = av.AudioResampler("s16", "mono", 24_000)
    with av.open(buffer, "r") as coded:
        frames = [each for decoded in coded.decode(audio=0) for each in back.resample(decoded)]
    return b"".join(frame.to_ndarray().tobytes() for frame in frames)


@pytest.mark.parametrize("name", voice.VOICE_NAMES)
def test_each_voice_is_one_turn_also_after_opus(name: str) -> None:
    spoken = voice.pause().join(voice.speak(text, voice=name) for text in ("Okay.", SENTENCE))

    edges = edges_in(through_opus(silence(1000) + spoken + silence(1000)))

    assert [edge.edge for edge in edges] == [Edge.STARTED, Edge.STOPPED]
    assert edges[0].at_ms == pytest.approx(1000, abs=150)
    assert edges[1].at_ms == pytest.approx(1000 + duration_ms(spoken) + 500, abs=250)


@pytest.mark.parametrize("name", voice.VOICE_NAMES)
def test_a_short_bye_is_heard(name: str) -> None:
    edges = edges_in(silence(500) + voice.speak("Bye.", voice=name) + silence(1000))

    assert len(edges) == 2


def test_digital_silence_is_no_speech() -> None:
    assert edges_in(silence(5000)) == []


def test_soft_noise_is_no_speech() -> None:
    noise = np.random.default_rng(1).normal(0, 200, 24_000 * 5).astype("<i2").tobytes()

    assert edges_in(noise) == []


def test_a_tone_is_no_speech() -> None:
    tone = (3000 * np.sin(2 * np.pi * 440 * np.arange(24_000 * 3) / 24_000)).astype("<i2").tobytes()

    assert edges_in(tone) == []


def test_a_longer_silence_setting_joins_two_sentences() -> None:
    one = voice.speak(SENTENCE, voice="ash")

    edges = edges_in(one + silence(700) + one + silence(1500), silence_ms=1000)

    assert len(edges) == 2


def test_chunk_size_does_not_matter() -> None:
    pcm = silence(500) + voice.speak(SENTENCE, voice="ash") + silence(1000)

    assert edges_in(pcm, chunk_ms=10) == edges_in(pcm, chunk_ms=1000)
