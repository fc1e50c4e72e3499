"""The mind goes by what it heard: answers, asks again, corrects, haggles inside its limits, uses its tools, parts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.dialogue.cues import GOODBYE
from rehearsal.dialogue.numbers import amounts
from rehearsal.dialogue.words import words_of
from tests.rehearsal.dialogue import (
    BOOKING_DISPATCHER,
    BOOKING_DRIVER,
    DISPATCHER_TOOLS,
    DRIVER_TOOLS,
    Talk,
)
from tests.rehearsal.wire import DISPATCHER, DRIVER

SEEDS = [str(seed) for seed in range(8)]


def opened(instructions: str = BOOKING_DISPATCHER, **more: object) -> Talk:
    talk = Talk(instructions, DISPATCHER_TOOLS, **more)  # type: ignore[arg-type]
    talk.reply()
    return talk


def called(instructions: str = BOOKING_DRIVER, **more: object) -> Talk:
    talk = Talk(instructions, DRIVER_TOOLS, **more)  # type: ignore[arg-type]
    talk.say("hi chris this is tim with dispatch i have a load of frozen chicken for you")
    return talk


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("what is the delivery", "Dallas, Texas"),
        ("hi tim chris here how heavy is it", "42,000 pounds"),
        ("what about the dock door", "14"),
        ("and are there any tarps", "yes, two of them"),
        ("okay and what about the dog door", "14"),  # misheard by a letter
        ("where does it pick up", "Springdale"),
    ],
)
def test_what_was_asked_is_answered_in_any_order(question: str, answer: str) -> None:
    assert answer.lower() in opened().say(question).lower()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_driver_asks_for_every_fact_it_does_not_know(seed: str) -> None:
    talk = called(seed=seed)
    told = {"dock": "the dock door is fourteen", "pick": "it picks up in springdale arkansas tomorrow at seven"}
    asked = ""
    for _ in range(3):
        last = talk.items[-1].spoken
        assert last is not None
        key = next((key for key in told if key in last.line.text), "")
        asked += last.line.text
        talk.say(told.get(key, "it pays sixteen hundred dollars"))

    assert "dock door" in asked
    assert any(words in asked for words in ("pick up", "pickup"))
    assert any(words in asked for words in ("pay", "rate"))


def test_a_fact_that_was_told_unasked_is_not_asked_for() -> None:
    talk = called()
    said = [talk.say("the dock door is fourteen"), talk.say("it picks up in springdale arkansas tomorrow at seven")]

    assert "dock door" not in " ".join(said)


def test_it_asks_again_when_it_did_not_understand() -> None:
    talk = opened()

    assert "Sorry" in talk.say("brumble mumble")


def test_it_goes_on_after_asking_again_twice() -> None:
    talk = called()

    said = [talk.say(None) for _ in range(4)]

    assert sum("Sorry" in text for text in said[:2]) == 2
    assert not re.search(r"catch|missed|broke up", said[2])


def test_a_wrong_rate_that_is_read_back_is_corrected() -> None:
    talk = opened()
    talk.say("what does it pay")
    talk.say("i am in fort smith arkansas")

    said = talk.say("let me make sure i have it right did you say fourteen fifteen dollars")

    assert "1,450 dollars" in said


def test_a_wrong_echo_is_corrected() -> None:
    talk = opened()
    talk.say("how heavy is it")

    assert "42,000 pounds" in talk.say("okay forty five thousand pounds and what about the dock door")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rate_is_offered_before_it_is_said(seed: str) -> None:
    talk = opened(seed=seed)
    said = [talk.say("what does it pay"), talk.say("i am in fort smith arkansas")]

    assert talk.calls == [("offer_rate", {"amount_usd": 1450})]
    assert "1,450 dollars" in " ".join(said)


@pytest.mark.parametrize("seed", SEEDS)
def test_offers_rise_and_stay_below_the_highest_rate(seed: str) -> None:
    talk = opened(seed=seed)
    talk.say("what does it pay")
    talk.say("i am in fort smith arkansas")
    for ask in ("nineteen hundred", "eighteen fifty", "eighteen twenty five", "eighteen hundred", "eighteen hundred"):
        talk.say(f"i would need {ask} dollars")

    offers = [arguments["amount_usd"] for name, arguments in talk.calls if name == "offer_rate"]
    assert offers == sorted(offers)  # type: ignore[type-var]
    assert 1450 < max(offers) < 1650  # type: ignore[type-var, operator]


def test_an_ask_inside_the_limits_is_met_in_the_end() -> None:
    talk = opened()
    talk.say("what does it pay")
    talk.say("i am in fort smith arkansas")
    for _ in range(5):
        talk.say("could you do sixteen hundred dollars")

    assert ("offer_rate", {"amount_usd": 1600}) in talk.calls


def test_it_books_what_was_accepted_and_confirmed() -> None:
    talk = opened()
    talk.say("what does it pay")
    talk.say("i am in fort smith arkansas")
    read_back = talk.say("all right i will take it at fourteen fifty")
    booked = talk.say("yes that is right")

    assert "1,450 dollars" in read_back
    assert "Springdale" in read_back
    assert talk.calls[-1] == ("book_load", {"rate_usd": 1450})
    assert "booked" in booked


def test_a_booking_that_is_refused_is_not_told_as_one() -> None:
    talk = opened(refusals={"book_load": "The driver has not accepted a rate yet."})
    talk.say("what does it pay")
    talk.say("i am in fort smith arkansas")
    talk.say("all right i will take it at fourteen fifty")

    said = talk.say("yes that is right")

    assert "booked" not in said
    assert "1,450 dollars" in said


def haggled(talk: Talk, *offers: str) -> list[str]:
    talk.say("it picks up in springdale arkansas tomorrow at seven")
    talk.say("the dock door is fourteen")
    return [talk.say(offer) for offer in offers]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_driver_asks_for_more_than_its_lowest_rate_and_never_names_it(seed: str) -> None:
    talk = called(seed=seed)
    said = " ".join(haggled(talk, "i can do fourteen fifty dollars", "i could do fifteen hundred dollars"))

    assert all(amount > 1550 for amount in amounts(words_of(said)) if amount not in {1450, 1500})


def test_the_driver_takes_a_rate_that_does() -> None:
    talk = called()
    said = haggled(talk, "i can do fourteen fifty dollars", "okay i can do sixteen hundred dollars")

    assert talk.calls == [("accept_load", {"rate_usd": 1600})]
    assert "1,600 dollars" in said[-1]


def test_the_driver_asks_back_when_the_rate_was_not_on_the_table() -> None:
    talk = called(refusals={"accept_load": "What is on the table is 1,575 dollars, not 1,600 dollars."})
    said = haggled(talk, "i can do fourteen fifty dollars", "okay i can do sixteen hundred dollars")

    assert "did you say 1,600 dollars?" in said[-1].lower()


def test_the_last_word_below_the_lowest_rate_is_declined() -> None:
    talk = called()
    haggled(talk, "i can do fourteen fifty dollars", "i have to stay at fourteen fifty dollars")

    assert talk.calls[-1][0] == "decline_load"
    assert str(talk.calls[-1][1]["reason"]).startswith("rate")


def test_a_load_for_another_trailer_is_declined() -> None:
    talk = called(BOOKING_DRIVER.replace("dock door: ?", "trailer: ?"))
    said = talk.say("it needs a forty eight foot flatbed")

    assert talk.calls == [("decline_load", {"reason": "equipment: I pull a reefer"})]
    assert "I pull a reefer" in said


def test_a_plain_load_sheet_is_decided_as_the_prompt_says() -> None:
    talk = Talk(DRIVER.replace("decision: accept", "decision: decline: it is too far from home"), ("end_call",))
    for text in (
        "hi chris this is tim i have a load for you",
        "the commodity is frozen chicken",
        "the weight is forty two thousand pounds",
        "the rate is two thousand four hundred fifty dollars",
        "the pickup time is seven thirty",
    ):
        talk.say(text)

    assert "it is too far from home" in talk.say("the reference is l four four seven one")


def test_a_driver_tells_where_it_is_when_asked() -> None:
    assert "Fort Smith" in called().say("the dock door is fourteen where are you right now")


def test_told_to_wrap_up_it_says_goodbye() -> None:
    talk = opened()
    talk.instructions += "\n\n# Wrap up now\nTwo turns are left.\n"

    assert "bye" in talk.say("what about the dock door").lower()


@pytest.mark.parametrize("heard", ["five hours bye now", "yes bye the receiver's clerk", "paid bye the broker then"])
def test_by_is_no_goodbye_though_it_sounds_like_one(heard: str) -> None:
    assert GOODBYE.search(heard) is None


@pytest.mark.parametrize(
    "heard", ["okay bye", "bye bye", "all right tim thanks bye for now", "thanks bye tim", "goodbye"]
)
def test_a_goodbye_is_one_with_or_without_a_name(heard: str) -> None:
    assert GOODBYE.search(heard) is not None


def test_a_goodbye_is_answered_once_and_ends_the_call() -> None:
    talk = opened()

    said = talk.say("i have to pass on this one sorry goodbye")

    assert "bye" in said.lower()
    assert talk.calls == [("end_call", {})]


def test_after_its_own_goodbye_it_hangs_up_without_another() -> None:
    talk = opened()
    talk.say("i will have to pass on this one")

    assert talk.say("all right goodbye tim") == ""
    assert talk.calls == [("end_call", {})]


def test_what_was_not_heard_to_its_end_is_said_again() -> None:
    talk = opened()
    talk.say("how heavy is it")
    talk.cut(heard_ms=50)

    assert "42,000 pounds" in talk.say("sorry say that again")


def test_the_same_words_give_the_same_answer() -> None:
    assert opened().say("what about the dock door") == opened().say("what about the dock door")


def test_other_seeds_give_other_words_and_another_course() -> None:
    said = {called(seed=seed).items[-1].spoken.line.text for seed in SEEDS}  # type: ignore[union-attr]

    assert len(said) > 3


def test_nothing_recognised_in_the_whole_call_leaves_the_order_of_the_sheet() -> None:
    talk = Talk(DISPATCHER, ("end_call",))
    said = [talk.reply(), *(talk.say(None) for _ in range(3))]

    assert all(fact in text for fact, text in zip(("frozen chicken", "42,000", "$2,450"), said[1:], strict=True))


@given(st.text(), st.text())
def test_nothing_that_is_heard_breaks_it(first: str, second: str) -> None:
    for talk in (Talk(BOOKING_DISPATCHER, DISPATCHER_TOOLS), Talk(BOOKING_DRIVER, DRIVER_TOOLS)):
        talk.say(first)
        talk.say(second)
