"""Each line fits what came before: nothing is asked that is known, each answer shows what it answers."""

import re

import pytest

from tests.rehearsal.dialogue import BOOKING_DISPATCHER, BOOKING_DRIVER, DISPATCHER_TOOLS, DRIVER_TOOLS, Talk

SEEDS = [str(seed) for seed in range(8)]
BREAKDOWN_DISPATCHER = """# Your part
role: dispatcher
name: Tim
peer_role: driver
peer_name: Chris
opens_the_call: no
call_kind: breakdown

# Load sheet
load number: 51230
delivery: Tulsa, Oklahoma, tonight at 9
road service: Four States Towing, about 50 minutes away
who pays: the company

# What you have to find out
what broke: ?
where: ?
safe: ?

# Your limits
incident kind: breakdown
"""
DETENTION_DRIVER = """# Your part
role: driver
name: Chris
peer_role: dispatcher
peer_name: Tim
opens_the_call: yes
call_kind: detention

# Load sheet
load number: 30955
arrival on record: ?
free time: ?

# What you know
arrived: 6 this morning
waiting: 5 hours

# What you have to find out
detention: ?

# Your goal
goal: get all 5 hours paid
"""


def driver(*asked: str, seed: str = "") -> Talk:
    sheet = "\n".join(f"{key}: ?" for key in asked)
    talk = Talk(
        re.sub(r"commodity: \?\n.*\ndock door: \?", sheet, BOOKING_DRIVER, flags=re.DOTALL), DRIVER_TOOLS, seed=seed
    )
    talk.say("hi chris this is tim with dispatch i have a load for you")
    return talk


def dispatcher(*, seed: str = "") -> Talk:
    talk = Talk(BOOKING_DISPATCHER, DISPATCHER_TOOLS, seed=seed)
    talk.reply()
    return talk


def last_line(talk: Talk) -> str:
    spoken = talk.items[-1].spoken
    assert spoken is not None
    return spoken.line.text


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_temperature_nobody_asks_for_the_trailer(seed: str) -> None:
    talk = driver("trailer", "temperature", "weight", seed=seed)
    told = ["it runs at minus ten degrees", "it weighs forty two thousand pounds", "it pays sixteen hundred dollars"]

    said = " ".join(talk.say(text) for text in told)

    assert not re.search(r"trailer|equipment", said)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_one_has_told_oneself_is_not_asked_for(seed: str) -> None:
    talk = Talk(DETENTION_DRIVER, DRIVER_TOOLS, seed=seed)
    talk.reply()
    heard = ["when did you get there", "how long have you been waiting", "ok", "the free time is two hours", "ok", "ok"]

    said = " ".join(talk.say(text) for text in heard)

    assert "on record?" not in said
    assert "arrival" not in said


@pytest.mark.parametrize("seed", SEEDS)
def test_a_yes_says_what_it_is_about(seed: str) -> None:
    assert "tarps, yes, two of them" in dispatcher(seed=seed).say("what about the tarps")


def test_an_answer_and_a_fact_that_names_itself_are_both_taken() -> None:
    talks = [driver("sticker", "pickup", seed=seed) for seed in SEEDS]
    asked = [talk for talk in talks if "sticker" in last_line(talk)]

    said = [
        talk.say("it is a green triangle and the pickup is springdale arkansas tomorrow at seven in the morning")
        for talk in asked
    ]

    assert asked
    assert all(re.search(r"pay|rate", text) for text in said)  # nothing else is left to ask


@pytest.mark.parametrize("seed", SEEDS)
def test_an_echo_is_no_answer(seed: str) -> None:
    talk = dispatcher(seed=seed)
    talk.say("how heavy is it")
    while "?" not in last_line(talk):
        talk.say("ok")

    said = talk.say("forty two thousand pounds okay")

    assert "42,000 pounds." not in said  # as where the truck is


@pytest.mark.parametrize("seed", SEEDS)
def test_a_large_gap_is_not_called_a_little(seed: str) -> None:
    talk = driver("weight", seed=seed)
    talk.say("it weighs forty two thousand pounds")
    said = talk.say("i can do one thousand two hundred dollars")
    said += talk.say("i could do one thousand two hundred fifty dollars")

    assert "1,200" in said or "I'd need" in said
    assert not re.search(r"a little|a bit|close", said)


@pytest.mark.parametrize("seed", SEEDS)
def test_too_far_apart_is_said_before_long(seed: str) -> None:
    talk = driver("weight", seed=seed)
    talk.say("it weighs forty two thousand pounds")
    for offer in ("one thousand dollars", "one thousand fifty dollars", "one thousand one hundred dollars"):
        talk.say(f"i can do {offer}")

    assert talk.calls[-1][0] == "decline_load"


@pytest.mark.parametrize("seed", SEEDS)
def test_one_question_first_is_followed_by_one(seed: str) -> None:
    talk = dispatcher(seed=seed)

    said = talk.say("what does it pay")

    assert said.count("?") == 1
    assert "One question" in said or "one question" in said
    assert "1,450 dollars" in talk.say("i am in fort smith arkansas")


@pytest.mark.parametrize("seed", SEEDS)
def test_whether_somebody_is_safe_is_asked_first(seed: str) -> None:
    talk = Talk(BREAKDOWN_DISPATCHER, ("open_incident", "end_call"), seed=seed)

    assert "safe" in talk.say("hi tim this is chris i have broken down with load five one two three zero")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_wish_is_answered_from_the_sheet(seed: str) -> None:
    talk = Talk(BREAKDOWN_DISPATCHER, ("open_incident", "end_call"), seed=seed)
    talk.say("hi tim this is chris i have broken down with load five one two three zero")
    said = talk.say("yes i am safe i would like to get somebody sent out with the part and know who pays")

    assert "Four States Towing" in said
    assert "the company" in said


def test_a_wrong_echo_beside_an_answer_is_corrected() -> None:
    talk = dispatcher()
    talk.say("how heavy is it")

    said = talk.say(
        "all right twenty four thousand pounds i am sitting in fort smith arkansas what about the dock door"
    )

    assert "42,000 pounds" in said


def test_a_right_echo_of_a_correction_is_left_alone() -> None:
    talk = dispatcher()
    talk.say("how heavy is it")
    talk.say("twenty four thousand pounds got it where does it pick up")

    said = talk.say("oh forty two thousand pounds thanks what about the dock door")

    assert not re.search(r"not quite|not it|correct", said, re.IGNORECASE)


def test_both_asking_to_hear_it_again_come_back_to_what_was_said() -> None:
    talk = dispatcher()
    talk.say("what does it pay")
    talk.say("i am in fort smith arkansas")
    talk.say("brumble mumble")

    assert "1,450 dollars" in talk.say("sorry you broke up there can you say that again")


def test_thanks_alone_end_a_call_that_is_settled() -> None:
    talk = dispatcher()
    talk.say("what does it pay")
    talk.say("i am in fort smith arkansas")
    talk.say("all right i will take it at fourteen fifty")
    talk.say("yes that is right")

    assert "bye" in talk.say("thank you tim").lower()


def test_a_time_whose_number_was_not_heard_is_asked_for_again() -> None:
    talk = driver("pickup", "weight")
    while "pick" not in last_line(talk):
        talk.say("it weighs forty two thousand pounds")

    said = talk.say("pickup is springdale arkansas tomorrow at in the morning")

    assert re.search(r"pick", said)
