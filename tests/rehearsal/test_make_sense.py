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
SNOW_DRIVER = """# Your part
role: driver
name: Earl
peer_role: dispatcher
peer_name: Walt
opens_the_call: yes
call_kind: weather

# The situation
You wait at the foot of the pass with forty other trucks. The gate is shut.

# Load sheet
load number: 25573
delivery: Spokane, Washington, tonight at 9
receiver's night line: ?

# What you know
what happened: the pass is closed for snow
receipt: a paper one with a stamp

# What you have to find out
new delivery time: ?

# Your goal
goal: get a delivery time that can be made
"""
LATE_DISPATCHER = """# Your part
role: dispatcher
name: Tim
peer_role: driver
peer_name: Chris
opens_the_call: no
call_kind: late

# The situation
You have called the shipper.

# Load sheet
load number: 77142
late fee: 150 dollars, and the broker pays it
gate code: 2 2 9 0

# What you know
new pickup time: this afternoon at 2

# What you have to find out
late by: ?

# Your limits
may move: pickup
"""
ALARM_DISPATCHER = BREAKDOWN_DISPATCHER.replace("breakdown", "reefer_alarm")


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


def snowed_in(seed: str) -> Talk:
    talk = Talk(SNOW_DRIVER, DRIVER_TOOLS, seed=seed)
    talk.reply()
    talk.say("hi earl this is walt with dispatch what happened")
    return talk


@pytest.mark.parametrize("seed", SEEDS)
def test_what_nobody_has_spoken_of_is_asked_about_openly(seed: str) -> None:
    talk = snowed_in(seed)
    talk.say("i can get that moved the new delivery time is tomorrow at eleven in the morning")

    said = talk.say("it is done you are on for tomorrow at eleven in the morning")

    assert "nything else I should know?" in said
    assert "night line" not in said


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_spoken_of_is_asked_for_by_its_name(seed: str) -> None:
    talk = snowed_in(seed)
    talk.say("ok the receiver has a night line the new delivery time is tomorrow at eleven in the morning")

    said = last_line(talk) + talk.say("it is done you are on for tomorrow at eleven in the morning")

    assert "night line?" in said or "night line." in said


@pytest.mark.parametrize("seed", SEEDS)
def test_an_open_question_is_answered_by_what_nobody_can_know_to_ask_for(seed: str) -> None:
    talk = late_dispatcher(seed)

    assert "gate code is 2 2 9 0" in talk.say("i can make that anything else i should know")


@pytest.mark.parametrize("seed", SEEDS)
def test_an_open_question_ends_once_nothing_is_left(seed: str) -> None:
    talk = late_dispatcher(seed)
    talk.say("i can make that is there anything else i should know")

    assert "That's everything" in talk.say("ok anything else i should know")


def late_dispatcher(seed: str) -> Talk:
    talk = Talk(LATE_DISPATCHER, ("reschedule_appointment", "end_call"), seed=seed)
    talk.say("hi tim this is chris i am running late on load seven seven one four two")
    talk.say("about three hours i would like to get the pickup moved and know who pays for the delay")
    return talk


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_asked_first_is_answered_first(seed: str) -> None:
    said = last_line(late_dispatcher(seed))

    assert said.index("this afternoon at 2") < said.index("150 dollars")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_paper_that_was_sent_is_not_described_afterwards(seed: str) -> None:
    talk = Talk(SNOW_DRIVER.replace("weather", "lumper"), (*DRIVER_TOOLS, "send_papers"), seed=seed)
    talk.reply()

    said = talk.say("hi earl this is walt with dispatch can you send me a photo of the receipt")

    assert talk.calls[-1][0] == "send_papers"
    assert "stamp" not in said


@pytest.mark.parametrize("seed", SEEDS)
def test_a_settled_report_promises_nothing_that_nobody_has_agreed_on(seed: str) -> None:
    talk = Talk(BREAKDOWN_DISPATCHER.partition("# Your limits")[0], ("end_call",), seed=seed)
    talk.say("hi tim this is chris i have broken down with load five one two three zero")
    answers = ("the air line", "mile marker eighteen", "ok thanks")

    said = " ".join(
        talk.say(f"yes i am safe {answer}" if place == 0 else answer) for place, answer in enumerate(answers)
    )

    assert not re.search(r"call you|right away|somebody", said)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_read_back_of_the_driver_is_confirmed_and_not_repeated(seed: str) -> None:
    talk = dispatcher(seed=seed)
    talk.say("what does it pay")
    talk.say("i am in fort smith arkansas")

    said = talk.say(
        "deal i will take it at fourteen hundred fifty dollars so i pick up in springdale arkansas tomorrow at seven "
        "in the morning"
    )

    assert talk.calls[-1][0] == "book_load"
    assert re.match(r"(?:Yes, t|T)hat's (?:right|correct)\.", said)
    assert "?" not in said


@pytest.mark.parametrize("seed", SEEDS)
def test_a_wrong_read_back_is_not_confirmed(seed: str) -> None:
    talk = dispatcher(seed=seed)
    talk.say("what does it pay")
    talk.say("i am in fort smith arkansas")

    talk.say(
        "deal i will take it at fourteen hundred fifty dollars so i pick up in springdale arkansas tomorrow at nine "
        "in the morning"
    )

    assert all(name != "book_load" for name, _ in talk.calls)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_dispatcher_knows_is_confirmed_and_not_asked(seed: str) -> None:
    talk = dispatcher(seed=seed)
    talk.say("what does it pay")
    talk.say("i am in fort smith arkansas")

    said = talk.say("all right i will take it at fourteen hundred fifty dollars")

    assert "Springdale, Arkansas, tomorrow at 7 in the morning" in said
    assert "?" not in said


@pytest.mark.parametrize("seed", SEEDS)
def test_a_wish_for_the_record_is_heeded_at_once(seed: str) -> None:
    talk = Talk(ALARM_DISPATCHER, ("open_incident", "end_call"), seed=seed)
    talk.say("hi tim this is chris i have a reefer alarm on load five one two three zero")

    assert "I'll put it on record." in talk.say("i would like to have it on record")


def test_a_promise_to_record_is_not_taken_for_done() -> None:
    talk = snowed_in("")

    assert "bye" not in talk.say("sure i will put it on record").lower()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_miles_of_the_run_are_not_those_to_the_pickup(seed: str) -> None:
    talk = driver("miles", seed=seed)

    assert re.search(r"loaded miles|the run", last_line(talk))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_wrong_echo_is_corrected_beside_a_fact_without_a_number(seed: str) -> None:
    talk = Talk(BOOKING_DISPATCHER.replace("dock door: 14", "lumper: on us"), DISPATCHER_TOOLS, seed=seed)
    talk.reply()
    talk.say("how heavy is it and who pays the lumper")

    assert "42,000 pounds" in talk.say("twenty four thousand pounds got it where does it pick up")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_first_question_does_not_begin_with_and(seed: str) -> None:
    talk = Talk(
        BREAKDOWN_DISPATCHER.replace("safe: ?", "tire size: ?").replace("what broke: ?\nwhere: ?\n", ""), seed=seed
    )

    said = talk.say("hi tim this is chris i have broken down with load five one two three zero")

    assert "tire size" in said
    assert "And " not in said


@pytest.mark.parametrize("seed", SEEDS)
def test_a_trailer_that_does_not_fit_is_apologised_for(seed: str) -> None:
    sheet = BOOKING_DISPATCHER.replace("dock door: 14", "trailer: 53 foot reefer")
    talk = Talk(sheet, DISPATCHER_TOOLS, seed=seed)
    talk.reply()

    said = talk.say("that will not fit my truck i pull a flatbed i will have to pass on it")

    assert "Sorry" in said


@pytest.mark.parametrize("seed", SEEDS)
def test_what_nobody_asked_is_told_without_a_yes(seed: str) -> None:
    talk = Talk(BOOKING_DISPATCHER.replace("dock door: 14\n", ""), DISPATCHER_TOOLS, seed=seed)
    talk.reply()

    said = " ".join(talk.say("ok") for _ in range(9))

    assert "tarps, two of them" in said
    assert "yes" not in said.lower()


def test_one_hesitating_sound_is_enough() -> None:
    hesitant = BOOKING_DRIVER + "\n# Who you are\nYou are nervous, hesitant and unsure.\n"
    said: list[str] = []
    for seed in range(30):
        talk = Talk(hesitant, DRIVER_TOOLS, seed=str(seed))
        talk.say("hi chris this is tim with dispatch i have a load of frozen chicken for you")
        talk.say("pickup is springdale arkansas tomorrow at seven in the morning")
        talk.say("you go to door fourteen")
        said.append(talk.say("it pays twelve hundred dollars"))

    assert any("Hm" in text for text in said)
    assert not any(re.search(r"\w+, [Hh]m", text) for text in said)
