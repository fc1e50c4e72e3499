"""A persona is heard in its words: how many, how sure, how patient, how careful, and phrases of its own."""

import re

import pytest

from rehearsal.dialogue.manner import find_manner
from tests.rehearsal.dialogue import BOOKING_DISPATCHER, BOOKING_DRIVER, DISPATCHER_TOOLS, DRIVER_TOOLS, Talk

PICKUP_TOLD = "it picks up in springdale arkansas tomorrow at seven in the morning"
SEEDS = [str(seed) for seed in range(12)]
QUESTIONS = (
    "hi tim this is chris how heavy is it",
    "where does it pick up",
    "what about the dock door",
    "and where does it deliver",
)


def in_character(instructions: str, character: str) -> str:
    return f"{instructions}\n# Who you are\n{character}\n"


def answers_of(character: str, *, seed: str) -> list[str]:
    """Ask a dispatcher the same questions."""
    talk = Talk(in_character(BOOKING_DISPATCHER, character), DISPATCHER_TOOLS, seed=seed)
    talk.reply()
    return [talk.say(question) for question in QUESTIONS]


def words_of_turn(character: str) -> float:
    said = [text for seed in SEEDS for text in answers_of(character, seed=seed)]
    return sum(len(text.split()) for text in said) / len(said)


def driver_of(character: str, *, seed: str) -> Talk:
    talk = Talk(in_character(BOOKING_DRIVER, character), DRIVER_TOOLS, seed=seed)
    talk.say("hi chris this is tim with dispatch i have a load of frozen chicken for you")
    return talk


def test_the_talkative_say_more_than_the_terse() -> None:
    assert words_of_turn("You are talkative and chatty.") > 1.3 * words_of_turn("You are terse, in few words.")


@pytest.mark.parametrize(
    ("character", "trait", "is_much"),
    [
        ("You talk a lot.", "talk", True),
        ("You tell jokes and tall tales.", "talk", True),
        ("You are tired.", "talk", False),
        ("You hate waiting.", "patience", False),
        ("You have no patience.", "patience", False),
        ("You are slow.", "patience", True),
        ("You take your time.", "patience", True),
        ("You ask everything twice.", "care", True),
    ],
)
def test_traits_are_known_by_what_people_write(character: str, trait: str, is_much: bool) -> None:
    value = getattr(find_manner(character), trait)

    assert value > 0.65 if is_much else value < 0.35


def test_who_asks_everything_twice_repeats_more_of_what_is_told() -> None:
    def repeated(character: str) -> int:
        talks = [driver_of(character, seed=seed) for seed in SEEDS]
        return sum("Springdale" in talk.say(PICKUP_TOLD) for talk in talks)

    assert repeated("You ask everything twice.") > repeated("You are polite.")


def test_who_talks_a_lot_has_more_to_remark() -> None:
    def remarked(character: str) -> int:
        talks = [driver_of(character, seed=seed) for seed in SEEDS]
        return sum(re.search(r"I've been|I know the way", talk.say(PICKUP_TOLD)) is not None for talk in talks)

    assert remarked("You are loud and talk a lot.") > 6
    assert remarked("You are polite.") == 0


def test_the_nervous_say_uh() -> None:
    nervous, sure = (
        " ".join(text for seed in SEEDS for text in answers_of(character, seed=seed)).lower()
        for character in ("You are nervous and hesitant.", "You are brisk and confident.")
    )

    assert len(re.findall(r"\bu[hm]\b", nervous)) > 3
    assert not re.search(r"\bu[hm]\b", sure)


@pytest.mark.parametrize(
    ("character", "times"), [("You are hurried and impatient.", 1), ("You are patient and calm.", 3)]
)
def test_the_patient_ask_more_often_to_hear_it_again(character: str, times: int) -> None:
    talk = driver_of(character, seed="1")

    said = [talk.say(None) for _ in range(6)]

    is_asking_back = [bool(re.search(r"catch|missed|broke up", text)) for text in said]
    assert is_asking_back.index(False) == times


def test_the_patient_ask_more_often_for_a_fact() -> None:
    asked = {}
    for character in ("You are patient and calm.", "You are hurried, impatient and blunt."):
        talk = driver_of(character, seed="1")
        asked[character] = sum("pick" in talk.say(None) for _ in range(24))

    patient, hurried = asked.values()
    assert patient > hurried > 0


def test_the_careful_repeat_more_than_the_careless() -> None:
    repeated = [
        sum("Springdale" in driver_of(character, seed=seed).say(told) for seed in SEEDS)
        for character in ("You are careful and exact and you repeat everything.", "You are vague, hasty and forgetful.")
        for told in ["it picks up in springdale arkansas tomorrow at seven in the morning"]
    ]

    assert repeated[0] > repeated[1]


def test_who_mixes_up_numbers_corrects_itself_at_once() -> None:
    said = [answers_of("You sometimes mix up a number.", seed=seed)[0] for seed in SEEDS]

    slips = [text for text in said if "sorry" in text]
    assert slips
    assert all("24,000, sorry, 42,000 pounds" in text for text in slips)


def test_a_number_that_was_taken_back_is_not_believed() -> None:
    talk = Talk(BOOKING_DRIVER.replace("dock door: ?", "weight: ?"), DRIVER_TOOLS)
    talk.say("hi chris this is tim with dispatch i have a load of frozen chicken for you")
    talk.say("it picks up in springdale arkansas tomorrow at seven")

    talk.say("it weighs twenty four thousand sorry forty two thousand pounds what are you pulling")

    assert "24,000" not in talk.say("forty two thousand pounds is that right")


def test_who_mishears_numbers_is_corrected_and_says_thanks() -> None:
    character = "You are careful, you repeat and double check, and you sometimes hear a number wrong."
    slipped = []
    for seed in SEEDS:
        instructions = in_character(BOOKING_DRIVER.replace("dock door: ?", "weight: ?"), character)
        talk = Talk(instructions, DRIVER_TOOLS, seed=seed)
        talk.say("hi chris this is tim with dispatch i have a load of frozen chicken for you")
        if "24,000" in talk.say("it weighs forty two thousand pounds"):
            slipped.append(talk.say("no the weight is forty two thousand pounds"))

    assert slipped
    assert all("42,000" in text for text in slipped)


def test_a_wrong_number_that_is_repeated_is_corrected() -> None:
    talk = Talk(BOOKING_DISPATCHER, DISPATCHER_TOOLS)
    talk.reply()
    talk.say("how heavy is it")

    said = talk.say("twenty four thousand pounds got it and what about the dock door")

    assert "42,000" in said


def test_words_in_quotes_are_the_personas_own() -> None:
    said = [driver_of('You say "roger dodger" all the time.', seed=seed).say("the dock door is nine") for seed in SEEDS]

    assert any("Roger dodger." in text for text in said)


def test_words_before_a_number_are_the_personas_own() -> None:
    said = [text for seed in SEEDS for text in answers_of('You say "well now" before a number.', seed=seed)]

    assert any(text.startswith("Well now, ") or " Well now, " in text for text in said)


@pytest.mark.parametrize("saying", ["no way", "sorry about that", "bye bye", "one two three four five six"])
def test_words_that_would_mean_something_are_not_used(saying: str) -> None:
    manner = find_manner(f'You say "{saying}" a lot.')

    assert (manner.acknowledges, manner.leads) == ((), ())


@pytest.mark.parametrize(
    ("character", "trait"),
    [
        ("You are never patient.", "patience"),
        ("You don't talk a lot.", "talk"),
        ("You will not be hurried.", "patience"),
        ("You do not like to haggle.", "thrift"),
        ("You add a little to each answer.", "talk"),
    ],
)
def test_what_a_persona_is_not_does_not_count(character: str, trait: str) -> None:
    assert getattr(find_manner(character), trait) == 0.5
