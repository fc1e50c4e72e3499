"""How a persona speaks, from the words of its character."""

import re
from dataclasses import dataclass

_TRAITS = {
    "patience": (
        "patient calm easygoing unhurried relaxed gentle steady friendly",
        "impatient hurried rushed brisk quick fast short-tempered annoyed irritable restless",
    ),
    "talk": (
        "talkative chatty warm laugh storyteller cheerful wordy friendly lively",
        "terse brief briefly little dry short laconic curt few silent quiet",
    ),
    "care": (
        "careful exact accurate precise repeat repeats check checks double thorough meticulous",
        "careless sloppy forgetful distracted vague hasty",
    ),
    "thrift": (
        "counts every bills money sums haggle bargain hard tough stubborn pay pays firm",
        "generous trusting flexible fair",
    ),
}


@dataclass(frozen=True)
class Manner:
    """Traits from 0 (the opposite) over 0.5 (nothing said) to 1."""

    patience: float = 0.5
    talk: float = 0.5
    care: float = 0.5
    thrift: float = 0.5


def find_manner(character: str) -> Manner:
    """Read the traits; a word after `not` or `never` counts for nothing."""
    words = re.findall(r"[a-z-]+", character.lower())
    kept = [word for before, word in zip(["", *words], words, strict=False) if before not in {"not", "never", "no"}]
    return Manner(**{name: _weigh(kept, *(part.split() for part in parts)) for name, parts in _TRAITS.items()})


def _weigh(words: list[str], more: list[str], less: list[str]) -> float:
    up, down = sum(word in more for word in words), sum(word in less for word in words)
    return max(0.1, min(0.9, 0.5 + 0.2 * (up - down)))
