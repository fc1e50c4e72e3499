"""Topics: what can be asked and told. Any key of an author works; the usual ones of freight have words of their own."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rehearsal.dialogue.categories import CALL, LOAD, TRUCK, Category
from rehearsal.dialogue.numbers import is_number_word
from rehearsal.dialogue.words import words_of
from rehearsal.wording import humanise

_COUNTED_IN = frozenset(
    ["detention", "layover", "fee", "amount", "hours", "miles", "pounds", "degrees", "weight", "temperature"]
)
_SMALL = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "on",
        "in",
        "at",
        "for",
        "to",
        "is",
        "are",
        "it",
        "and",
        "your",
        "my",
        "our",
        "this",
        "that",
    ]
)


_NO_CATEGORY = Category(frozenset(), ())


@dataclass(frozen=True)
class Topic:
    """A fact by its key. `is_load` tells the load's facts from those of the truck or the report."""

    key: str
    value: str | None = None
    is_load: bool = True
    is_report: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the key that carry meaning."""
        return _content_words(self.key)

    @property
    def category(self) -> Category:
        """The usual fact that this is, else one without words of its own."""
        return category_of(self.key, is_load=self.is_load, is_report=self.is_report)

    @property
    def needs_number(self) -> bool:
        """Whether an answer without a number, or a time of day, is none."""
        key = humanise(self.key).lower()
        return self.category.needs_number or key.startswith("new ") or bool(_COUNTED_IN & set(self.words))

    @property
    def is_rate(self) -> bool:
        """Whether this is what the load pays."""
        return self.is_load and self.category is LOAD[0]


@lru_cache(maxsize=2000)
def _content_words(key: str) -> tuple[str, ...]:
    words = words_of(humanise(key))
    return tuple(word for word in words if word not in _SMALL) or words


@lru_cache(maxsize=2000)
def category_of(key: str, *, is_load: bool, is_report: bool = False) -> Category:
    """Find the usual fact behind a key."""
    name = humanise(key).lower()
    known = LOAD if is_load else (*CALL, *TRUCK) if is_report else TRUCK
    return next((category for category in known if name in category.keys), _NO_CATEGORY)


def is_usual(topic: Topic) -> bool:
    """Tell whether a fact is one of the load itself, that both sides of a report know."""
    usual = topic.category
    return any(category is usual for category in LOAD if category.keys & _OF_THE_LOAD)


_OF_THE_LOAD = frozenset(
    ["rate", "commodity", "weight", "pickup", "delivery", "miles", "trailer", "temperature", "hazmat", "reference"]
)


def is_named(topic: Topic, name: str) -> bool:
    """Tell whether a topic is the usual fact of that name, as in `pickup`."""
    return name in topic.category.keys


def find_topic(topics: Iterable[Topic], words: Sequence[str], *, at_least: float = 0.5) -> Topic | None:
    """Find the topic that a row of words is about."""
    scored = [(score(topic, words), len(topic.words), topic) for topic in topics]
    scored = [entry for entry in scored if entry[0] >= at_least]
    return max(scored, key=lambda entry: entry[:2])[2] if scored else None


def find_asked_in(topics: Iterable[Topic], words: Sequence[str]) -> list[Topic]:
    """Find all facts that a wish names in full, in the order of the wish."""
    found = [topic for topic in topics if not topic.is_rate and score(topic, words) >= 1]
    return sorted(found, key=lambda topic: _first_place(topic, words))


def _first_place(topic: Topic, words: Sequence[str]) -> int:
    row = f" {' '.join(words)} "
    starts = (row.find(f" {cue} ") for cue in topic.category.cues)
    places = [row[:start].count(" ") for start in starts if start >= 0]
    places += [place for place, word in enumerate(words) if any(alike(word, own) for own in topic.words)]
    return min(places, default=len(words))


def means_the_same(one: Topic, other: Topic) -> bool:
    """Tell whether two keys name one thing: `arrival on record` and `arrived`."""
    words = [word for word in one.words if word not in _ON_FILE]
    return bool(words) and all(any(_has_stem(word, known) for known in other.words) for word in words)


_ON_FILE = frozenset({"record", "file", "books"})
_STEM = 5  # letters


def _has_stem(one: str, other: str) -> bool:
    return one == other or (len(one) >= _STEM and one[:_STEM] == other[:_STEM])


def score(topic: Topic, words: Sequence[str]) -> float:
    """Tell from 0 to 1.2 how much a row of words names a topic."""
    row, text, category = tuple(words), f" {' '.join(words)} ", topic.category
    if any(f" {cue} " in text for cue in category.cues) or any(_is_asked_by(form, row) for form in category.asks):
        return max(1.05, _share_named(topic, row))
    named = _share_named(topic, row)
    return named if named < 1 else named + 0.1 * (len(topic.words) - 1)


def _share_named(topic: Topic, row: tuple[str, ...]) -> float:
    return sum(any(alike(word, other) for other in row) for word in topic.words) / len(topic.words)


@lru_cache(maxsize=20_000)
def _is_asked_by(form: str, words: tuple[str, ...]) -> bool:
    """Tell whether nearly all words of a way to ask are there."""
    wanted = [word for word in words_of(form) if word not in {"and", "it", "the"}]
    found = sum(any(alike(word, other) for other in words) for word in wanted)
    return len(wanted) >= 3 and found >= len(wanted) - (1 if len(wanted) > 4 else 0)


@lru_cache(maxsize=50_000)
def alike(one: str, other: str) -> bool:
    """Tell whether two words are the same but for an ending or a slip of the ear."""
    if one == other or is_number_word(one) or is_number_word(other):
        return one == other  # eight is no misheard weight
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and long in {f"{short}s", f"{short}es", f"{short}ing", f"{short}ed"}:
        return True
    if len(short) < 5 or len(long) - len(short) > 2:
        return False
    return _distance(short, long) <= (1 if len(long) < 8 else 2)


def _distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        last, row[0] = row[0], place
        for index, candidate in enumerate(other, 1):
            last, row[index] = row[index], min(row[index] + 1, row[index - 1] + 1, last + (letter != candidate))
    return row[-1]


def with_unit(topic: Topic, value: str) -> str:
    """Give a value with the unit that a sheet leaves out: 330 miles."""
    is_bare = "miles" in topic.words and value.replace(",", "").isdigit()
    return f"{value} miles" if is_bare else value


def begins_with_a_place(value: str) -> bool:
    """Tell whether a value begins with a name, as in `Dallas, Texas, tomorrow`."""
    return re.match(r"[A-Z][a-z]+(?:[ .-]+[A-Z][a-z]*)*(?:,|\s+(?:at|on|tomorrow|today|tonight)|$)", value) is not None
