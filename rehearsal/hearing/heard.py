"""What was heard."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HeardWord:
    """One word, or a name of several, with how sure it is from 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True)
class Heard:
    """An utterance in spoken words and lower case: `forty two thousand pounds`. No words: nothing was recognised."""

    text: str
    confidence: float
    words: tuple[HeardWord, ...]


NOTHING = Heard("", 0.0, ())
