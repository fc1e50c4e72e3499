"""The way of a voice to the other side's ears: its line, up to the room's 48 kHz, through Opus, and down again."""

import zlib

import av
import numpy as np
import soxr  # type: ignore[import-untyped]
from numpy.typing import NDArray

from agents.phone_line import PhoneLine
from dispatchsim.domain.line import LineQuality
from rehearsal import voice
from rehearsal.audio import SAMPLE_RATE_HZ

ROOM_RATE_HZ = 48_000
OPUS_BITS_PER_S = 24_000
_FRAME = ROOM_RATE_HZ // 50
_BEFORE_MS, _AFTER_MS = 300, 500  # as turn detection leaves around a turn
_BYTES_PER_MS = SAMPLE_RATE_HZ * 2 // 1000


def say(text: str, voice_name: str, line: LineQuality = LineQuality.CLEAR) -> bytes:
    """Speak a turn and send it over its line and through Opus; PCM16 at 24 kHz with the silence around it."""
    spoken = over_line(voice.speak(text, voice=voice_name), line, seed=zlib.crc32(text.encode()))
    return through_opus(bytes(_BEFORE_MS * _BYTES_PER_MS) + spoken + bytes(_AFTER_MS * _BYTES_PER_MS))


def over_line(pcm: bytes, line: LineQuality, *, seed: int) -> bytes:
    """Send PCM16 at 24 kHz over a line, as an agent does."""
    phone = PhoneLine(line.traits, seed=seed, sample_rate_hz=SAMPLE_RATE_HZ)
    return phone.carry(np.frombuffer(pcm, dtype=np.int16)).tobytes()


def through_opus(pcm: bytes) -> bytes:
    """Send PCM16 at 24 kHz through Opus as a room carries it."""
    sound = soxr.resample(np.frombuffer(pcm, dtype="<i2"), SAMPLE_RATE_HZ, ROOM_RATE_HZ)
    sound = np.concatenate([sound, np.zeros(-len(sound) % _FRAME, dtype=np.int16)])
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = ROOM_RATE_HZ, "mono", "s16"
    encoder.bit_rate, encoder.options = OPUS_BITS_PER_S, {"application": "voip"}
    packets = [packet for start in range(0, len(sound), _FRAME) for packet in encoder.encode(_frame(sound, start))]
    packets += encoder.encode(None)
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = ROOM_RATE_HZ, "mono"
    heard = np.concatenate([_samples(frame) for packet in packets for frame in decoder.decode(packet)])
    return bytes(soxr.resample(heard, ROOM_RATE_HZ, SAMPLE_RATE_HZ).astype("<i2").tobytes())


def _frame(sound: NDArray[np.int16], start: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(sound[None, start : start + _FRAME], format="s16", layout="mono")
    frame.sample_rate, frame.pts = ROOM_RATE_HZ, start
    return frame


def _samples(frame: av.AudioFrame) -> NDArray[np.int16]:
    samples = frame.to_ndarray().reshape(-1)
    if samples.dtype != np.int16:
        samples = np.clip(samples * 32767, -32768, 32767).astype(np.int16)
    return np.asarray(samples, dtype=np.int16)
