"""What heard words mean: acts, found by cues, by words of keys and values, and by what was asked before."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rehearsal.dialogue import cues
from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.names import PLACES
from rehearsal.dialogue.numbers import amounts, find_numbers, words_of, written
from rehearsal.dialogue.topics import Topic, alike, find_topic, is_named, score
from rehearsal.wording import humanise

_ASKED = 0.6  # share of a key's words that make a question about it
_MAX_THANKS = 6  # words of a goodbye whose goodbye was not heard
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
_LINKS = frozenset(["is", "are", "was", "were", "would", "be", "i", "says", "will", "have", "yes", "no", "none"])
_ENDS_A_VALUE = re.compile(
    r"\b(?:so|and (?:what|where|how|when|can|is)|from|going|for you|here are|that may|are you|out of|anything else)\b"
)


@dataclass(frozen=True)
class Ear:
    """What the listener knows when it listens."""

    is_driver: bool
    negotiates: bool
    mine: tuple[Topic, ...]  # what the other side may ask about
    theirs: tuple[Topic, ...]  # what the other side may tell
    pending: str = ""  # key of what was asked last
    awaits_yes: bool = False  # a read-back or a question for yes or no was said last
    papers: bool = False
    money_is_rate: bool = False  # a rate was asked for or named last
    told: str = ""  # the value that was told last, which may come back: it is checked, and is no answer
    names: tuple[tuple[str, str], ...] = ()  # heard word, as it is written


@lru_cache(maxsize=20_000)  # a call is gone through again for each response
def understand(text: str, ear: Ear) -> tuple[Act, ...]:
    """Find the acts in what was heard; none when nothing was understood."""
    words = _mended(words_of(text))
    row = " ".join(words)
    acts = list(_courtesies(row))
    if cues.AGAIN.search(row):
        topic = find_topic(ear.mine, words)
        return (*acts, Act(Kind.CLARIFY, key=topic.key if topic else ""))
    asked, cut = _questions(words, ear)
    stated = words[:cut]
    acts += _dealings(" ".join(stated), row, words, ear)
    if not _has(acts, Kind.READ_BACK, Kind.PROPOSE, Kind.BOOKED) or ear.pending:
        acts += _tellings(stated, ear)
    acts += _echoes(stated, acts, ear)
    acts += asked
    is_small = all(act.kind in {Kind.GREET, Kind.ACKNOWLEDGE} for act in acts)
    named = find_topic(ear.mine, words, at_least=1.0)
    is_greeting = _has(acts, Kind.GREET)  # "a bad address on load …" asks for nothing yet
    if (
        is_small
        and not is_greeting
        and not ear.pending
        and named is not None
        and (not ear.told or named.value != ear.told)
    ):
        acts.append(Act(Kind.ASK, key=named.key))
    elif is_small and not ear.pending and _unknown_question(words):
        acts.append(Act(Kind.ASK, key=""))
    if not acts and cues.THANKS.search(row) and len(words) <= _MAX_THANKS:
        acts.append(Act(Kind.ACKNOWLEDGE, flag="thanks"))
    if not acts and _is_backchannel(words):
        acts.append(Act(Kind.ACKNOWLEDGE))
    return tuple(acts)


def _echoes(stated: tuple[str, ...], acts: Sequence[Act], ear: Ear) -> list[Act]:
    """Find what was told coming back, right or wrong: a number alone, or one with the unit of what was told."""
    numbers = find_numbers(stated)
    if not ear.told or not numbers:
        return []
    if not acts:
        return [Act(Kind.ACKNOWLEDGE, value=" ".join(stated), flag="echo")]
    told = words_of(ear.told)
    units = {told[number.end] for number in find_numbers(told) if number.has_unit}
    first = numbers[0]
    answered = {number.value for act in acts for number in find_numbers(words_of(act.value))}
    if first.start > _MAX_BEFORE_ECHO or first.value in answered or stated[first.end : first.end + 1] == ():
        return []
    if not _has(acts, Kind.TELL) or stated[first.end] not in units:
        return []
    return [Act(Kind.ACKNOWLEDGE, value=" ".join(stated[first.start : first.end + 1]), flag="echo")]


_MAX_BEFORE_ECHO = 3  # words: all right, thirty one thousand pounds


def _mended(words: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out a number that its speaker took back at once: twenty four, sorry, forty two thousand pounds."""
    for one, other in pairwise(find_numbers(words)):
        between = " ".join(words[one.end : other.start])
        if re.fullmatch(r"(?:\w+ )?(?:no )?(?:sorry|i mean|no wait|make that)(?: it is)?", between):
            return _mended((*words[: one.start], *words[other.start :]))
    return words


def _has(acts: Sequence[Act], *kinds: Kind) -> bool:
    return any(act.kind in kinds for act in acts)


def _courtesies(row: str) -> Iterator[Act]:
    if cues.GREETING.search(row):
        yield Act(Kind.GREET)
    if cues.GOODBYE.search(row):
        yield Act(Kind.CLOSE, flag="safe" if cues.SAFE.search(row) else "thanks" if cues.THANKS.search(row) else "")
    if cues.HERE.search(row):
        yield Act(Kind.HERE)


def _questions(words: tuple[str, ...], ear: Ear) -> tuple[list[Act], int]:
    """Find what is asked, and the word at which the first question begins."""
    starts = _question_starts(words)
    acts: list[Act] = []
    cut = len(words)
    for place, start in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else len(words)
        is_wish = words[start : start + 3] in {("i", "would", "like"), ("what", "i", "need")}
        if is_wish:
            cut = min(cut, start)
            break
        topic = _find_asked(ear.mine, words[start:end])
        if topic is not None and _is_told_rather(topic, words[start:end], ear):
            continue
        if topic is None and place + 1 < len(starts):
            topic = _find_asked(ear.mine, words[start : starts[place + 1] + 4]) if end - start < 3 else None
        if topic is None:
            cut = min(cut, start) if start and cues.STRONG_QUESTION.match(" ".join(words[start:])) else cut
            continue
        cut = min(cut, start)
        if all(act.key != topic.key for act in acts):
            acts.append(Act(Kind.ASK, key=topic.key))
    return acts, cut


def _unknown_question(words: tuple[str, ...]) -> bool:
    """Tell whether something was asked that no fact fits."""
    starts = _question_starts(words)
    if starts and len(words) - starts[-1] <= 6 and cues.OPEN_END.match(" ".join(words[starts[-1] :])):
        return True
    if not starts or words[starts[-1]] not in _ASKING:
        return False
    return any(len(word) > 3 and word not in _NO_CONTENT for word in words[starts[-1] + 1 :])


def _is_told_rather(asked: Topic, words: tuple[str, ...], ear: Ear) -> bool:
    """Tell whether the words name a fact of the speaker better than the one they seem to ask for."""
    told = find_topic(ear.theirs, words, at_least=1.0)
    if told is None or score(told, words) <= score(asked, words):
        return False
    key = words_of(humanise(told.key))
    return set(asked.words) < set(told.words) or words[: len(key) + 1] in {(*key, "is"), (*key, "are")}


def _find_asked(topics: tuple[Topic, ...], words: tuple[str, ...]) -> Topic | None:
    """Find the fact asked for; half of its name will do when that half says something."""
    topic = find_topic(topics, words)
    if topic is None or score(topic, words) >= _ASKED:
        return topic
    says_something = any(len(word) > 3 and word not in _ASKING and word in words for word in topic.words)
    return topic if says_something else None


def _question_starts(words: tuple[str, ...]) -> list[int]:
    row, starts = " ".join(words), list[int]()
    for match in cues.QUESTION.finditer(row):
        start = row[: match.start()].count(" ")
        goes_on = starts and start - starts[-1] <= 5 and cues.GOES_ON.match(match[0])
        if not goes_on and (not starts or start > starts[-1]):
            starts.append(start)
    return starts


_ASKING = frozenset({"what", "where", "when", "how", "which", "who", "why"})
_NO_CONTENT = frozenset(
    [
        "does",
        "have",
        "about",
        "that",
        "this",
        "with",
        "your",
        "much",
        "many",
        "long",
        "right",
        "kind",
        "need",
        "what",
        "when",
        "three",
        "five",
        "seven",
        "take",
        "give",
        "know",
        "there",
    ]
)


def _dealings(stated: str, row: str, words: tuple[str, ...], ear: Ear) -> Iterator[Act]:
    money = amounts(words) if ear.negotiates else ()
    if ear.is_driver:
        yield from _from_dispatcher(row, words, money, ear)
    else:
        yield from _from_driver(row, money, ear)
    if (wish := cues.REQUEST.search(row)) is not None:
        yield Act(Kind.REQUEST, key="goal", value=row[wish.start() :])
    if cues.DONE.search(stated):
        yield Act(Kind.SETTLE)
    if cues.ANYTHING_ELSE.search(row):
        yield Act(Kind.WAIT, flag="anything else")
    yield from _about_papers(row, words, ear)
    yield from _yes_or_no(stated, row, ear)


def _about_papers(row: str, words: tuple[str, ...], ear: Ear) -> Iterator[Act]:
    if cues.SENT.search(row):
        yield Act(Kind.DELIVER)
    elif ear.papers and cues.SEND.search(row):
        yield Act(Kind.REQUEST, key="papers", value=written(words, names=dict(ear.names)))


def _yes_or_no(stated: str, row: str, ear: Ear) -> Iterator[Act]:
    if cues.CAN_NOT_DO.search(row):
        yield Act(Kind.DECLINE)
    elif cues.CAN_DO.search(row):
        yield Act(Kind.ACCEPT, flag="can")
    if cues.NO.search(stated):
        yield Act(Kind.CORRECT, flag="no")
    elif cues.RIGHT.search(stated) or (ear.awaits_yes and cues.YES.search(stated)):
        yield Act(Kind.CONFIRM)


def _from_dispatcher(row: str, words: tuple[str, ...], money: tuple[int, ...], ear: Ear) -> Iterator[Act]:
    """Find what a driver hears of the business."""
    if cues.BOOKED.search(row):
        yield Act(Kind.BOOKED, amount=money[-1] if money else None)
        return
    if cues.READS_BACK.search(row) and (money or find_numbers(words)):
        yield Act(Kind.READ_BACK, amount=money[0] if money else None, value=row)
        return
    if money and (ear.money_is_rate or cues.OFFERS.search(row) or cues.FINAL.search(row)):
        final = "final" if cues.FINAL.search(row) else ""
        yield Act(Kind.PROPOSE, amount=money[-1] if cues.NO.search(row) else money[0], flag=final)
    elif cues.FINAL.search(row):
        yield Act(Kind.PROPOSE, flag="final")


def _from_driver(row: str, money: tuple[int, ...], ear: Ear) -> Iterator[Act]:
    """Find what a dispatcher hears of the business."""
    if cues.PASS.search(row):
        yield Act(Kind.DECLINE, value=row)
        return
    if cues.TAKE.search(row) and not re.search(r"\bif you\b", row):
        yield Act(Kind.ACCEPT, amount=money[0] if money else None, value=row)
        return
    if cues.READS_BACK.search(row):
        yield Act(Kind.READ_BACK, amount=money[0] if money else None, value=row)
        return
    if not ear.negotiates or not ear.money_is_rate:
        return
    if money and (cues.WANTS.search(row) or not cues.MORE.search(row)):
        yield Act(Kind.COUNTER, amount=money[-1])
    elif cues.MORE.search(row):
        yield Act(Kind.COUNTER, amount=money[-1] if len(money) > 1 else None)


def _tellings(words: tuple[str, ...], ear: Ear) -> Iterator[Act]:
    """Find the facts that are told, by their names, else as the answer to what was asked."""
    told: set[str] = set()
    head = len(words)
    for topic in ear.theirs:
        if topic.is_rate and ear.negotiates:
            continue  # an amount that was named, not a text
        start, value = _named_value(topic, words, ear)
        if value and _fits(topic, value):
            told.add(topic.key)
            head = min(head, start)
            yield Act(Kind.TELL, key=topic.key, value=_as_written(_trim(value), ear))
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
    rest = _strip(words)
    begins = words[: len(words) - len(rest)]
    if not rest or _is_backchannel(words):
        return False
    return begins[-2:] in {("it", "is"), ("that", "is")} or rest[0] not in _NO_ANSWER


def _answer(pending: Topic, words: tuple[str, ...], ear: Ear) -> Iterator[Act]:
    """Take the words for what was asked last."""
    if _is_lacking(words):
        yield Act(Kind.LACK, key=pending.key)
        return
    value = _after_echo(_strip(words), ear)
    if not value:
        return  # no more than an echo of what was told
    value = value if _fits(pending, value) else _strip(words)
    leads = {word for row in pending.category.lead_ins for word in row} | {"been"}
    while len(value) > 1 and value[0] in leads:
        value = value[1:]
    value = _cut(value, pending, ear)
    if value and _fits(pending, value) and not _is_backchannel(words, yes_counts=not _takes_yes(pending)):
        yield Act(Kind.TELL, key=pending.key, value=_as_written(_trim(value), ear))


def _after_echo(words: tuple[str, ...], ear: Ear) -> tuple[str, ...]:
    """Leave out what was repeated before the answer."""
    told, place = words_of(ear.told), 0
    if told and len(words) > 1 and words[0] == "about" and words[0] not in told:
        words = words[1:]
    while told and place < len(words) and place < len(told) + 2 and any(alike(words[place], word) for word in told):
        place += 1
    rest = _strip(words[place:]) if place and place >= min(2, len(told)) else words
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
    for find in (_after_lead_in, _granted, _value_by_unit, _after_name):
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
            return end - len(lead_in), _bounded(words[end:], topic, ear)
    return _NOTHING


def _after_name(topic: Topic, words: tuple[str, ...], ear: Ear) -> Found:
    for name in dict.fromkeys((words_of(humanise(topic.key)), topic.words)):
        start, value = _value_after(name, words, topic, ear)
        if value:
            return start, value
    return _NOTHING


def _granted(topic: Topic, words: tuple[str, ...], _ear: Ear) -> Found:
    """Find the amount in `180 dollars of detention`."""
    for number in find_numbers(words) if topic.words == ("detention",) else ():
        after = words[number.end : number.end + 3]
        if number.is_money and after[1:] in {("of", "detention"), ("is", "approved"), ("are", "approved")}:
            return number.start, words[number.start : number.end + 1]
    return _NOTHING


def _value_by_unit(topic: Topic, words: tuple[str, ...], ear: Ear) -> Found:
    """Take pounds for the weight and miles for the run, where a driver hears them."""
    unit = next((unit for name, unit in _UNITS if topic.is_load and is_named(topic, name)), "")
    if not unit or not ear.is_driver or not _OF_THE_TRUCK.isdisjoint(words):
        return _NOTHING
    echoed = {number.value for number in find_numbers(words_of(ear.told))}
    for number in find_numbers(words):
        if words[number.end : number.end + 1] == (unit,) and number.value not in echoed:
            return number.start, words[number.start : number.end + 1]
    return _NOTHING


_UNITS = (("weight", "pounds"), ("miles", "miles"))
_OF_THE_TRUCK = frozenset({"empty", "deadhead", "away", "detour", "out"})


def _value_after(name: tuple[str, ...], words: tuple[str, ...], topic: Topic, ear: Ear) -> Found:
    for start in range(len(words) - len(name)):
        if not all(alike(one, other) for one, other in zip(name, words[start:], strict=False)):
            continue
        if any(other is not topic and _begins_telling(words[start:], other) for other in ear.theirs):
            continue  # the detention rate is not the detention
        after = _skip_asides(words[start + len(name) :])
        # "For the weight I have …", yet "20 miles to the pickup. I have …"
        is_other = after[:1] == ("i",) and "for" not in words[max(0, start - 2) : start]
        is_linked = (
            bool(after)
            and not is_other
            and (after[0] in _LINKS or any(number.start == 0 for number in find_numbers(after)))
        )
        if is_linked or (after and ear.pending == topic.key):
            return start, _bounded(after, topic, ear)
    return _NOTHING


def _end_of(row: tuple[str, ...], words: tuple[str, ...]) -> int:
    """Give the place after a row of words; 0 where it does not occur."""
    size = len(row)
    return next((start + size for start in range(len(words) - size) if words[start : start + size] == row), 0)


def _skip_asides(words: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out `on this load` between a name and its value."""
    return words[3:] if words[:3] in {("on", "this", "load"), ("on", "this", "one")} else words


def _bounded(after: tuple[str, ...], topic: Topic, ear: Ear) -> tuple[str, ...]:
    """Cut a value where something else begins."""
    start = 0
    while start < len(after) and after[start] in _FILLERS:
        start += 1
    rest = _cut(after[start:], topic, ear)
    if is_named(topic, "commodity"):
        match = _ENDS_A_VALUE.search(" ".join(rest))
        if match is not None:
            rest = rest[: " ".join(rest)[: match.start()].count(" ")]
    return rest


def _cut(words: tuple[str, ...], topic: Topic, ear: Ear) -> tuple[str, ...]:
    """End a value where another fact begins."""
    others = [other for other in ear.theirs if other is not topic]
    unit = next((unit for name, unit in _UNITS if is_named(topic, name)), "")
    for place in range(1, len(words)):
        if unit and words[place - 1] == unit:
            return words[:place]
        if (
            words[place] == "yes"
            or words[place : place + 2] in _NEXT_BEGINS
            or any(_begins_telling(words[place:], other) for other in others)
        ):
            end = place - 1 if words[place - 1] in {"and", "also", "the", "your"} and place > 1 else place
            return words[:end]
    return words


_NEXT_BEGINS = frozenset(
    {
        *(("that", "is"), ("it", "is"), ("can", "you"), ("will", "you"), ("one", "question"), ("a", "couple")),
        *(("before", "we"), ("before", "the"), ("i", "will"), ("i", "have"), ("let", "me"), ("send", "me")),
        *(("set", "it"), ("i", "am"), ("they", "can"), ("here", "is")),
    }
)


def _begins_telling(words: tuple[str, ...], topic: Topic) -> bool:
    if any(words[: len(row)] == row for row in topic.category.lead_ins):
        return True
    start = 1 if words[0] in {"the", "your", "our"} else 0
    name = topic.words
    after = words[start + len(name) :]
    is_there = len(words) >= start + len(name) and all(
        alike(one, other) for one, other in zip(name, words[start:], strict=False)
    )
    return is_there and (bool(start) or (bool(after) and after[0] in {"is", "are"}))


def _trim(words: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out what people hang on to a value: 830 miles on it."""
    return words[:-2] if len(words) > 2 and words[-2:] in {("on", "it"), ("for", "you"), ("on", "this")} else words


def _fits(topic: Topic, value: Sequence[str]) -> bool:
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
_KINDS_OF_UNITS = (
    ("weight", {"pounds", "pound"}),
    ("miles", {"miles", "mile"}),
    ("temperature", {"degrees", "degree"}),
    ("trailer length", {"feet", "foot"}),
    ("deadhead", {"miles", "mile", "minutes", "hours"}),
)


def _is_of_another_kind(topic: Topic, value: tuple[str, ...]) -> bool:
    """Tell whether a value is counted in what this fact is never counted in: feet of weight, dollars for a name."""
    numbers = find_numbers(value)
    if any(is_named(topic, name) for name in ("crew", "contact")):
        return any(number.is_money for number in numbers)
    units = next((units for name, units in _KINDS_OF_UNITS if is_named(topic, name)), None)
    if units is None or not any(number.has_unit or number.is_money for number in numbers):
        return False
    return units.isdisjoint(value)


def _strip(words: tuple[str, ...]) -> tuple[str, ...]:
    start = 0
    is_yes_or_no = re.match(r"^(?:well |so |ok )*(?:yes|no|none)\b", " ".join(words)) is not None
    numbers = {number.start for number in find_numbers(words)}
    while start < len(words) and words[start] in cues.SILENT_PREAMBLE and start not in numbers:
        start += 1
    if is_yes_or_no:
        start = 0
    return words[start:]


def _is_lacking(words: tuple[str, ...]) -> bool:
    return (
        re.search(r"\b(?:do not (?:have|know)|not on my sheet|no idea|could not tell you)\b", " ".join(words))
        is not None
    )


def _is_backchannel(words: tuple[str, ...], *, yes_counts: bool = True) -> bool:
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


def _as_written(words: Sequence[str], ear: Ear) -> str:
    return written(words, names=dict(ear.names))
