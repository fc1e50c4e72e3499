"""How well a listener heard what was said: word errors, and facts that came out wrong. Pure.

All texts are spoken words in lower case, as `one thousand four hundred fifty dollars`. `docs/metrics.md` tells what is
measured and why.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.spoken import NUMBER_WORDS, find_numbers, telling_words

_SCALES = ("hundred", "thousand")
_STARTS = "|".join(sorted(NUMBER_WORDS - {"oh", "o"}))
_FOLLOWS = "|".join(sorted({*NUMBER_WORDS, *_SCALES, "point"} - {"o"}))
_FIGURE = re.compile(
    rf"\b(?P<minus>minus )?(?P<figure>(?:{_STARTS})(?:(?:(?<=hundred) and|(?<=thousand) and)? (?:{_FOLLOWS}))*)\b"
)
_MONEY = re.compile(r" (?:dollars?|bucks?|cents?)\b")
_TIME = re.compile(
    r" (?:o'clock|[ap] ?m|sharp|tonight|at night|(?:in the |this |tomorrow )?(?:morning|afternoon|evening))\b"
)
_UNIT = re.compile(r" (?:pounds?|miles?|foot|feet|degrees?|hours?|minutes?|percent|pallets?|point|days?)\b")
_BEFORE_TIME = re.compile(r"\b(?:at|by|before|after|until|till) $")
_SHORTEST_NAME = 3  # letters of a reference are no names
_PRONOUNS = frozenset({"one", "zero"})  # alone: "that one"


class FactKind(StrEnum):
    """What kind of fact a few words are."""

    MONEY = "money"
    TIME = "time"
    NUMBER = "number"  # every other one: weights, miles, references
    NAME = "name"  # words that a fact is known by: places, goods


@dataclass(frozen=True)
class Share:
    """How many of some things went wrong."""

    wrong: int = 0
    total: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.wrong + other.wrong, self.total + other.total)

    @property
    def rate(self) -> float | None:
        """Wrong ones by all; None where there are none."""
        return self.wrong / self.total if self.total else None


@dataclass(frozen=True)
class Figure:
    """A number that is said."""

    kind: FactKind
    value: float


@dataclass(frozen=True)
class Knowledge:
    """What one side knows beforehand."""

    values: frozenset[float] = frozenset()  # every number in what it was told
    words: frozenset[str] = frozenset()  # every telling word in it
    names: frozenset[str] = frozenset()  # those of them that stand in a fact

    def after_saying(self, text: str) -> "Knowledge":
        """Know from now on what one has said oneself."""
        values = self.values | {figure.value for figure in find_figures(text)}
        return replace(self, values=values, words=self.words | frozenset(telling_words(text)))


@dataclass(frozen=True)
class Score:
    """What came of some turns. News is what the speaker knows and the listener does not."""

    known: Share = Share()  # words of turns without news
    news: Share = Share()  # words of turns with news
    facts: Mapping[tuple[FactKind, bool], Share] = field(default_factory=dict)  # by kind, and whether it is news
    unmeasured: int = 0  # turns that were interrupted, or that nobody was left to hear

    def __add__(self, other: "Score") -> "Score":
        facts = {
            key: self.facts.get(key, Share()) + other.facts.get(key, Share()) for key in {*self.facts, *other.facts}
        }
        unmeasured = self.unmeasured + other.unmeasured
        return Score(self.known + other.known, self.news + other.news, facts, unmeasured)

    @property
    def words(self) -> Share:
        """All words."""
        return self.known + self.news

    def count(self, kinds: Iterable[FactKind], *, is_news: bool) -> Share:
        """Add up facts of some kinds."""
        return sum((self.facts.get((kind, is_news), Share()) for kind in kinds), Share())


@dataclass(frozen=True)
class HeardTurn:
    """A turn in words, and what its listener made of it; None: nothing was transcribed."""

    speaker: Role
    said: str
    heard: str | None
    was_interrupted: bool = False


@dataclass(frozen=True)
class Fact:
    """A fact in a turn, and whether the listener has to take it from the sound alone."""

    kind: FactKind
    what: float | str
    is_news: bool


def count_word_errors(said: str, heard: str) -> Share:
    """Count the words that are wrong, missing or too many, against the words said."""
    reference, hypothesis = said.split(), heard.split()
    costs = list(range(len(hypothesis) + 1))
    for row, word in enumerate(reference, 1):
        diagonal, costs[0] = costs[0], row
        for column, other in enumerate(hypothesis, 1):
            best = min(costs[column] + 1, costs[column - 1] + 1, diagonal + (word != other))
            diagonal, costs[column] = costs[column], best
    return Share(costs[-1], len(reference))


def build_knowledge(facts: Sequence[str], prose: Sequence[str] = ()) -> Knowledge:
    """Give what somebody knows who was told these facts, and this text besides."""
    texts = (*facts, *prose)
    return Knowledge(
        values=frozenset(figure.value for text in texts for figure in find_figures(text)),
        words=frozenset(word for text in texts for word in telling_words(text)),
        names=frozenset(word for text in facts for word in telling_words(text) if len(word) >= _SHORTEST_NAME),
    )


def find_figures(text: str) -> list[Figure]:
    """Find every number that is said, whether as money, as a time or as another one."""
    return list(_figures(re.sub(r"\ba (?=hundred|thousand)", "one ", text)))


def _figures(text: str) -> Iterator[Figure]:
    for match in _FIGURE.finditer(text):
        value = find_numbers(match["figure"])[0].value
        before, after = text[: match.start()], text[match.end() :]
        if _MONEY.match(after):
            yield Figure(FactKind.MONEY, value)
        elif _TIME.match(after) or (_is_clock(value) and _BEFORE_TIME.search(before) and not _UNIT.match(after)):
            yield Figure(FactKind.TIME, value)
        elif match["figure"] not in _PRONOUNS or _UNIT.match(after):
            yield Figure(FactKind.NUMBER, -value if match["minus"] else value)


def _is_clock(value: float) -> bool:
    return 1 <= value <= 12 or (100 <= value <= 1259 and value % 100 < 60)


def find_facts(said: str, *, speaker: Knowledge, listener: Knowledge) -> list[Fact]:
    """Find the facts of a turn."""
    figures = [Fact(one.kind, one.value, one.value not in listener.values) for one in find_figures(said)]
    words = dict.fromkeys(word for word in telling_words(said) if word in speaker.names | listener.names)
    return [*figures, *(Fact(FactKind.NAME, word, word not in listener.words) for word in words)]


def score_turn(said: str, heard: str, *, speaker: Knowledge, listener: Knowledge) -> Score:
    """Hold what was heard of a turn against what was said."""
    words = count_word_errors(said, heard)
    found = find_facts(said, speaker=speaker, listener=listener)
    values, names = [figure.value for figure in find_figures(heard)], set(telling_words(heard))
    facts: dict[tuple[FactKind, bool], Share] = {}
    for fact in found:
        is_right = fact.what in (names if fact.kind is FactKind.NAME else values)
        key = (fact.kind, fact.is_news)
        facts[key] = facts.get(key, Share()) + Share(int(not is_right), 1)
    has_news = any(fact.is_news for fact in found)
    return Score(Share() if has_news else words, words if has_news else Share(), facts)


def score_call(turns: Sequence[HeardTurn], knowledge: Mapping[Role, Knowledge]) -> Score:
    """Score every turn whose listener went on to speak; what was cut off or said into a dead line is left out."""
    known, score = dict(knowledge), Score()
    for number, turn in enumerate(turns):
        listener = turn.speaker.peer
        was_answered = any(later.speaker is listener for later in turns[number + 1 :])
        if turn.was_interrupted or (turn.heard is None and not was_answered):
            score += Score(unmeasured=1)
        else:
            score += score_turn(turn.said, turn.heard or "", speaker=known[turn.speaker], listener=known[listener])
        known[turn.speaker] = known[turn.speaker].after_saying(turn.said)
    return score
