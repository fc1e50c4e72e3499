"""Numbers in spoken words: where they are, what they are worth, and how people write them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rehearsal.dialogue.words import words_of

_ONES = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * place
    for place, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_WORDS = frozenset({*_ONES, *_TENS, *_SCALES, "oh", "o"})
_UNITS_OF_MONEY = frozenset({"dollar", "dollars", "bucks"})
_OTHER_UNITS = frozenset(
    [
        "pound",
        "pounds",
        "mile",
        "miles",
        "degree",
        "degrees",
        "hour",
        "hours",
        "foot",
        "feet",
        "percent",
        "pallet",
        "pallets",
        "minute",
        "minutes",
        "day",
        "days",
        "am",
        "pm",
        "a",
        "p",
    ]
)
_COUNTED = frozenset((unit,) for unit in (*_OTHER_UNITS, *_UNITS_OF_MONEY, "in"))


@dataclass(frozen=True)
class Number:
    """A number from token `start` up to `end`; `is_code` when its digits were said one by one."""

    start: int
    end: int
    value: float
    text: str  # as people write it
    is_money: bool = False
    has_unit: bool = False
    is_code: bool = False
    is_time: bool = False


@lru_cache(maxsize=20_000)
def find_numbers(words: tuple[str, ...]) -> tuple[Number, ...]:
    """Find the numbers in a row of words."""
    found: list[Number] = []
    for start, end in _runs(words):
        if words[start:end] != ("one",) or words[end : end + 1] in _COUNTED:  # "that one" is no number
            found += _read_run(words, start, end)
    return tuple(found)


def written(words: Sequence[str], *, names: dict[str, str] | None = None) -> str:
    """Write heard words as people do: digits for numbers, names with their capital letters."""
    row = tuple(words)
    starts = {number.start: number for number in find_numbers(row)}
    names = names or {}
    out: list[str] = []
    place = 0
    while place < len(row):
        number = starts.get(place)
        if number is None:
            out.append(names.get(row[place], row[place]))
            place += 1
            continue
        out.append(number.text)
        place = number.end
    text = re.sub(r"\b([ap]) m\b", lambda match: f"{match[1].upper()}M", " ".join(out))
    return _MANY.sub(r"\g<0>s", re.sub(r"\bminus (?=\d)", "minus ", text))


# A lost "s" comes back where no noun follows: 60 mile to the pickup, but a 330 mile run.
_MANY = re.compile(
    r"(?<![\w,.])(?!1 )[\d,.]+ (?:mile|pound|dollar|degree|hour|minute|pallet)"
    r"(?= (?:to|of|from|at|on|in|for|and|by|away)\b|$)"
)


def amounts(words: tuple[str, ...]) -> tuple[int, ...]:
    """Give the amounts of money, those with their unit first; bare numbers from 100 count where none has a unit."""
    numbers = [number for number in find_numbers(words) if not number.is_code]
    money = [round(number.value) for number in numbers if number.is_money]
    if money:
        return tuple(money)
    bare = (number for number in numbers if not number.has_unit and not number.is_money)
    return tuple(round(number.value) for number in bare if number.value >= 100)


def units_of(words: tuple[str, ...]) -> set[str]:
    """Give the words in which numbers are counted: pounds, miles, feet."""
    return {words[number.end] for number in find_numbers(words) if number.has_unit and number.end < len(words)}


def values_of(text: str) -> tuple[float, ...]:
    """Give what the numbers of a text are worth, in order."""
    return tuple(number.value for number in find_numbers(words_of(text)))


def dollars(amount: int) -> str:
    """Write an amount."""
    return f"{amount:,} dollars"


def _runs(words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    place = 0
    while place < len(words):
        # A lost "one" may leave "thousand four hundred".
        is_headless = words[place] in _SCALES and (place + 1 == len(words) or words[place + 1] not in _WORDS)
        if words[place] not in _WORDS or words[place] in {"oh", "o", "million"} or is_headless:
            place += 1
            continue
        end = place + 1
        while end < len(words) and _goes_on(words, end):
            end += 1
        yield place, end
        place = end


def _goes_on(words: tuple[str, ...], place: int) -> bool:
    word = words[place]
    if word in _WORDS:
        return True
    follows = place + 1 < len(words) and words[place + 1] in _WORDS
    if word == "and":
        return follows and words[place - 1] in _SCALES
    return word == "point" and follows


def _read_run(words: tuple[str, ...], start: int, end: int) -> list[Number]:
    run = words[start:end]
    digits = [word for word in run if _ONES.get(word, 10) < 10 or word in {"oh", "o"}]
    if len(digits) == len(run) and len(run) >= 3 and not (len(run) == 3 and run[1] in {"oh", "o"}):
        text = "".join("0" if word in {"oh", "o"} else str(_ONES[word]) for word in run)
        return [Number(start, end, float(int(text)), text, is_code=True)]
    pieces = _merge(list(_pieces(words, start, end)))
    return [_with_unit(words, piece) for piece in pieces]


@dataclass
class _Piece:
    start: int
    end: int
    value: float
    zero_led: bool = False
    is_time: bool = False


def _pieces(words: tuple[str, ...], start: int, end: int) -> Iterator[_Piece]:
    """Cut a run where a word cannot go on with the number before it: fourteen | fifty."""
    place = start
    while place < end:
        piece = _piece(words, place, end)
        yield piece
        place = piece.end


def _piece(words: tuple[str, ...], start: int, end: int) -> _Piece:
    total, current, room, place = 0.0, 0.0, 0.0, start
    zero_led = words[start] in {"oh", "o", "zero"} and start + 1 < end and words[start + 1] in _ONES
    if zero_led:
        return _Piece(start, start + 2, float(_ONES.get(words[start + 1], 0)), zero_led=True)
    room = 1e9
    while place < end:
        word = words[place]
        if word == "and":
            place += 1
            continue
        if word == "point":
            shift, place = _decimals(words, place + 1, end)
            current += shift
            room = 0
            continue
        if word in _SCALES:
            total, current, room = _scaled(total, current, _SCALES[word])
            place += 1
            continue
        value = _TENS.get(word, _ONES.get(word, 0))
        if place > start and (value >= room or value == 0):
            break
        current, room = current + value, (10 if word in _TENS else 0)
        place += 1
    return _Piece(start, max(place, start + 1), total + current)


def _scaled(total: float, current: float, scale: int) -> tuple[float, float, float]:
    if scale == 100:
        return total, (current or 1) * 100, 100
    return total + (current or 1) * scale, 0.0, scale


def _decimals(words: tuple[str, ...], place: int, end: int) -> tuple[float, int]:
    share, value = 0.1, 0.0
    while place < end and _ONES.get(words[place], 10) < 10:
        value += share * _ONES[words[place]]
        share, place = share / 10, place + 1
    return value, place


def _merge(pieces: list[_Piece]) -> list[_Piece]:
    """Join what belongs together: fourteen fifty is 1450 or, as a time, 14:50; seven thirty is 7:30."""
    out: list[_Piece] = []
    for piece in pieces:
        before = out[-1] if out else None
        pair = before is not None and (10 <= piece.value < 60 or piece.zero_led) and not before.is_time
        if before is not None and pair and (1 <= before.value <= 12 and before.value == int(before.value)):
            out[-1] = _Piece(before.start, piece.end, before.value * 100 + piece.value, is_time=True)
        elif before is not None and before.value >= 1000 and 0 < before.value % 1000 < 10 and 10 <= piece.value < 100:
            hundreds = before.value % 1000  # the word hundred was swallowed
            out[-1] = _Piece(before.start, piece.end, before.value - hundreds + 100 * hundreds + piece.value)
        elif before is not None and 13 <= before.value % 100 <= 19 and 0 < piece.value < 10 and not before.is_time:
            tens = (before.value % 100 - 10) * 10  # nineteen five is a misheard ninety five
            out[-1] = _Piece(before.start, piece.end, before.value - before.value % 100 + tens + piece.value)
        elif before is not None and 0 < before.value < 10 and 100 < piece.value < 1000:
            out[-1] = _Piece(
                before.start, piece.end, before.value * 1000 + piece.value
            )  # the word thousand was swallowed
        elif before is not None and 13 <= before.value < 100 and 10 <= piece.value < 100 and not before.is_time:
            out[-1] = _Piece(before.start, piece.end, before.value * 100 + piece.value)
        else:
            out.append(piece)
    return out


def _with_unit(words: tuple[str, ...], piece: _Piece) -> Number:
    unit = words[piece.end] if piece.end < len(words) else ""
    is_money = unit in _UNITS_OF_MONEY
    is_time = piece.is_time and not is_money and unit not in (_OTHER_UNITS - {"am", "pm", "a", "p"})
    sign = -1 if piece.start and words[piece.start - 1] == "minus" else 1
    text = _time_text(piece.value) if is_time else _plain_text(piece.value)
    if not is_money and unit not in _OTHER_UNITS and len(text) == 5:
        text = text.replace(",", "")  # a number in a street, not an amount
    return Number(piece.start, piece.end, sign * piece.value, text, is_money, unit in _OTHER_UNITS, is_time=is_time)


def _time_text(value: float) -> str:
    hour, minute = divmod(int(value), 100)
    return f"{hour}:{minute:02d}"


def _plain_text(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0")


def is_number_word(word: str) -> bool:
    """Tell whether a word is a number, or part of one."""
    return word in _WORDS
