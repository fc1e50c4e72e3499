"""Facts that are told: found by their names, lead-ins or units, else as the answer to what was asked."""

import re
from collections.abc import Iterator

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.ear import Ear
from rehearsal.dialogue.numbers import find_numbers
from rehearsal.dialogue.topics import Topic, alike, is_named
from rehearsal.dialogue.values import (
    UNITS,
    as_written,
    begins_telling,
    bounded,
    cut_short,
    fits,
    is_backchannel,
    strip,
    trim,
)
from rehearsal.dialogue.words import words_of
from rehearsal.wording import humanise

_LINKS = frozenset(["is", "are", "was", "were", "would", "be", "i", "says", "will", "have", "yes", "no", "none"])


def tellings(words: tuple[str, ...], ear: Ear) -> Iterator[Act]:
    """Find the facts that are told, by their names, else as the answer to what was asked."""
    told: set[str] = set()
    head = len(words)
    for topic in ear.theirs:
        if topic.is_rate and ear.negotiates:
            continue  # an amount that was named, not a text
        start, value = _named_value(topic, words, ear)
        if value and fits(topic, value):
            told.add(topic.key)
            head = min(head, start)
            yield Act(Kind.TELL, key=topic.key, value=as_written(trim(value), ear))
    pending = next((topic for topic in ear.theirs if topic.key == ear.pending), None)
    if pending is None or (pending.is_rate and ear.negotiates and not _is_lacking(words)) or pending.key in told:
        return
    if told:
        words = _beside(words, head)
        if not _looks_like_answer(words) and not _fits_only(pending):
            return
    yield from _answer(pending, words, ear)


def _beside(words: tuple[str, ...], head: int) -> tuple[str, ...]:
    """Give the answer that stands beside what names itself: before it, or after it with a yes."""
    return words[words.index("yes") :] if "yes" in words[head:] else words[:head]


_NO_ANSWER = frozenset({"i", "we", "what", "let", "by", "one", "before", "not", "no", "hi", "hello", "hey", "you"})


def _looks_like_answer(words: tuple[str, ...]) -> bool:
    rest = strip(words)
    begins = words[: len(words) - len(rest)]
    if not rest or is_backchannel(words):
        return False
    return begins[-2:] in {("it", "is"), ("that", "is")} or rest[0] not in _NO_ANSWER


def _answer(pending: Topic, words: tuple[str, ...], ear: Ear) -> Iterator[Act]:
    """Take the words for what was asked last."""
    if _is_lacking(words):
        yield Act(Kind.LACK, key=pending.key)
        return
    value = _after_echo(strip(words), ear)
    if not value:
        return  # no more than an echo of what was told
    value = value if fits(pending, value) else strip(words)
    leads = {word for row in pending.category.lead_ins for word in row} | {"been"}
    while len(value) > 1 and value[0] in leads:
        value = value[1:]
    value = cut_short(value, pending, ear)
    if value and fits(pending, value) and not is_backchannel(words, yes_counts=not _takes_yes(pending)):
        yield Act(Kind.TELL, key=pending.key, value=as_written(trim(value), ear))


def _after_echo(words: tuple[str, ...], ear: Ear) -> tuple[str, ...]:
    """Leave out what was repeated before the answer."""
    told, place = words_of(ear.told), 0
    if told and len(words) > 1 and words[0] == "about" and words[0] not in told:
        words = words[1:]
    while told and place < len(words) and place < len(told) + 2 and any(alike(words[place], word) for word in told):
        place += 1
    if place and place == len(words):
        return ()  # part of it came back: "Kansas" of "Topeka, Kansas" is no place to deliver to
    rest = strip(words[place:]) if place and place >= min(2, len(told)) else words
    for start in range(1, len(rest) - 2):
        if rest[start : start + 2] in {("it", "is"), ("that", "is")}:
            return rest[start + 2 :]
    return rest


def _fits_only(topic: Topic) -> bool:
    return topic.needs_number


def _takes_yes(topic: Topic) -> bool:
    return not topic.needs_number and not is_named(topic, "pickup") and not is_named(topic, "commodity")


Found = tuple[int, tuple[str, ...]]  # where the telling begins, and the value


_NOTHING: Found = (0, ())


def _named_value(topic: Topic, words: tuple[str, ...], ear: Ear) -> Found:
    """Give the value that follows the words by which a fact is told, or its name, and where those begin."""
    for find in (_no_deadhead, _after_lead_in, _granted, _value_by_unit, _after_name):
        start, value = find(topic, words, ear)
        if value:
            return start, value
    return _NOTHING


def _after_lead_in(topic: Topic, words: tuple[str, ...], ear: Ear) -> Found:
    lead_ins = [*topic.category.lead_ins]
    lead_ins += [("load", "of")] if is_named(topic, "commodity") else []
    lead_ins += [("on", "for"), ("moved", "to")] if topic.key.lower().startswith("new ") else []
    for lead_in in lead_ins:
        end = _end_of(lead_in, words)
        if end:
            return end - len(lead_in), bounded(words[end:], topic, ear)
    return _NOTHING


def _after_name(topic: Topic, words: tuple[str, ...], ear: Ear) -> Found:
    for name in dict.fromkeys((words_of(humanise(topic.key)), topic.words)):
        start, value = _value_after(name, words, topic, ear)
        if value:
            return start, value
    return _NOTHING


def _no_deadhead(topic: Topic, words: tuple[str, ...], _ear: Ear) -> Found:
    """Find what a driver says who stands at the pickup."""
    end = _end_of(("no", "deadhead"), (*words, "")) if is_named(topic, "deadhead") else 0
    return (end - 2, words[end - 2 : end]) if end else _NOTHING


def _granted(topic: Topic, words: tuple[str, ...], _ear: Ear) -> Found:
    """Find the amount in `180 dollars of detention`."""
    for number in find_numbers(words) if topic.words == ("detention",) else ():
        after = words[number.end : number.end + 3]
        if number.is_money and after[1:] in {("of", "detention"), ("is", "approved"), ("are", "approved")}:
            return number.start, words[number.start : number.end + 1]
    return _NOTHING


def _value_by_unit(topic: Topic, words: tuple[str, ...], ear: Ear) -> Found:
    """Take pounds for the weight and miles for the run, where a driver hears them."""
    unit = next((unit for name, unit in UNITS if topic.is_load and is_named(topic, name)), "")
    if not unit or not ear.is_driver or not _OF_THE_TRUCK.isdisjoint(words):
        return _NOTHING
    echoed = {number.value for number in find_numbers(words_of(ear.told))}
    for number in find_numbers(words):
        if words[number.end : number.end + 1] == (unit,) and number.value not in echoed:
            return number.start, words[number.start : number.end + 1]
    return _NOTHING


_OF_THE_TRUCK = frozenset({"empty", "deadhead", "away", "detour", "out"})


def _value_after(name: tuple[str, ...], words: tuple[str, ...], topic: Topic, ear: Ear) -> Found:
    for start in range(len(words) - len(name)):
        if not all(alike(one, other) for one, other in zip(name, words[start:], strict=False)):
            continue
        if any(other is not topic and begins_telling(words[start:], other) for other in ear.theirs):
            continue  # the detention rate is not the detention
        after = _skip_asides(words[start + len(name) :])
        # "For the weight I have …", yet "20 miles to the pickup. I have …"
        is_other = after[:1] == ("i",) and "for" not in words[max(0, start - 2) : start]
        is_linked = (
            bool(after)
            and not is_other
            and (after[0] in _LINKS or any(number.start == 0 for number in find_numbers(after)))
        )
        is_named_first = words[max(0, start - 3) : start] == ("as", "for", "the")
        if is_linked or (after and (is_named_first or ear.pending == topic.key)):
            return start, bounded(after, topic, ear)
    return _NOTHING


def _end_of(row: tuple[str, ...], words: tuple[str, ...]) -> int:
    """Give the place after a row of words; 0 where it does not occur."""
    size = len(row)
    return next((start + size for start in range(len(words) - size) if words[start : start + size] == row), 0)


def _skip_asides(words: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out `on this load` between a name and its value."""
    return words[3:] if words[:3] in {("on", "this", "load"), ("on", "this", "one")} else words


def _is_lacking(words: tuple[str, ...]) -> bool:
    return (
        re.search(r"\b(?:do not (?:have|know)|not on my sheet|no idea|could not tell you)\b", " ".join(words))
        is not None
    )
