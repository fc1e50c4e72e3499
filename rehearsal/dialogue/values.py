"""Values as they are told: where one ends, whether it fits its fact, how it is written."""

import re
from collections.abc import Sequence

from rehearsal.dialogue import cues
from rehearsal.dialogue.ear import Ear
from rehearsal.dialogue.names import PLACES
from rehearsal.dialogue.numbers import find_numbers, written
from rehearsal.dialogue.topics import Topic, alike, is_named

_FILLERS = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "would",
        "be",
        "that",
        "it",
        "i",
        "have",
        "got",
        "my",
        "sheet",
        "says",
        "we",
        "for",
        "there",
        "being",
        "will",
    ]
)


_TIMES_OF_DAY = frozenset({"noon", "midnight", "today", "tomorrow", "tonight", "morning", "afternoon", "evening"})


_SOUNDS_ASKED = re.compile(r"\b(?:do you|are you|did you|can you|have you|your)\b")


_ENDS_A_VALUE = re.compile(
    r"\b(?:so|and (?:what|where|how|when|can|is)|from|going|for you|here are|that may|are you|out of|anything else)\b"
)


UNITS = (("weight", "pounds"), ("miles", "miles"))


def bounded(after: tuple[str, ...], topic: Topic, ear: Ear) -> tuple[str, ...]:
    """Cut a value where something else begins."""
    start = 0
    while start < len(after) and after[start] in _FILLERS:
        start += 1
    rest = cut_short(after[start:], topic, ear)
    if is_named(topic, "commodity"):
        match = _ENDS_A_VALUE.search(" ".join(rest))
        if match is not None:
            rest = rest[: " ".join(rest)[: match.start()].count(" ")]
    return rest


def cut_short(words: tuple[str, ...], topic: Topic, ear: Ear) -> tuple[str, ...]:
    """End a value where another fact begins."""
    others = [other for other in ear.theirs if other is not topic]
    unit = next((unit for name, unit in UNITS if is_named(topic, name)), "")
    for place in range(1, len(words)):
        if unit and words[place - 1] == unit:
            return words[:place]
        if (
            words[place] == "yes"
            or words[place : place + 2] in _NEXT_BEGINS
            or any(begins_telling(words[place:], other) for other in others)
        ):
            end = place - 1 if words[place - 1] in {"and", "also", "the", "your"} and place > 1 else place
            return words[:end]
    return words


_NEXT_BEGINS = frozenset(
    {
        *(("that", "is"), ("it", "is"), ("can", "you"), ("will", "you"), ("one", "question"), ("a", "couple")),
        *(("before", "we"), ("before", "the"), ("i", "will"), ("i", "have"), ("let", "me"), ("send", "me")),
        *(("set", "it"), ("i", "am"), ("they", "can"), ("here", "is")),
        *(("we", "will"), ("sure", "i"), ("sure", "we")),
    }
)


def begins_telling(words: tuple[str, ...], topic: Topic) -> bool:
    """Tell whether words begin to tell a fact, by its lead-in or its name."""
    if any(words[: len(row)] == row for row in topic.category.lead_ins):
        return True
    start = 1 if words[0] in {"the", "your", "our"} else 0
    name = topic.words
    after = words[start + len(name) :]
    is_there = len(words) >= start + len(name) and all(
        alike(one, other) for one, other in zip(name, words[start:], strict=False)
    )
    return is_there and (bool(start) or (bool(after) and after[0] in {"is", "are"}))


def trim(words: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out what people hang on to a value: 830 miles on it."""
    return words[:-2] if len(words) > 2 and words[-2:] in {("on", "it"), ("for", "you"), ("on", "this")} else words


def fits(topic: Topic, value: Sequence[str]) -> bool:
    """Tell whether words can be the value of a fact."""
    row = " ".join(value)
    if not value or _SOUNDS_ASKED.search(row) or _is_of_another_kind(topic, tuple(value)):
        return False
    if _LACKS_A_TIME.search(row) and (topic.needs_number or is_named(topic, "pickup") or is_named(topic, "delivery")):
        return False
    if is_named(topic, "pickup") or is_named(topic, "delivery"):
        return bool(find_numbers(tuple(value))) or any(word in PLACES or word in _TIMES_OF_DAY for word in value)
    if not topic.needs_number:
        return True
    return bool(find_numbers(tuple(value))) or not _TIMES_OF_DAY.isdisjoint(value) or value[0] in {"no", "none", "zero"}


_LACKS_A_TIME = re.compile(r"\bat (?:in|on|the morning|the afternoon|the evening)\b|\bat$")  # the number was not heard


_NO_STOP = frozenset({"pounds", "pound", "miles", "mile", "feet", "foot", "degrees", "dollars"})  # where, or when
_KINDS_OF_UNITS = (
    ("weight", {"pounds", "pound"}),
    ("miles", {"miles", "mile"}),
    ("temperature", {"degrees", "degree"}),
    ("trailer length", {"feet", "foot"}),
    ("position", {"miles", "mile", "minutes", "hours"}),
    ("deadhead", {"miles", "mile", "minutes", "hours"}),
)


def _is_of_another_kind(topic: Topic, value: tuple[str, ...]) -> bool:
    """Tell whether a value is counted in what this fact is never counted in: feet of weight, dollars for a name."""
    numbers = find_numbers(value)
    if is_named(topic, "pickup") or is_named(topic, "delivery"):
        return PLACES.isdisjoint(value) and not _NO_STOP.isdisjoint(value)
    if any(is_named(topic, name) for name in ("crew", "contact")):
        return any(number.is_money for number in numbers)
    units = next((units for name, units in _KINDS_OF_UNITS if is_named(topic, name)), None)
    if units is None or not any(number.has_unit or number.is_money for number in numbers):
        return False
    return units.isdisjoint(value)


def strip(words: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out the small words before a value; a yes or no stays."""
    start = 0
    is_yes_or_no = re.match(r"^(?:well |so |ok )*(?:yes|no|none)\b", " ".join(words)) is not None
    numbers = {number.start for number in find_numbers(words)}
    while start < len(words) and words[start] in cues.SILENT_PREAMBLE and start not in numbers:
        start += 1
    if is_yes_or_no:
        start = 0
    return words[start:]


def is_backchannel(words: tuple[str, ...], *, yes_counts: bool = True) -> bool:
    """Tell whether all that was said are small words."""
    small = cues.SILENT_PREAMBLE | {
        "got",
        "copy",
        "thanks",
        "thank",
        "you",
        "understood",
        "noted",
        "good",
        "fine",
        "great",
    }
    rest = [word for word in words if word not in small]
    return not rest and bool(words) and (yes_counts or words[0] not in {"yes", "no"})


def as_written(words: Sequence[str], ear: Ear) -> str:
    """Write a value as people do, names with their capital letters."""
    return written(words, names=dict(ear.names))
