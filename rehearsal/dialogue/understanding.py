"""What heard words mean: acts, found by cues, by words of keys and values, and by what was asked before."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from rehearsal.dialogue import cues
from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.ear import Ear
from rehearsal.dialogue.names import PLACES
from rehearsal.dialogue.numbers import amounts, find_numbers, units_of, written
from rehearsal.dialogue.tellings import tellings
from rehearsal.dialogue.topics import Topic, find_topic, score
from rehearsal.dialogue.values import fits, is_backchannel
from rehearsal.dialogue.words import words_of
from rehearsal.wording import humanise

_ASKED = 0.6  # share of a key's words that make a question about it
_MAX_THANKS = 6  # words of a goodbye whose goodbye was not heard


@lru_cache(maxsize=20_000)  # a call is gone through again for each response
def understand(text: str, ear: Ear) -> tuple[Act, ...]:
    """Find the acts in what was heard; none when nothing was understood."""
    words = _mended(words_of(text))
    row = " ".join(words)
    acts = list(_courtesies(row))
    if (again := _asked_again(row, words, ear)) is not None:
        return (*acts, again)
    asked, cut = _questions(words, ear)
    stated = _without_lead(words[:cut]) if cut < len(words) else words
    acts += _dealings(" ".join(stated), row, words, ear)
    echo = _echoed_quantity(stated, ear)
    if not _has(acts, Kind.READ_BACK, Kind.PROPOSE, Kind.BOOKED) or ear.pending:
        acts += tellings(stated[echo:], ear)
    acts += [_as_echo(stated[:echo])] if echo else _echoes(stated, acts, ear)
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
    elif (is_small and not ear.pending and _unknown_question(words)) or _asks_after_telling(words, acts):
        acts.append(Act(Kind.ASK, key=""))
    if not acts and cues.THANKS.search(row) and len(words) <= _MAX_THANKS:
        acts.append(Act(Kind.ACKNOWLEDGE, flag="thanks"))
    if not acts and is_backchannel(words):
        acts.append(Act(Kind.ACKNOWLEDGE))
    return tuple(acts)


def _asked_again(row: str, words: tuple[str, ...], ear: Ear) -> Act | None:
    """Find what is to be said again: the question, a fact, or whatever it was."""
    if cues.WHICH_QUESTION.search(row):
        return Act(Kind.CLARIFY, flag="question")
    if cues.AGAIN.search(row) is None:
        return None
    topic = find_topic(ear.mine, words)
    return Act(Kind.CLARIFY, key=topic.key if topic else "")


def _without_lead(stated: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out what leads over to a question that follows: … at seven in the morning sorry | what are you pulling."""
    while stated and stated[-1] in _LEADS_OVER:
        stated = stated[:-1]
    return stated


_LEADS_OVER = frozenset({"sorry", "and", "so", "well", "oh", "uh", "um"})


def _echoes(stated: tuple[str, ...], acts: Sequence[Act], ear: Ear) -> list[Act]:
    """Find what was told coming back, right or wrong: a number alone, or one with the unit of what was told."""
    numbers = find_numbers(stated)
    if not ear.told or not numbers:
        return []
    if not acts:
        return [_as_echo(stated)]
    units = units_of(words_of(ear.told))
    first = numbers[0]
    answered = {number.value for act in acts for number in find_numbers(words_of(act.value))}
    if first.start > _MAX_BEFORE_ECHO or first.value in answered or stated[first.end : first.end + 1] == ():
        return []
    if not _has(acts, Kind.TELL) or stated[first.end] not in units:
        return []
    return [_as_echo(stated[first.start : first.end + 1])]


def _echoed_quantity(stated: tuple[str, ...], ear: Ear) -> int:
    """Give where a quantity ends that comes back first, right or wrong: it answers nothing of another kind; else 0."""
    numbers, units = find_numbers(stated), units_of(words_of(ear.quantity))
    if not numbers or not _BEFORE_ECHO.issuperset(stated[: numbers[0].start]):
        return 0
    end = numbers[0].end + 1
    if end > len(stated) or stated[end - 1] not in units:
        return 0
    pending = next((topic for topic in ear.theirs if topic.key == ear.pending), None)
    may_answer = pending is not None and pending.needs_number and fits(pending, stated[:end])
    return 0 if may_answer else end


_BEFORE_ECHO = frozenset({"ok", "all", "right", "oh", "so", "ah", "sorry", "yes", "about", "well"})


def _as_echo(words: tuple[str, ...]) -> Act:
    return Act(Kind.ACKNOWLEDGE, value=" ".join(words), flag="echo")


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


def _asks_after_telling(words: tuple[str, ...], acts: Sequence[Act]) -> bool:
    """Tell whether a fact was told, and then something asked that was not made out."""
    if not _has(acts, Kind.TELL) or any(act.kind not in _BESIDE_A_QUESTION for act in acts):
        return False
    starts = _question_starts(words)
    return bool(starts) and cues.ASKS_YOU.search(" ".join(words[starts[-1] :])) is not None and _unknown_question(words)


_BESIDE_A_QUESTION = frozenset({Kind.GREET, Kind.ACKNOWLEDGE, Kind.TELL, Kind.CORRECT, Kind.CONFIRM})


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


def _reads_back(row: str) -> bool:
    """Tell whether something is read back; `so i have` alone may begin anything, also a no that was half heard."""
    words = tuple(row.split())
    if cues.READS_BACK_FIRMLY.search(row):
        return True
    return cues.READS_BACK.search(row) is not None and bool(find_numbers(words) or not PLACES.isdisjoint(words))


def _from_driver(row: str, money: tuple[int, ...], ear: Ear) -> Iterator[Act]:
    """Find what a dispatcher hears of the business."""
    if cues.PASS.search(row):
        yield Act(Kind.DECLINE, value=row)
        return
    if cues.TAKE.search(row) and not re.search(r"\bif you\b", row):
        yield Act(Kind.ACCEPT, amount=money[0] if money else None, value=row)
        return
    if _reads_back(row):
        yield Act(Kind.READ_BACK, amount=money[0] if money else None, value=row)
        return
    if not ear.negotiates or not ear.money_is_rate:
        return
    if money and (cues.WANTS.search(row) or not cues.MORE.search(row)):
        yield Act(Kind.COUNTER, amount=money[-1])
    elif cues.MORE.search(row):
        yield Act(Kind.COUNTER, amount=money[-1] if len(money) > 1 else None)
