"""The grammar of freight calls: sentences with slots, slots with classes of words. Data, read once.

"i can do {money}"  ──►  "i can do [digit] thousand [digit] hundred"  ──►  n-grams over words and classes
"""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"
_CHOICE = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Grammar:
    """All that the data files say."""

    sentences: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]
    classes: Mapping[str, tuple[str, ...]]  # members may be of several words
    common: tuple[str, ...]

    def fill(self, template: str, count: int) -> Iterator[str]:
        """Fill a template `count` times; the same template always gives the same."""
        chance = random.Random(template)  # noqa: S311  (not for secrets: it has to repeat)
        for _ in range(count):
            yield " ".join(self._fill_once(template, chance).split())

    def _fill_once(self, text: str, chance: random.Random) -> str:
        text = _CHOICE.sub(lambda match: chance.choice(match[1].split("|")), text)
        return _SLOT.sub(lambda match: self._fill_once(chance.choice(self.slots[match[1]]), chance), text)


@cache
def load_grammar() -> Grammar:
    """Read the data files."""
    slots: dict[str, tuple[str, ...]] = {}
    for line in _lines("slots.txt"):
        name, _, way = line.partition(": ")
        slots[name] = (*slots.get(name, ()), way)
    common = tuple(word for line in _lines("common.txt") for word in line.split())
    return Grammar(tuple(_lines("sentences.txt")), slots, {**_named_lists("words.txt"), **_places()}, common)


def _lines(name: str) -> Iterator[str]:
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def _named_lists(name: str) -> dict[str, tuple[str, ...]]:
    pairs = (line.partition(":") for line in _lines(name))
    return {title: tuple(dict.fromkeys(one.strip() for one in members.split(","))) for title, _, members in pairs}


def _places() -> dict[str, tuple[str, ...]]:
    cities_by_state = _named_lists("places.txt")
    both = [f"{city} {state}" for state, cities in cities_by_state.items() for city in cities]
    cities = dict.fromkeys(city for cities in cities_by_state.values() for city in cities)
    return {"state": tuple(cities_by_state), "city": tuple(cities), "citystate": tuple(both)}
