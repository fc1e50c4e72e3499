"""The line between an agent and the room: what it takes from the sound, and what it leaves alone."""

from uuid import UUID

import numpy as np
import pytest
from livekit import rtc
from numpy.typing import NDArray

from agents.phone_line import PhoneLine, build_line
from dispatchsim.domain.brief import ConversationBrief
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.line import LineQuality, LineTraits
from tests.agents.briefs import build_brief

RATE_HZ = 24_000
PACKET = 480
Samples = NDArray[np.int16]
BAND = LineTraits(is_band_limited=True)


def hiss(seconds: float, level: float = 0.1) -> Samples:
    """Sound of all frequencies, as loud as speech."""
    wave = np.random.default_rng(7).normal(0, level, int(seconds * RATE_HZ))
    return np.asarray(np.clip(wave, -1, 1) * 32767, dtype=np.int16)


def tone(hz: float, seconds: float, level: float = 0.1) -> Samples:
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return np.asarray(level * 2**0.5 * np.sin(2 * np.pi * hz * at) * 32767, dtype=np.int16)


def line(traits: LineTraits, seed: int = 1) -> PhoneLine:
    return PhoneLine(traits, seed=seed, sample_rate_hz=RATE_HZ)


def decibels(sound: Samples, low_hz: float, high_hz: float) -> float:
    """Tell the energy between two frequencies."""
    spectrum = np.abs(np.fft.rfft(sound.astype(np.float64))) ** 2
    bins = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    return float(10 * np.log10(np.sum(spectrum[(bins >= low_hz) & (bins < high_hz)]) + 1e-9))


def lost(sound: Samples) -> NDArray[np.bool_]:
    """Tell which packets arrived silent; the fade at their beginning counts for nothing."""
    packets = sound[: len(sound) // PACKET * PACKET].reshape(-1, PACKET)
    return np.asarray(~packets[:, PACKET // 4 :].any(axis=1))


@pytest.mark.parametrize("quality", [quality for quality in LineQuality if quality is not LineQuality.CLEAR])
def test_as_many_samples_arrive_as_were_sent(quality: LineQuality) -> None:
    sent = hiss(1.0)[:23_457]

    assert len(line(quality.traits).carry(sent)) == len(sent)


def test_nothing_above_the_telephone_band_arrives() -> None:
    sent = hiss(2.0)

    arrived = line(BAND).carry(sent)

    assert decibels(arrived, 3900, 12_000) < decibels(sent, 3900, 12_000) - 35


def test_nothing_below_the_telephone_band_arrives() -> None:
    sent = hiss(2.0)

    arrived = line(BAND).carry(sent)

    assert decibels(arrived, 0, 100) < decibels(sent, 0, 100) - 25


def test_the_band_itself_arrives_as_it_was_sent() -> None:
    sent = hiss(2.0)

    arrived = line(BAND).carry(sent)

    assert decibels(arrived, 600, 3000) == pytest.approx(decibels(sent, 600, 3000), abs=0.5)


@pytest.mark.parametrize("level", [0.03, 0.1, 0.3])
def test_noise_lies_as_far_below_the_voice_as_asked_however_loud_the_voice_is(level: float) -> None:
    voice = tone(1000, 6.0, level)

    arrived = line(LineTraits(is_band_limited=True, snr_db=12.0)).carry(voice)[-2 * RATE_HZ :]

    speech, noise = (
        decibels(arrived, 990, 1010),
        10 * np.log10(10 ** (decibels(arrived, 0, 990) / 10) + 10 ** (decibels(arrived, 1010, 12_000) / 10)),
    )
    assert speech - noise == pytest.approx(12.0, abs=0.7)


def test_noise_has_the_band_of_the_telephone() -> None:
    arrived = line(LineTraits(is_band_limited=True, snr_db=12.0)).carry(np.zeros(2 * RATE_HZ, dtype=np.int16))

    assert decibels(arrived, 3900, 12_000) < decibels(arrived, 300, 3400) - 30


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_the_share_of_lost_packets_is_the_one_asked_for(share: float) -> None:
    arrived = line(LineTraits(lost_share=share)).carry(tone(1000, 400.0))

    assert lost(arrived).mean() == pytest.approx(share, rel=0.15)


def test_packets_are_lost_in_bursts_that_do_not_end_a_turn() -> None:
    gone = lost(line(LineTraits(lost_share=0.1)).carry(tone(1000, 60.0)))

    edges = np.flatnonzero(np.diff(np.concatenate([[0], gone.astype(np.int8), [0]])))
    bursts = edges[1::2] - edges[::2]
    assert (bursts.min() >= 2, bursts.max() <= 8) == (True, True)


def test_a_line_sounds_the_same_however_the_sound_is_cut() -> None:
    sent, traits = hiss(1.5), LineQuality.BREAKING_UP.traits
    whole, pieces = line(traits), line(traits)

    cut = [pieces.carry(sent[start : start + 1111]) for start in range(0, len(sent), 1111)]

    assert np.max(np.abs(np.concatenate(cut).astype(np.int32) - whole.carry(sent))) <= 1


def test_another_seed_loses_other_packets() -> None:
    sent, traits = tone(1000, 20.0), LineTraits(lost_share=0.1)

    assert list(lost(line(traits, 1).carry(sent))) != list(lost(line(traits, 2).carry(sent)))


def test_nothing_of_a_turn_that_was_cut_rings_on_in_the_next() -> None:
    phone = line(BAND)
    phone.carry(hiss(0.5))

    phone.begin_turn()

    assert not phone.carry(np.zeros(RATE_HZ, dtype=np.int16)).any()


def test_a_frame_keeps_its_shape() -> None:
    sent = rtc.AudioFrame(hiss(0.1).tobytes(), RATE_HZ, 1, RATE_HZ // 10)

    arrived = line(BAND).carry_frame(sent)

    assert (arrived.sample_rate, arrived.num_channels, arrived.samples_per_channel) == (RATE_HZ, 1, RATE_HZ // 10)
    assert bytes(arrived.data) != bytes(sent.data)


def brief(quality: LineQuality, role: Role = Role.DRIVER) -> ConversationBrief:
    return build_brief(role, conversation_id=UUID(int=2**128 - 1), line=quality)


def test_a_clear_line_is_no_line_at_all() -> None:
    assert build_line(brief(LineQuality.CLEAR)) is None


def test_both_sides_of_a_call_have_a_line_of_their_own() -> None:
    sent = tone(1000, 20.0)
    lines = [build_line(brief(LineQuality.BREAKING_UP, role)) for role in Role]

    one, other = (list(lost(line.carry(sent))) for line in lines if line is not None)

    assert one != other
