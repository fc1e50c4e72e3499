"""Slips of the ear for calls without sound: words lost, words taken for others, numbers confused."""

import random
import re
from collections.abc import Sequence

from rehearsal.dialogue.mix_ups import number_words_alike
from rehearsal.speech_text import spoken_form

_LOST = 0.5  # of the words that go wrong
_SMALL = ("the", "a", "uh", "that", "to", "and", "of", "it")


def mishear(text: str, *, rate: float, seed: str) -> str:
    """Give what a recogniser might make of a line: words alone, `rate` of them wrong."""
    dice = random.Random(seed)  # noqa: S311  (repeatable, not secret)
    words = re.findall(r"[a-z']+", spoken_form(text).lower())
    return " ".join(word for word in (_slip(word, words, rate, dice) for word in words) if word)


def _slip(word: str, words: Sequence[str], rate: float, dice: random.Random) -> str:
    if dice.random() >= rate:
        return word
    alike = number_words_alike(word)
    if alike:
        return alike
    if dice.random() < _LOST:
        return ""
    return dice.choice((*_SMALL, dice.choice(list(words))))
