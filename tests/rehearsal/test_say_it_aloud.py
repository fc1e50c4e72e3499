"""Written text becomes words that a voice can say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.speech_text import number_words, spoken_form


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("The rate is $2,450.", "The rate is two thousand four hundred fifty dollars."),
        ("$3.10/mile", "three dollars and ten cents per mile"),
        ("$2.4k", "two point four thousand dollars"),
        ("07:30", "seven thirty"),
        ("at 07:05", "at seven oh five"),
        ("14:00", "fourteen hundred"),
        ("9:00 AM", "nine A M"),
        ("L-4471", "L, four four seven one"),
        ("BX7742", "B X, seven seven four two"),
        ("42,000 lbs", "forty two thousand pounds"),
        ("-10°F", "minus ten degrees Fahrenheit"),
        ("53' reefer", "fifty three foot reefer"),
        ("2026-11-24", "November twenty fourth"),
        ("zip 75201", "zip seven five two zero one"),
        ("I-80 west", "I eighty west"),
        ("34-38 degrees", "thirty four to thirty eight degrees"),
        ("0.5", "zero point five"),
        ("two boxes", "two boxes"),
    ],
)
def test_it_is_said_as_people_say_it(written: str, spoken: str) -> None:
    assert spoken_form(written) == spoken


@given(st.text())
def test_no_digit_is_left_to_the_voice(text: str) -> None:
    assert not any(letter in "0123456789" for letter in spoken_form(text))


@given(st.integers(min_value=0, max_value=10**12 - 1))
def test_each_number_has_words(number: int) -> None:
    assert number_words(number).replace(" ", "").isalpha()
