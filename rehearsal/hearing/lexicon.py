"""How words sound: the CMU dictionary, and rules for what it does not know."""

from collections.abc import Iterator
from functools import cache
from itertools import islice, product
from pathlib import Path

from pocketsphinx import get_model_path

from rehearsal.hearing.pronounce import sounds_of

_MOST_WAYS = 4  # to pronounce one entry; each costs search time
# The voices draw such an ending out, or end it as if a T followed: without these "okay" is heard as "okay eight".
_DRAWN_OUT, _ENDINGS = " EY", (" T", " IH")


@cache
def _dictionary() -> dict[str, tuple[str, ...]]:
    """Read the whole dictionary: some 135,000 words, a tenth of a second, once per process."""
    text = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text(encoding="utf-8")
    ways: dict[str, tuple[str, ...]] = {}
    for name, _, sounds in [line.partition(" ") for line in text.splitlines()]:
        word = name.partition("(")[0]  # other ways to say it are numbered: `live(2)`
        ways[word] = (*ways.get(word, ()), sounds.rstrip())
    return ways


@cache
def ways_to_say(phrase: str) -> tuple[str, ...]:
    """Give the pronunciations of one or more words, the usual one first; none when it cannot be said.

    The rules add their own way even to known words: people, and voices, do not all follow the dictionary.
    """
    known = [_dictionary().get(word) or (sounds_of(word),) for word in phrase.split()]
    usual = [" ".join(sounds).strip() for sounds in islice(product(*known), _MOST_WAYS - 1)]
    by_rule = sounds_of(phrase)
    ways = [way for way in (*usual, by_rule) if way]
    drawn_out = [way + ending for way in ways[:1] if way.endswith(_DRAWN_OUT) for ending in _ENDINGS]
    return tuple(dict.fromkeys([*ways, *drawn_out]))


def dictionary_lines(entries: dict[str, str]) -> Iterator[str]:
    """Write a dictionary for the decoder; `entries` gives what is said for each name."""
    for name, phrase in entries.items():
        for number, sounds in enumerate(ways_to_say(phrase), start=1):
            yield f"{name} {sounds}" if number == 1 else f"{name}({number}) {sounds}"
