import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatchsim.domain.freight.spoken import find_money, find_numbers, find_values, says_amount, says_fact

ONE_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
ONES = ONE_WORDS.split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905


def two_figures(value: int, joint: str = " ") -> str:
    if value < 20:
        return ONES[value]
    return TENS[value // 10] + (joint + ONES[value % 10] if value % 10 else "")


def cardinal(value: int, *, joint: str = " ", link: str = " ") -> str:
    thousands, rest = divmod(value, 1000)
    hundreds, small = divmod(rest, 100)
    words = [f"{cardinal(thousands, joint=joint)} thousand"] if thousands else []
    if hundreds:
        words.append(f"{ONES[hundreds]} hundred")
    if small:
        words.append(two_figures(small, joint))
    return link.join(words) or "zero"


def in_pairs(value: int) -> str:
    return f"{two_figures(value // 100)} {two_figures(value % 100)}"


@pytest.mark.parametrize(
    "text",
    [
        "twenty four fifty",
        "twenty-four fifty",
        "$2,450",
        "2450 dollars",
        "2,450.00 dollars",
        "2.45k",
        "two point four five k",
        "two thousand four fifty",
        "twenty-four hundred and fifty dollars",
        "two thousand four hundred fifty",
        "two thousand four hundred and fifty bucks",
        "I said 2 4 5 0",
    ],
)
def test_a_rate_is_found_in_every_form(text: str) -> None:
    assert says_amount(text, 2450)


@given(st.integers(min_value=1, max_value=99_999), st.sampled_from([" ", "-"]), st.sampled_from([" ", " and "]))
def test_every_cardinal_is_read(value: int, joint: str, link: str) -> None:
    assert find_numbers(f"that is {cardinal(value, joint=joint, link=link)} then")[0].value == value


@given(st.integers(min_value=11, max_value=99), st.integers(min_value=10, max_value=99))
def test_every_rate_in_pairs_is_read(front: int, back: int) -> None:
    value = front * 100 + back

    assert value in find_values(f"how about {in_pairs(value)}")


@given(st.integers(min_value=1, max_value=99_999))
def test_every_written_form_is_read(value: int) -> None:
    for text in (f"${value:,}", f"{value} dollars", f"{value / 1000:g}k"):
        assert any(abs(found - value) < 0.005 for found in find_money(text)), text


@given(st.text(max_size=200))
def test_nothing_that_is_said_breaks_it(text: str) -> None:
    find_numbers(text)


@given(st.integers(min_value=10_000, max_value=99_999))
def test_a_number_read_figure_by_figure_is_one(value: int) -> None:
    assert find_numbers(" ".join(ONES[int(figure)] for figure in str(value)))[0].value == value


@pytest.mark.parametrize("text", ["500 miles", "forty-two thousand pounds", "at five in the morning, 500 pounds"])
def test_what_has_another_unit_is_no_money(text: str) -> None:
    assert not says_amount(text, 500)
    assert not says_amount(text, 42_000)


def test_a_sentence_ends_a_number() -> None:
    assert [number.value for number in find_numbers("It pays 1450. 330 miles.")] == [1450, 330]


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        (
            "We load at seven in the morning tomorrow in Springdale.",
            "Springdale, Arkansas, tomorrow at 7 in the morning",
        ),
        ("Two PM this afternoon.", "this afternoon at 2"),
        ("It's frozen chicken.", "frozen chicken"),
        ("Forty-two thousand pounds.", "42,000 pounds"),
        ("Load seven seven one four two.", "7 7 1 4 2"),
        ("I'd say three hours late.", "about 3 hours"),
        ("Five hours.", "5 hours by now"),
        ("I'm on load 3 0 9 5 5.", "30955"),
        ("I'm on load 30955.", "3 0 9 5 5"),
        ("It's load three oh nine five five.", "load 30955"),
        ("Load 3 0 9, 5 5.", "30955"),
        ("I'm on load 3 0 9 5 5, five hours by now.", "5 hours by now"),
        ("Load three-zero-nine-five-five, five hours by now.", "30955"),
        ("five six hours", "5 hours by now"),
        ("You get 175 dollars.", "175 dollars, since you have to wait"),
        ("Load nothing and stay there.", "load nothing, stay where you are"),
        ("at half past six, so six thirty", "6:30"),
        ("twelve pallets for Phoenix, Arizona", "Phoenix, Arizona, 12 pallets"),
    ],
)
def test_a_fact_is_recognised_in_other_words(said: str, fact: str) -> None:
    assert says_fact(said, fact)


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("We load at eight in the morning in Springdale, Arkansas.", "Springdale, Arkansas, tomorrow at 7"),
        ("It's chilled beef.", "frozen chicken"),
        ("Forty thousand pounds.", "42,000 pounds"),
        ("Yes.", "door 14"),
        ("I have 14 of something else.", "door 14"),
        ("It's 20 degrees.", "strawberries, 20 pallets"),
        ("I'm on load 3 0 9 5 5.", "5 hours by now"),
        ("I'm on load 3 0 9 5 5.", "55 hours by now"),
        ("It's load three oh nine five five.", "5 hours by now"),
        ("It's load 3-0-9-5-5.", "5 hours by now"),
        ("Load 3, 0, 9, 5, 5.", "5 hours by now"),
        ("Load three zero nine fifty five.", "9 hours by now"),
    ],
)
def test_another_fact_is_not_taken_for_it(said: str, fact: str) -> None:
    assert not says_fact(said, fact)


def test_a_small_number_is_known_by_the_word_for_the_fact() -> None:
    assert says_fact("I arrived at six.", "6 this morning", key="arrived")


def test_a_small_number_is_known_by_the_question() -> None:
    assert says_fact("Fourteen.", "door 14", key="dock", asked="Which door are you at?")


def test_half_of_a_grand_is_five_hundred() -> None:
    assert says_amount("a grand and a half", 1500)
