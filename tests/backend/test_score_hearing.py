"""How well a listener heard: words, and facts that the listener knew before or had to take from the sound."""

import jiwer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.hearing import (
    Fact,
    FactKind,
    Figure,
    HeardTurn,
    Knowledge,
    Score,
    Share,
    build_knowledge,
    count_word_errors,
    find_facts,
    find_figures,
    score_call,
    score_turn,
)

DISPATCHER = build_knowledge(["frozen chicken", "forty two thousand pounds", "springdale arkansas"], ["chris"])
DRIVER = build_knowledge(["fort smith arkansas"], ["you are empty tim"])
WORDS = st.lists(st.sampled_from(["one", "two", "load", "pounds"]), min_size=1, max_size=8).map(" ".join)


@given(said=WORDS, heard=WORDS)
def test_word_errors_are_those_of_the_usual_measure(said: str, heard: str) -> None:
    errors = count_word_errors(said, heard)

    assert errors.rate == pytest.approx(jiwer.wer(said, heard))


def test_nothing_heard_is_every_word_wrong() -> None:
    assert count_word_errors("two pallets", "") == Share(2, 2)


def test_a_rate_of_nothing_is_not_measured() -> None:
    assert Share().rate is None


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("one thousand four hundred fifty dollars", FactKind.MONEY, 1450),
        ("fourteen fifty dollars", FactKind.MONEY, 1450),
        ("tomorrow at seven in the morning", FactKind.TIME, 7),
        ("by six thirty", FactKind.TIME, 630),
        ("ten thirty a m", FactKind.TIME, 1030),
        ("eight o'clock", FactKind.TIME, 8),
        ("by twelve thousand pounds", FactKind.NUMBER, 12000),
        ("minus ten degrees", FactKind.NUMBER, -10),
        ("load l d four four seven one", FactKind.NUMBER, 4471),
        ("a hundred miles", FactKind.NUMBER, 100),
        ("one thousand and fifty miles", FactKind.NUMBER, 1050),
        ("two point five hours", FactKind.NUMBER, 2.5),
    ],
)
def test_figures_are_money_times_or_other_numbers(text: str, kind: FactKind, value: float) -> None:
    assert find_figures(text) == [Figure(kind, value)]


def test_a_pronoun_is_no_figure() -> None:
    assert find_figures("that one is good for me") == []


def test_a_fact_that_the_listener_was_told_is_no_news() -> None:
    facts = find_facts("i am in fort smith", speaker=DRIVER, listener=DISPATCHER)

    assert facts == [Fact(FactKind.NAME, "fort", is_news=True), Fact(FactKind.NAME, "smith", is_news=True)]
    assert not any(fact.is_news for fact in find_facts("frozen chicken", speaker=DRIVER, listener=DISPATCHER))


def test_words_count_as_news_when_a_fact_in_the_turn_is() -> None:
    said, heard = "it weighs forty two thousand pounds", "it weighs forty thousand pounds"

    to_driver = score_turn(said, heard, speaker=DISPATCHER, listener=DRIVER)
    to_dispatcher = score_turn(said, heard, speaker=DRIVER, listener=DISPATCHER)

    assert (to_driver.news, to_driver.known) == (Share(1, 6), Share())
    assert (to_dispatcher.news, to_dispatcher.known) == (Share(), Share(1, 6))


def test_a_number_is_wrong_when_any_of_it_is() -> None:
    score = score_turn("forty two thousand pounds", "forty thousand pounds", speaker=DISPATCHER, listener=DRIVER)

    assert score.facts == {(FactKind.NUMBER, True): Share(1, 1)}


def test_a_number_in_other_words_is_right() -> None:
    score = score_turn("fourteen hundred fifty dollars", "fourteen fifty dollars", speaker=DISPATCHER, listener=DRIVER)

    assert score.facts == {(FactKind.MONEY, True): Share(0, 1)}


def test_what_one_has_said_oneself_is_no_news_when_it_comes_back() -> None:
    turns = [
        HeardTurn(Role.DISPATCHER, "fifteen hundred dollars", "fifteen hundred dollars"),
        HeardTurn(Role.DRIVER, "fifteen hundred dollars", "fifteen dollars"),
        HeardTurn(Role.DISPATCHER, "yes", "yes"),
    ]

    score = score_call(turns, {role: Knowledge() for role in Role})

    assert score.count([FactKind.MONEY], is_news=True) == Share(0, 1)
    assert score.count([FactKind.MONEY], is_news=False) == Share(1, 1)


def test_what_was_cut_off_or_came_last_is_not_measured() -> None:
    turns = [
        HeardTurn(Role.DRIVER, "hello", "hello", was_interrupted=True),
        HeardTurn(Role.DISPATCHER, "hello", "hello"),
        HeardTurn(Role.DRIVER, "goodbye", None),
    ]

    assert score_call(turns, {role: Knowledge() for role in Role}) == Score(known=Share(0, 1), unmeasured=2)


def test_scores_add_up() -> None:
    one = Score(known=Share(1, 4), facts={(FactKind.TIME, True): Share(0, 1)})
    other = Score(news=Share(2, 3), facts={(FactKind.TIME, True): Share(1, 1)}, unmeasured=1)

    both = one + other

    assert (both.words, both.count(FactKind, is_news=True), both.unmeasured) == (Share(3, 7), Share(1, 2), 1)
