"""The line between this agent and the room: band limit, noise and lost packets, in the sound itself.

    words of the model ──► 300 to 3400 Hz ──► noise of that band ──► packets lost ──► room: peer, observers, recorder

As many samples come out as went in, so the words keep their places in the sound. What is lost and what the noise is
like follows from the seed and from what was sent, not from how it was cut into frames. Between turns nothing is
sent, as a telephone does that spares the silence.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

from agents.wire import SAMPLE_RATE_HZ
from dispatchsim.domain.brief import ConversationBrief
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.line import LineTraits

Sound = NDArray[np.float32]  # -1 to 1, mono

BAND_HZ = (300.0, 3400.0)
PACKET_S = 0.02
FADE_S = 0.0025  # at the edges of a gap: lost packets are silence, not clicks
BURST_PACKETS = (2, 8)  # lost in a row, all lengths alike; longer ones would end the turn for a listener
NOISE_TILT_DB = 9.0  # an octave: engines and tires are louder the lower they sound
USUAL_LEVEL = 0.1  # RMS of speech until some was heard: -20 dBFS
SPEECH_LEVEL = 0.02  # RMS from which a packet counts as speech
LEVEL_SHARE = 0.1  # of each such packet in the running level
_FILTER_S = 0.01  # length of the band filter; half of it is its delay
_LOUDEST = 0.98
_FULL_SCALE = 32768


class PhoneLine:
    """The line of one agent for one call."""

    def __init__(self, traits: LineTraits, *, seed: int, sample_rate_hz: int) -> None:
        stages: list[Callable[[Sound], Sound]] = []
        self._band = BandFilter(sample_rate_hz) if traits.is_band_limited else None
        packet = round(PACKET_S * sample_rate_hz)
        if self._band is not None:
            stages.append(self._band.limit)
        if traits.snr_db is not None:
            noise = BandNoise(seed=seed, sample_rate_hz=sample_rate_hz)
            stages.append(Background(traits.snr_db, noise, packet=packet).add)
        if traits.lost_share > 0:
            stages.append(Losses(traits.lost_share, packet=packet, seed=seed).drop)
        self._stages = stages

    def begin_turn(self) -> None:
        """Forget what rang on from the turn before, which may have been cut."""
        if self._band is not None:
            self._band.forget()

    def carry(self, pcm: NDArray[np.int16]) -> NDArray[np.int16]:
        """Send samples over the line; as many arrive."""
        sound: Sound = pcm.astype(np.float32) / np.float32(_FULL_SCALE)
        for stage in self._stages:
            sound = stage(sound)
        arrived: NDArray[np.int16] = (np.clip(sound, -_LOUDEST, _LOUDEST) * _FULL_SCALE).astype(np.int16)
        return arrived

    def carry_frame(self, frame: rtc.AudioFrame) -> rtc.AudioFrame:
        """Send one frame of mono sound over the line."""
        arrived = self.carry(np.frombuffer(frame.data, dtype=np.int16))
        return rtc.AudioFrame(arrived.tobytes(), frame.sample_rate, frame.num_channels, frame.samples_per_channel)


@dataclass(frozen=True)
class Piece:
    """Samples of one packet among those that are being sent."""

    start: int
    end: int
    offset: int  # of its first sample in the packet
    is_last: bool  # of its packet


class Packets:
    """Cuts a stream into packets, wherever its frames end."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._place = 0  # in the packet that is being filled

    def cut(self, count: int) -> Iterator[Piece]:
        """Cut the next samples."""
        start = 0
        while start < count:
            end = min(count, start + self.size - self._place)
            offset, filled = self._place, self._place + end - start
            self._place = filled % self.size
            yield Piece(start, end, offset, is_last=filled == self.size)
            start = end


class BandFilter:
    """Let the band of the telephone pass, by a linear-phase filter; falling by `tilt_db` an octave inside it."""

    def __init__(self, sample_rate_hz: int, *, tilt_db: float = 0.0) -> None:
        half = round(_FILTER_S * sample_rate_hz / 2)
        hz = np.fft.rfftfreq(8192, 1 / sample_rate_hz)
        low, high = BAND_HZ
        octaves = np.log2(np.clip(hz, low, high) / low)
        wanted = np.where((hz >= low) & (hz <= high), 10 ** (-tilt_db * octaves / 20), 0.0)
        ideal = np.roll(np.fft.irfft(wanted), half)[: 2 * half + 1]
        self._taps = (ideal * np.hamming(2 * half + 1)).astype(np.float32)
        self.white_level = float(np.sqrt(np.sum(np.square(self._taps))))  # RMS of what is left of white noise
        self._before: Sound = np.zeros(2 * half, dtype=np.float32)

    def forget(self) -> None:
        """Begin anew, as after silence."""
        self._before = np.zeros_like(self._before)

    def limit(self, sound: Sound) -> Sound:
        """Filter the next samples."""
        joined = np.concatenate([self._before, sound])
        self._before = joined[len(sound) :]
        limited: Sound = np.convolve(joined, self._taps, mode="valid")
        return limited


class BandNoise:
    """The rumble of a cab in the band of the telephone, with a power of 1."""

    def __init__(self, *, seed: int, sample_rate_hz: int) -> None:
        self._band = BandFilter(sample_rate_hz, tilt_db=NOISE_TILT_DB)
        self._dice = np.random.default_rng([seed, 1])

    def next(self, count: int) -> Sound:
        """Give the next samples."""
        white = self._dice.standard_normal(count, dtype=np.float32)
        return self._band.limit(white) / np.float32(self._band.white_level)


class Background:
    """Noise as far below the speech as asked, however loud the voice is."""

    def __init__(self, snr_db: float, noise: BandNoise, *, packet: int) -> None:
        self._ratio = 10 ** (-snr_db / 20)
        self._noise = noise
        self._packets = Packets(packet)
        self._level = USUAL_LEVEL
        self._energy = 0.0  # of this packet so far

    def add(self, sound: Sound) -> Sound:
        """Add noise to the next samples."""
        noise = self._noise.next(len(sound))
        for piece in self._packets.cut(len(sound)):
            noise[piece.start : piece.end] *= self._level * self._ratio
            self._energy += float(np.sum(np.square(sound[piece.start : piece.end])))
            if piece.is_last:
                self._hear(self._energy / self._packets.size)
                self._energy = 0.0
        return sound + noise

    def _hear(self, power: float) -> None:
        if power > SPEECH_LEVEL**2:
            self._level = ((1 - LEVEL_SHARE) * self._level**2 + LEVEL_SHARE * power) ** 0.5


class Losses:
    """Packets that never arrive, in bursts with random pauses between them."""

    def __init__(self, share: float, *, packet: int, seed: int) -> None:
        self._packets = Packets(packet)
        self._dice = np.random.default_rng([seed, 2])
        self._pause = sum(BURST_PACKETS) / 2 * (1 - share) / share  # packets between two bursts, on average
        self._fade = max(1, round(FADE_S / PACKET_S * packet))
        self._is_lost = self._was_lost = False
        self._left = self._draw()

    def drop(self, sound: Sound) -> Sound:
        """Silence the packets that are lost among the next samples."""
        gain = np.ones_like(sound)
        for piece in self._packets.cut(len(sound)):
            at = np.arange(piece.offset, piece.offset + piece.end - piece.start)
            now, before = float(not self._is_lost), float(not self._was_lost)
            gain[piece.start : piece.end] = now + (before - now) * np.clip(1 - at / self._fade, 0, 1)
            if piece.is_last:
                self._step()
        return sound * gain

    def _step(self) -> None:
        self._was_lost = self._is_lost
        self._left -= 1
        if self._left <= 0:
            self._is_lost = not self._is_lost
            self._left = self._draw()

    def _draw(self) -> int:
        shortest, longest = BURST_PACKETS
        return int(
            self._dice.integers(shortest, longest + 1) if self._is_lost else self._dice.geometric(1 / self._pause)
        )


def build_line(brief: ConversationBrief) -> PhoneLine | None:
    """Build the line of one side of a call, seeded by the call's id; None where it would change nothing."""
    if brief.line.traits.is_clear:
        return None
    seed = brief.conversation_id.int * 2 + (brief.role is Role.DRIVER)
    return PhoneLine(brief.line.traits, seed=seed, sample_rate_hz=SAMPLE_RATE_HZ)
