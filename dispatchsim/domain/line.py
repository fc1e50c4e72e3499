"""The telephone line of a call, by name: how it spoils the sound on its way to the other side."""

from dataclasses import dataclass
from enum import StrEnum


class LineQuality(StrEnum):
    """How good a line is, from what a room can carry down to a cell phone in the hills."""

    CLEAR = "clear"
    PHONE = "phone"
    NOISY = "noisy"
    BREAKING_UP = "breaking_up"

    @property
    def label(self) -> str:
        """Name it in a word or two, as in `Line: breaking up`."""
        return self.value.replace("_", " ")

    @property
    def sentence(self) -> str:
        """Say what one hears."""
        return _SENTENCES[self]

    @property
    def traits(self) -> "LineTraits":
        """Say what it does to the sound."""
        return _TRAITS[self]


@dataclass(frozen=True)
class LineTraits:
    """What a line does to the sound; a clear one does nothing."""

    is_band_limited: bool = False  # 300 to 3400 Hz, the band of the telephone
    snr_db: float | None = None  # speech over noise, both inside the band; None: no noise
    lost_share: float = 0.0  # of the packets, 20 ms each, lost in bursts

    @property
    def is_clear(self) -> bool:
        """Whether the sound passes as it is."""
        return self == LineTraits()


_SENTENCES = {
    LineQuality.CLEAR: "as good as a room of the web",
    LineQuality.PHONE: "the narrow band of a telephone",
    LineQuality.NOISY: "a telephone in a loud cab",
    LineQuality.BREAKING_UP: "a cell phone that loses pieces of words",
}
_TRAITS = {
    LineQuality.CLEAR: LineTraits(),
    LineQuality.PHONE: LineTraits(is_band_limited=True),
    LineQuality.NOISY: LineTraits(is_band_limited=True, snr_db=26.0),
    LineQuality.BREAKING_UP: LineTraits(is_band_limited=True, snr_db=28.0, lost_share=0.06),
}
