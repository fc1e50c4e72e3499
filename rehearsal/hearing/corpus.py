"""What a session was told, as sentences that its peer is likely to say.

Lines `key: value` are facts: they fill the slots of the grammar's sentences. All other text is prose, whose words
count a little.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rehearsal.hearing.grammar import Grammar
from rehearsal.speech_text import number_words, spoken_form

_FACT = re.compile(r"^\s*(?:[-*]\s+)?(?P<key>[^:#]{1,60}?)\s*:\s*(?P<value>\S.*?)\s*$")
_SENTENCE_END = re.compile(r"[.!?;:](?:\s|$)|\n")
_PART_END = re.compile(r"[,;]\s|\s\(|\)")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*")
_ROUND_NUMBER = re.compile(r"\b(?:(?P<comma>[1-9]),)?(?P<rest>\d{3})\b(?!,)")
_NAME_KEYS = frozenset({"name", "peer name"})
_OWN_KEYS = frozenset({"role", "peer role", "opens the call", "call kind", "goal", "decision"})  # no facts of the load
_MOST_FACTS = 100  # of one session; the rest is prose
_MOST_PROSE_WORDS = 4000
# A value with one of these words may also stand where such a thing is expected.
_KINDS = {
    "money": "dollars",
    "weight": "pounds",
    "miles": "miles",
    "hours": "hours",
    "temp": "degrees",
    "length": "foot",
}
_PAIRED = (
    *("the {key} (is|are) {value}", "the {key} on this load (is|are) {value}", "for the {key} my sheet says {value}"),
    *("on the {key} that would be {value}", "as for the {key} {value}", "{key} {value}", "the {key} {value}"),
    *("what (is|are) the {key}", "{value}", "{value}", "it's {value}", "so {value}"),
    "(okay|got it|so) {value} (right|is that right)",
)


@dataclass(frozen=True)
class Fact:
    """A key and its value in words; several wordings of one value are several facts."""

    key: str
    value: str


@dataclass(frozen=True)
class SessionText:
    """What a session's texts say, in spoken words."""

    facts: tuple[Fact, ...]
    keys: tuple[str, ...]
    names: tuple[str, ...]
    prose: tuple[str, ...]

    def sentences(self, grammar: Grammar, *, fills: int) -> Iterator[str]:
        """Give sentences with what the session knows in their slots."""
        for fact in self.facts:
            own = replace(grammar, slots={**grammar.slots, "key": (fact.key,), "value": (fact.value,)})
            yield from (sentence for template in _PAIRED for sentence in own.fill(template, 2))
        slots = self._slots()
        told = replace(grammar, slots={**grammar.slots, **slots})
        named = re.compile("{(?:" + "|".join(slots) + ")}") if slots else None
        for template in grammar.sentences:
            if named is not None and named.search(template):
                yield from told.fill(template, fills)

    def _slots(self) -> dict[str, tuple[str, ...]]:
        values = tuple(fact.value for fact in self.facts)
        slots = {"key": self.keys, "value": values, "name": self.names}
        for slot, word in _KINDS.items():
            slots[slot] = tuple(value for value in values if word in value.split())
        return {slot: ways for slot, ways in slots.items() if ways}


def read_session(text: str) -> SessionText:
    """Read instructions and other texts of a session."""
    facts: dict[Fact, None] = {}
    keys, names, prose = dict[str, None](), dict[str, None](), list[str]()
    for line in text.splitlines():
        match = _FACT.match(line)
        key = "" if match is None else words_of(match["key"].replace("_", " "))
        if match is None or key in _OWN_KEYS or not key or len(key.split()) > 4 or len(facts) >= _MOST_FACTS:
            prose.append(line)
        elif key in _NAME_KEYS:
            names[words_of(match["value"])] = None
        else:
            keys[key] = None
            facts.update((Fact(key, way), None) for way in _ways_to_say(match["value"]))
    return SessionText(tuple(facts), tuple(keys), tuple(filter(None, names)), tuple(_prose(prose)))


def words_of(text: str) -> str:
    """Give text as lower-case spoken words: `$2,450` is `two thousand four hundred fifty dollars`."""
    return " ".join(_WORD.findall(spoken_form(text).lower().replace("\u2019", "'")))


def _ways_to_say(value: str) -> Iterator[str]:
    """Give the whole value and its parts, with its numbers in the ways in which people say them."""
    for part in dict.fromkeys([value, *_PART_END.split(value)]):
        for written in (part, *_shorter_numbers(part)):
            if words := words_of(written):
                yield words


def _shorter_numbers(text: str) -> Iterator[str]:
    """Say 1,450 as fourteen hundred fifty and as fourteen fifty, and 275 as two seventy five."""
    for match in _ROUND_NUMBER.finditer(text):
        number = int((match["comma"] or "") + match["rest"])
        high, low = divmod(number, 100)
        before, after = text[: match.start()], text[match.end() :].removeprefix("/")
        if number < 100 or high % 10 == 0:
            continue
        tail = number_words(low) if low >= 10 else f"oh {number_words(low)}"
        if high > 10:
            yield f"{before}{number_words(high)} hundred {number_words(low) if low else ''} {after}"
            yield f"{before}{number_words(high)} hundred {f'and {number_words(low)}' if low else ''} {after}"
        if low:
            yield f"{before}{number_words(high)} {tail}"
            yield f"{before}{number_words(high)} {tail} {after}"


def _prose(lines: Iterable[str]) -> Iterator[str]:
    left = _MOST_PROSE_WORDS
    for sentence in _SENTENCE_END.split("\n".join(lines)):
        words = words_of(sentence)
        left -= len(words.split())
        if words and left > 0:
            yield words
