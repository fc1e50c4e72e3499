"""Each line of a report fits what came before: what was asked is answered, in its order, and nothing is made up."""

import re

import pytest

from tests.rehearsal.dialogue import DRIVER_TOOLS, Talk

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


def snowed_in(seed: str) -> Talk:
    talk = Talk(SNOW_DRIVER, DRIVER_TOOLS, seed=seed)
    talk.reply()
    talk.say("hi earl this is walt with dispatch what happened")
    return talk


def late_dispatcher(seed: str) -> Talk:
    talk = Talk(LATE_DISPATCHER, ("reschedule_appointment", "end_call"), seed=seed)
    talk.say("hi tim this is chris i am running late on load seven seven one four two")
    talk.say("about three hours i would like to get the pickup moved and know who pays for the delay")
    return talk


@pytest.mark.parametrize("seed", SEEDS)
def test_what_one_has_told_oneself_is_not_asked_for(seed: str) -> None:
    talk = Talk(DETENTION_DRIVER, DRIVER_TOOLS, seed=seed)
    talk.reply()
    heard = ["when did you get there", "how long have you been waiting", "ok", "the free time is two hours", "ok", "ok"]

    said = " ".join(talk.say(text) for text in heard)

    assert "on record?" not in said
    assert "arrival" not in said


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


@pytest.mark.parametrize("seed", SEEDS)
def test_what_nobody_has_spoken_of_is_asked_about_openly(seed: str) -> None:
    talk = snowed_in(seed)
    talk.say("i can get that moved the new delivery time is tomorrow at eleven in the morning")

    said = talk.say("it is done you are on for tomorrow at eleven in the morning")

    assert "nything else I should know?" in said
    assert "night line" not in said


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("is_in_time", [True, False])
def test_a_driver_can_make_a_new_time_only_if_the_check_of_it_says_so(seed: str, is_in_time: bool) -> None:
    check = "check_position_and_arrival"
    talk = Talk(SNOW_DRIVER, (*DRIVER_TOOLS, check), seed=seed, results={check: {"in_time": is_in_time}})
    talk.reply()
    talk.say("hi earl this is walt with dispatch what happened")

    said = talk.say("i can get that moved the new delivery time is tomorrow at eleven in the morning")

    assert (check, {"stop": "delivery", "window": "tomorrow at 11 in the morning"}) in talk.calls
    assert ("can make" in said) is is_in_time


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_spoken_of_is_asked_for_by_its_name(seed: str) -> None:
    talk = snowed_in(seed)
    talk.say("ok the receiver has a night line the new delivery time is tomorrow at eleven in the morning")

    said = talk.last_line + talk.say("it is done you are on for tomorrow at eleven in the morning")

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


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_asked_first_is_answered_first(seed: str) -> None:
    said = late_dispatcher(seed).last_line

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
def test_a_wish_for_the_record_is_heeded_at_once(seed: str) -> None:
    talk = Talk(ALARM_DISPATCHER, ("open_incident", "end_call"), seed=seed)
    talk.say("hi tim this is chris i have a reefer alarm on load five one two three zero")

    assert "I'll put it on record." in talk.say("i would like to have it on record")


def test_a_promise_to_record_is_not_taken_for_done() -> None:
    talk = snowed_in("")

    assert "bye" not in talk.say("sure i will put it on record").lower()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_first_question_does_not_begin_with_and(seed: str) -> None:
    talk = Talk(
        BREAKDOWN_DISPATCHER.replace("safe: ?", "tire size: ?").replace("what broke: ?\nwhere: ?\n", ""), seed=seed
    )

    said = talk.say("hi tim this is chris i have broken down with load five one two three zero")

    assert "tire size" in said
    assert "And " not in said


@pytest.mark.parametrize("seed", [str(seed) for seed in range(12)])
def test_a_call_that_began_without_a_word_recognised_goes_on(seed: str) -> None:
    """What was said blindly may be a question that fits no fact: it is not asked again when the line is silent."""
    talk = Talk(DETENTION_DRIVER, DRIVER_TOOLS, seed=seed)
    talk.say(None)
    talk.say("with at")
    talk.instructions += "\n# The line is silent\nNobody has said anything.\n"

    assert talk.reply()


@pytest.mark.parametrize("seed", SEEDS)
def test_who_reports_tells_what_is_left_where_a_question_cannot_be_made_out(seed: str) -> None:
    talk = Talk(DETENTION_DRIVER, DRIVER_TOOLS, seed=seed)
    talk.reply()
    talk.say("where is the pelican")

    said = talk.say("where is the pelican")

    assert not re.search(r"don't have that|don't know", said)
    assert re.search(r"\d", said)
