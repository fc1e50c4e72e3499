"""Numbers, money and facts in what was said: "twenty four fifty", "2.4k" and "$2,450" are all 2450.

Speech is ambiguous ("twenty four fifty" may be 2450, or 24 and 50), so each run of number words gives every value
that it may stand for. To find what was said that is right; to tell what was not said, too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

_SMALL_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_ROUND_NUMBERS = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = {word: value for value, word in enumerate(_SMALL_NUMBERS.split())} | {"oh": 0, "o": 0}
_TENS = dict(zip(_ROUND_NUMBERS.split(), range(20, 100, 10), strict=True)) | {"fourty": 40}
NUMBER_WORDS = frozenset(_UNITS) | frozenset(_TENS)
_DOLLAR, _HALF = "$", "half"
_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "k": 1000, "million": 1_000_000}
_TOKEN = re.compile(r"\$|\d{1,3}(?:,\d{3}){1,4}(?:\.\d+)?|\d{1,15}(?:\.\d+)?|[a-z']+|[.;!?]")
_DIGIT_WORD = rf"(?:\d|{'|'.join(_SMALL_NUMBERS.split()[:10])}|oh)"
_POINT = re.compile(rf"\b(?P<whole>\w+) point (?P<part>\d+|{_DIGIT_WORD}(?: {_DIGIT_WORD})*)\b")
_SPELLED_OUT = re.compile(rf"(?P<figures>\b{_DIGIT_WORD}(?: {_DIGIT_WORD}){{3,14}}),(?=\s)")
_MONEY_WORDS = frozenset({"$", "dollar", "dollars", "buck", "bucks", "usd"})
_UNIT_NAMES = (
    "pound pounds lb lbs mile miles foot feet ft degree degrees hour hours minute minutes mph percent pallet pallets "
    "am pm o'clock street road avenue interstate highway stop stops day days year years"
)
_UNIT_WORDS = _MONEY_WORDS | frozenset(_UNIT_NAMES.split())
_JOINING = frozenset({"and"})
_SPELLED_ROW = 3  # single figures in a row, from here on spelled out as in a load number
_TELLING_NUMBER = 100  # from here on hardly any other fact of a call has the same number
_IDLE_WORDS = (
    "the a an at in on of to for and or by from with about is are it its be was will this that then there no yes half "
    "i we you he she they me us him her them my our your who what where when which how do does did not don't have has "
    "had can could would should just so if as now"
)
_IDLE = frozenset(_IDLE_WORDS.split())  # they do not tell one fact from another
_DAYPARTS = {"am": "morning", "a.m": "morning", "pm": "afternoon", "p.m": "afternoon", "tonight": "evening"}


@dataclass(frozen=True)
class SpokenNumber:
    """One run of number words or digits, with every value that it may stand for."""

    value: float  # all of it as one number
    values: frozenset[float]
    unit: str = ""  # the word after it, where that is a unit; `$` for money

    @property
    def is_money(self) -> bool:
        """Whether it was said as money."""
        return self.unit in _MONEY_WORDS

    @property
    def may_be_money(self) -> bool:
        """Whether it can be money: no other unit follows."""
        return self.unit == "" or self.is_money


@dataclass
class _Run:
    tokens: list[str] = field(default_factory=list)
    has_dollar: bool = False


def find_numbers(text: str) -> list[SpokenNumber]:
    """Find every number of a text, spoken or written, in order."""
    tokens = _tokens(text)
    found: list[SpokenNumber] = []
    run = _Run()
    for token, following in pairwise([*tokens, ".", "."]):
        if _belongs(token, run, following):
            run.tokens.append(token)
            continue
        if run.tokens:
            found.append(_close(run, token))
        run = _Run(has_dollar=token == _DOLLAR)
    return found


def find_values(text: str) -> set[float]:
    """Give every value that some number of the text may stand for."""
    return {value for number in find_numbers(text) for value in number.values}


def find_money(text: str) -> set[float]:
    """Give every value that may have been an amount of money."""
    return {value for number in find_numbers(text) if number.may_be_money for value in number.values}


def says_amount(text: str, amount: float) -> bool:
    """Tell whether an amount of money is said."""
    return any(abs(value - amount) < 0.005 for value in find_money(text))


def says_fact(text: str, value: str, *, key: str = "", asked: str = "") -> bool:
    """Tell whether a fact is said: all its numbers, and enough of its telling words to know it by.

    That is half of them, or a third where numbers tell it as well; "6" alone may be anything, so with small numbers
    it is one at least. That one may be a word of the fact's key, and may stand in the question that was asked before.
    """
    wanted = {number.value for number in find_numbers(value)}
    if not wanted <= find_values(text):
        return False
    telling = telling_words(value)
    if not telling:
        return bool(wanted) or value.strip().lower() in text.lower()
    heard = set(telling_words(text))
    said_words = sum(word in heard for word in telling)
    if not wanted:
        return said_words * 2 >= len(telling)
    enough = len(telling) // 3
    if enough or max(wanted) >= _TELLING_NUMBER:
        return said_words >= enough
    return not heard.union(telling_words(asked)).isdisjoint([*telling, *telling_words(key)])


def says_end_of(text: str, value: str) -> bool:
    """Tell whether the last word or number by which a fact is known is said: who was cut off before it, told half."""
    for word in reversed(value.split()):
        numbers, telling = {number.value for number in find_numbers(word)}, telling_words(word)
        if numbers or telling:
            return numbers <= find_values(text) and set(telling) <= set(telling_words(text))
    return True


def _tokens(text: str) -> list[str]:
    plain = text.lower().replace("-", " ")
    plain = re.sub(r"\b([ap])\.m\.?", r"\1m", plain)
    plain = re.sub(r"(?<=\d)\s?(k|[ap]m)\b", r" \1", plain)
    plain = re.sub(r"(?<=\d):(?=\d)", " ", plain)  # 6:30 is said as six thirty
    plain = re.sub(r"(?<=\d{3}),(?=\s)", " ;", plain)  # figures after a large number are another number
    plain = _SPELLED_OUT.sub(r"\g<figures> ;", plain)  # so are those after one that was spelled out
    plain = re.sub(r"\band a half\b", "half", plain)
    plain = re.sub(r"\ban? (?=hundred|thousand|grand)", "one ", plain)
    plain = _POINT.sub(_with_point, plain)
    return _TOKEN.findall(plain)


def _with_point(match: re.Match[str]) -> str:
    whole, *part = (_digit(word) for word in (match["whole"], *match["part"].split()))
    return match[0] if whole is None else f"{whole}.{''.join(filter(None, part))}"


def _digit(word: str) -> str | None:
    return word if word.isdigit() else str(_UNITS[word]) if word in _UNITS else None


def _belongs(token: str, run: _Run, following: str) -> bool:
    if token in ("oh", "o", "half") or token in _SCALES:
        return bool(run.tokens)
    if token in _JOINING:
        return bool(run.tokens) and run.tokens[-1] in _SCALES and _is_countable(following)
    return _is_countable(token)


def _is_countable(token: str) -> bool:
    return token[:1].isdigit() or token in _TENS or (token in _UNITS and token not in ("oh", "o"))


def _close(run: _Run, following: str) -> SpokenNumber:
    unit = "$" if run.has_dollar else following if following in _UNIT_WORDS else ""
    groups = _cardinals([token for token in run.tokens if token not in _JOINING])
    figures = "".join(_figures(value) for value in groups)
    whole = groups[0] if len(groups) == 1 or not figures else float(figures)
    return SpokenNumber(value=whole, values=frozenset({whole, *_values(groups)}), unit=unit)


def _values(groups: Sequence[float]) -> Iterator[float]:
    """Read the parts of a run one by one, and as figures said one after the other.

    A number that is spelled out figure by figure (`3 0 9 5 5`) is never one or two of its figures alone.
    """
    spelled = _find_spelled(groups)
    yield from (value for place, value in enumerate(groups) if place not in spelled)
    for start in range(len(groups)):
        for end in range(start + 2, min(len(groups), start + 12) + 1):
            is_part = end - start < _SPELLED_ROW and not spelled.isdisjoint(range(start, end))
            joined = "".join(_figures(value) for value in groups[start:end])
            if joined and not is_part:
                yield float(joined)


def _find_spelled(groups: Sequence[float]) -> set[int]:
    """Give the places of single figures that stand in a row long enough to be spelled out."""
    found: set[int] = set()
    for is_figure, row in groupby(range(len(groups)), key=lambda place: len(_figures(groups[place])) == 1):
        places = list(row)
        if is_figure and len(places) >= _SPELLED_ROW:
            found.update(places)
    return found


def _figures(value: float) -> str:
    return str(int(value)) if value == int(value) and 0 <= value < 10_000 else ""


def _cardinals(tokens: Sequence[str]) -> list[float]:
    """Split a run into numbers as they are counted: `twenty four fifty` is 24 and 50."""
    groups: list[float] = []
    total, part, last, scale = 0.0, 0.0, "", 1.0
    for token in tokens:
        value, kind = _read(token)
        if total and part < 10 and last == "unit" and kind in ("tens", "teen"):
            part *= 100  # "two thousand four fifty" leaves out the hundred
        elif last and not _continues(last, kind, value, part):
            groups.append(total + part)
            total, part = 0.0, 0.0
        if kind == "scale":
            scale = value
            total, part = _scale(total, part or 1.0, value)
        elif kind == _HALF and last == "scale":
            part += scale / 2  # "a grand and a half"
        else:
            part += value
        last = kind
    if last:
        groups.append(total + part)
    return groups


def _read(token: str) -> tuple[float, str]:
    if token[0].isdigit():
        return float(token.replace(",", "")), "digits"
    if token in _SCALES:
        return float(_SCALES[token]), "scale"
    if token in _TENS:
        return float(_TENS[token]), "tens"
    if token == _HALF:
        return 0.5, _HALF
    value = _UNITS[token]
    return float(value), "unit" if value < 10 else "teen"


def _continues(last: str, kind: str, value: float, part: float) -> bool:
    if kind in ("scale", "half"):
        return True
    if last == "scale":
        return kind != "digits" or value < 1000
    return last == "tens" and kind == "unit" and value > 0 and part % 10 == 0


def _scale(total: float, part: float, scale: float) -> tuple[float, float]:
    if scale == 100:
        return total, part * 100
    return total + part * scale, 0.0


def telling_words(text: str) -> list[str]:
    """Give the words by which a fact is known, without numbers, units and idle words, in the singular."""
    words = [_DAYPARTS.get(token, token) for token in _tokens(text)]
    return [
        _stem(word)
        for word in words
        if word[0].isalpha()
        and word not in _IDLE
        and word not in _UNIT_WORDS
        and not _is_countable(word)
        and word not in _SCALES
    ]


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
