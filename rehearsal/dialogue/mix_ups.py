"""Numbers that people mix up: by ear, one word for another; by eye, one written number for another."""

_ALIKE = {
    "thirteen": "thirty",
    "fourteen": "forty",
    "fifteen": "fifty",
    "sixteen": "sixty",
    "seventeen": "seventy",
    "eighteen": "eighty",
    "nineteen": "ninety",
    "five": "nine",
}


def number_words_alike(word: str) -> str:
    """Give the number that a number is taken for most easily, as fifty for fifteen; nothing for other words."""
    if word in _ALIKE:
        return _ALIKE[word]
    return next((teen for teen, ten in _ALIKE.items() if ten == word), "")


def slipped(number: str) -> str:
    """Give a number that is taken for a written one easily: its first two digits the other way round, else one more."""
    digits = [place for place, mark in enumerate(number) if mark.isdigit()]
    marks = list(number)
    if len(digits) > 1 and marks[digits[0]] != marks[digits[1]] and marks[digits[1]] != "0":
        marks[digits[0]], marks[digits[1]] = marks[digits[1]], marks[digits[0]]
        return "".join(marks)
    marks[digits[0]] = str(int(marks[digits[0]]) % 9 + 1)
    return "".join(marks)
