"""Turns written text into the words that a voice should say: money, times, codes, dates, units."""

import re

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ((1_000_000_000, "billion"), (1_000_000, "million"), (1_000, "thousand"), (100, "hundred"))
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_UNITS = {
    "lbs": "pounds",
    "lb": "pounds",
    "mi": "miles",
    "ft": "feet",
    "hrs": "hours",
    "hr": "hours",
    "mph": "miles per hour",
}
_MAX_SPOKEN = 999_999_999_999


def number_words(number: int) -> str:
    """Say a whole number of zero or more."""
    if number > _MAX_SPOKEN:
        return digit_words(str(number))
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f" {_ONES[ones]}" if ones else "")
    size, name = next((size, name) for size, name in _SCALES if number >= size)
    high, low = divmod(number, size)
    return f"{number_words(high)} {name}" + (f" {number_words(low)}" if low else "")


def digit_words(digits: str) -> str:
    """Say digits one by one."""
    return " ".join(_ONES[int(digit)] for digit in digits)


def spoken_form(text: str) -> str:
    """Write out everything that a voice would stumble over."""
    for pattern, say in _RULES:
        text = pattern.sub(say, text)
    return " ".join(text.split())


def _ordinal(number: int) -> str:
    *head, last = number_words(number).split()
    regular = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return " ".join([*head, _IRREGULAR.get(last, regular)])


def _whole(text: str) -> int:
    return int(text.replace(",", ""))


def _money(match: re.Match[str]) -> str:
    dollars, cents, scale = _whole(match["dollars"]), match["cents"], match["scale"]
    if scale:
        point = f" point {digit_words(cents)}" if cents else ""
        return f"{number_words(dollars)}{point} {'million' if scale in 'mM' else 'thousand'} dollars"
    words = f"{number_words(dollars)} dollar{'' if dollars == 1 else 's'}"
    if cents and len(cents) == 2:
        return words if cents == "00" else f"{words} and {number_words(int(cents))} cents"
    return f"{number_words(dollars)} point {digit_words(cents)} dollars" if cents else words


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match["minute"])
    half = " A M" if (match["half"] or "").lower() == "a" else " P M" if match["half"] else ""
    if minute == 0:
        even = number_words(hour) if half else f"{number_words(hour)} o'clock" if 0 < hour <= 12 else "midnight"
        return f"{number_words(hour)} hundred" if hour > 12 else f"{even}{half}"
    return f"{number_words(hour)} {'oh ' if minute < 10 else ''}{number_words(minute)}{half}"


def _date(match: re.Match[str]) -> str:
    return f"{_MONTHS[int(match['month']) - 1]} {_ordinal(int(match['day']))}"


def _code(match: re.Match[str]) -> str:
    """Spell a reference; up to three capitals or any digits are said one by one, a word stays a word."""
    groups = re.findall(r"[A-Za-z]+|\d+", match[0])
    return ", ".join(_code_group(group) for group in groups)


def _code_group(group: str) -> str:
    if group.isdigit():
        return digit_words(group)
    return " ".join(group) if group.isupper() and len(group) <= 4 else group


def _road(match: re.Match[str]) -> str:
    return f"{' '.join(match['road'])} {number_words(int(match['number']))}"


def _number(match: re.Match[str]) -> str:
    whole, part = match["whole"], match["part"]
    sign = "minus " if match["sign"] else ""
    is_code = "," not in whole and (len(whole) > 4 or (len(whole) > 1 and whole.startswith("0")))
    words = digit_words(whole) if is_code else number_words(_whole(whole))
    return sign + words + (f" point {digit_words(part)}" if part else "")


def _half(match: re.Match[str]) -> str:
    return f"{number_words(int(match['hour']))} {match['half'].upper()} M"


_RULES = (
    (re.compile(r"\b\d{4}-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])\b"), _date),
    (
        re.compile(r"\$\s?(?P<dollars>\d{1,3}(?:,\d{3})+|\d{1,12}(?!\d))(?:\.(?P<cents>\d{1,4}))?(?P<scale>[kKmM]\b)?"),
        _money,
    ),
    (re.compile(r"\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?:\s?(?P<half>[aApP])\.?[mM]\b\.?)?"), _time),
    (re.compile(r"\b(?P<hour>1[0-2]|[1-9])\s?(?P<half>[aApP])\.?[mM]\b"), _half),
    (re.compile(r"\b(?P<road>I|US|SR|TX)-(?P<number>\d{1,3})\b"), _road),
    (re.compile(r"\b(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Z])[A-Z0-9]+(?:-[A-Z0-9]+)*\b"), _code),
    (re.compile(r"\b\d{3}-(?:\d{3}-)?\d{4}\b"), _code),
    (re.compile(r"(?<=\d)\s?°\s?F\b"), lambda _: " degrees Fahrenheit"),
    (re.compile(r"(?<=\d)\s?°\s?C\b"), lambda _: " degrees Celsius"),
    (re.compile(r"(?<=\d)\s?%"), lambda _: " percent"),
    (re.compile(r"(?<=\d)['\u2032](?=\s|$|[.,;])"), lambda _: " foot"),
    (re.compile(r"(?<=\d)\s?(?P<unit>lbs|lb|mi|ft|hrs|hr|mph)\b\.?(?=\W|$)"), lambda m: " " + _UNITS[m["unit"]]),
    (re.compile(r"(?<=\d)-(?=[A-Za-z])"), lambda _: " "),
    (re.compile(r"(?<=\d)\s?[-\u2013]\s?(?=\d)"), lambda _: " to "),
    (re.compile(r"/(?=mile|mi\b|hour|hr\b|day|lb\b|pound)"), lambda _: " per "),
    (
        re.compile(r"(?:(?<=\s)|^)?(?P<sign>(?<![\w])-)?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d+))?"),
        _number,
    ),
    (re.compile(r"\s?&\s?"), lambda _: " and "),
    (re.compile(r"\bmm-?hm\b", re.IGNORECASE), lambda _: "hmm"),
    (re.compile(r"#\s?(?=[a-z0-9])"), lambda _: " number "),
)
