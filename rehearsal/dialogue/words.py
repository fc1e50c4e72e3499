"""The words of a text as they are spoken: what was written and what was recognised come down to the same row."""

import re
from functools import lru_cache

from rehearsal.speech_text import spoken_form

_HESITATIONS = frozenset({"uh", "um", "er", "hm"})
_CONTRACTIONS = (
    (re.compile(r"\b(what|where|when|who|how|that|it|there|here|he|she|let)'s\b"), r"\1 is"),
    (re.compile(r"\bcan't\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"'s\b"), "s"),
)


@lru_cache(maxsize=20_000)
def words_of(text: str) -> tuple[str, ...]:
    """Give the words of written or recognised text, numbers spelt out, contractions opened."""
    text = re.sub(r"(?<![\w$])(\d+\.\d+)[kK]\b", r"$\1k", text)
    lowered = spoken_form(text).lower().replace("\u2019", "'").replace("okay", "ok")
    for pattern, opened in _CONTRACTIONS:
        lowered = pattern.sub(opened, lowered)
    return tuple(word for word in re.findall(r"[a-z]+", lowered) if word not in _HESITATIONS)
