"""Numbers are found in words, as they are written and as they are recognised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.dialogue.numbers import amounts, find_numbers, written
from rehearsal.dialogue.words import words_of
from rehearsal.speech_text import number_words


@pytest.mark.parametrize(
    ("heard", "amount"),
    [
        ("$1,450", 1450),
        ("twenty four fifty", 2450),
        ("fourteen hundred and fifty dollars", 1450),
        ("2.4k", 2400),
        ("i can do one thousand six hundred twenty five dollars", 1625),
        ("fifteen twenty five for forty two thousand pounds", 1525),
        ("thousand four hundred fifty dollars", 1450),  # the "one" was lost
        ("one thousand six forty dollars", 1640),  # the "hundred" was lost
        ("one thousand five hundred nineteen five dollars", 1595),  # ninety was misheard
    ],
)
def test_an_amount_is_understood(heard: str, amount: int) -> None:
    assert amounts(words_of(heard))[0] == amount


@pytest.mark.parametrize(
    ("heard", "text"),
    [
        ("forty two thousand pounds", "42,000 pounds"),
        ("tomorrow at seven thirty", "tomorrow at 7:30"),
        ("minus ten degrees", "minus 10 degrees"),
        ("l four four seven one", "l 4471"),
        ("that one is fine", "that one is fine"),
        ("nine oh five a m", "9:05 AM"),
    ],
)
def test_what_was_heard_is_written_as_people_write_it(heard: str, text: str) -> None:
    assert written(words_of(heard)) == text


@given(st.integers(min_value=2, max_value=99_999))
def test_each_number_is_understood_from_its_words(number: int) -> None:
    assert [found.value for found in find_numbers(words_of(number_words(number)))] == [number]


@given(st.text())
def test_any_text_has_words(text: str) -> None:
    find_numbers(words_of(text))
