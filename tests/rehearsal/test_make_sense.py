"""Each line of a booking fits what came before: nothing is asked that is known, each answer shows what it answers."""

import re

import pytest

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.retelling import tell_again
from rehearsal.dialogue.voicing import put_into_words
from rehearsal.part import find_part
from tests.rehearsal.dialogue import BOOKING_DISPATCHER, BOOKING_DRIVER, DISPATCHER_TOOLS, DRIVER_TOOLS, Talk

SEEDS = [str(seed) for seed in range(8)]


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


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_temperature_nobody_asks_for_the_trailer(seed: str) -> None:
    talk = driver("trailer", "temperature", "weight", seed=seed)
    told = ["it runs at minus ten degrees", "it weighs forty two thousand pounds", "it pays sixteen hundred dollars"]

    said = " ".join(talk.say(text) for text in told)

    assert not re.search(r"trailer|equipment", said)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_yes_says_what_it_is_about(seed: str) -> None:
    assert "As for tarps, yes, two of them" in dispatcher(seed=seed).say("what about the tarps")


def test_an_answer_and_a_fact_that_names_itself_are_both_taken() -> None:
    talks = [driver("sticker", "dock door", seed=seed) for seed in SEEDS]
    for talk in talks:
        talk.say("it pays twelve hundred dollars")
    asked = [talk for talk in talks if "sticker" in talk.last_line]

    said = [talk.say("it is a green triangle and the dock door is fourteen") for talk in asked]

    assert asked
    assert all("1," in text for text in said)  # nothing else is left to ask: it names a rate


@pytest.mark.parametrize("seed", SEEDS)
def test_an_echo_is_no_answer(seed: str) -> None:
    talk = dispatcher(seed=seed)
    talk.say("how heavy is it")
    while "?" not in talk.last_line:
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
    while "pick" not in talk.last_line:
        talk.say("it weighs forty two thousand pounds")

    said = talk.say("pickup is springdale arkansas tomorrow at in the morning")

    assert re.search(r"pick", said)


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
def test_the_miles_of_the_run_are_not_those_to_the_pickup(seed: str) -> None:
    talk = driver("miles", seed=seed)

    assert re.search(r"loaded miles|the run", talk.last_line)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_wrong_echo_is_corrected_beside_a_fact_without_a_number(seed: str) -> None:
    talk = Talk(BOOKING_DISPATCHER.replace("dock door: 14", "lumper: on us"), DISPATCHER_TOOLS, seed=seed)
    talk.reply()
    talk.say("how heavy is it and who pays the lumper")

    assert "42,000 pounds" in talk.say("twenty four thousand pounds got it where does it pick up")


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
        talk.say("it pays twelve hundred dollars")
        said.append(talk.say("you go to door fourteen"))

    assert any("Hm" in text for text in said)
    assert not any(re.search(r"\w+, [Hh]m", text) for text in said)


def after_a_rate(*, seed: str) -> Talk:
    talk = dispatcher(seed=seed)
    talk.say("what does it pay")
    talk.say("i am in fort smith arkansas")
    return talk


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("question", ["sorry what are you paying on it", "sorry i missed the rate what was it"])
def test_a_rate_that_is_asked_for_again_is_named_as_it_stands(question: str, seed: str) -> None:
    talk = after_a_rate(seed=seed)

    said = talk.say(question)

    assert "1,450 dollars" in said
    assert [arguments for name, arguments in talk.calls if name == "offer_rate"] == [{"amount_usd": 1450}]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_leads_over_to_a_question_is_no_part_of_what_was_told_before(seed: str) -> None:
    talk = driver("pickup", seed=seed)
    talk.say("it picks up in springdale arkansas tomorrow at seven in the morning sorry where are you right now")
    said = [talk.say(text) for text in ("it pays sixteen hundred dollars", "so that is sixteen hundred is that right")]

    assert "morning sorry" not in " ".join(said)
    assert any("morning" in str(item.body) or "morning" in " ".join(said) for item in talk.items)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_lost_plural_comes_back_where_a_quantity_is_repeated(seed: str) -> None:
    talk = dispatcher(seed=seed)
    while "?" not in talk.last_line:
        talk.say("ok")

    said = " ".join(talk.say(text) for text in ("it is about sixty mile to the pickup", "what is the weight"))

    assert not re.search(r"\d mile\b", said)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_no_of_which_the_end_was_not_heard_is_not_confirmed(seed: str) -> None:
    talk = after_a_rate(seed=seed)

    said = talk.say("it does not do for me so i have a pen it")

    assert not re.search(r"correct|right", said)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_question_that_cannot_be_made_out_twice_is_met_with_what_is_still_untold(seed: str) -> None:
    talk = dispatcher(seed=seed)
    talk.say("where does it need")

    said = talk.say("where does it need a man dwayne")

    assert not re.search(r"don't have|don't know", said)
    assert re.search(r"42,000|Springdale|Dallas|14|tarps", said)


MISHEARD_QUESTION = "what six with meant are you run it"


def with_equipment(*asked: str, seed: str) -> Talk:
    instructions = BOOKING_DRIVER.replace(
        "position: Fort Smith, Arkansas", "position: Gary, Indiana\nequipment: reefer"
    )
    sheet = "\n".join(f"{key}: ?" for key in asked)
    talk = Talk(instructions.replace("commodity: ?\npickup: ?\ndock door: ?", sheet), DRIVER_TOOLS, seed=seed)
    talk.say("hi chris this is tim with dispatch i have a load for you")
    return talk


@pytest.mark.parametrize("seed", SEEDS)
def test_a_question_after_a_fact_is_answered_before_the_next_one_is_asked(seed: str) -> None:
    talk = with_equipment("weight", "delivery", seed=seed)

    said = talk.say("forty two thousand pounds what equipment are you running")

    assert "reefer" in said.partition("?")[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_question_after_a_fact_that_was_not_made_out_is_asked_for(seed: str) -> None:
    talk = with_equipment("weight", "delivery", seed=seed)

    said = [talk.say(f"forty two thousand pounds {MISHEARD_QUESTION}"), talk.say("what equipment are you running")]

    assert "your question" in said[0]
    assert "reefer" in said[1]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_question_after_a_fact_that_is_not_made_out_twice_is_met_with_the_truck(seed: str) -> None:
    talk = with_equipment("weight", "delivery", seed=seed)
    talk.say(f"forty two thousand pounds {MISHEARD_QUESTION}")

    assert "reefer" in talk.say(MISHEARD_QUESTION)


@pytest.mark.parametrize("seed", SEEDS)
def test_who_is_asked_for_its_question_asks_that_alone(seed: str) -> None:
    talk = dispatcher(seed=seed)
    while "?" not in talk.last_line:
        talk.say("how heavy is it")
    asked = talk.last_line

    said = talk.say("forty two thousand pounds okay sorry what was your question")

    assert said.count("?") == 1
    assert "pounds" not in said
    assert "?" in asked


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_asked_and_never_answered_is_asked_once_more_before_the_booking(seed: str) -> None:
    talk = dispatcher(seed=seed)
    talk.say("what does it pay")
    talk.say("sorry what does it pay")

    said = talk.say("all right i will take it at fourteen fifty")

    assert re.search(r"Before I book it, (?:where|what's your position)", said)
    assert "1,450 dollars" in talk.say("i am in fort smith arkansas")  # read back, and not asked a third time


@pytest.mark.parametrize("seed", SEEDS)
def test_who_stands_at_the_pickup_says_so_in_place_of_zero_miles(seed: str) -> None:
    at_the_pickup = BOOKING_DRIVER.replace("position: Fort Smith", "deadhead miles: 0\nposition: Springdale")
    talk = Talk(at_the_pickup, DRIVER_TOOLS, seed=seed)
    talk.say("hi chris this is tim with dispatch i have a load for you")

    said = talk.say("the dock door is fourteen how far are you from the pickup")

    assert "right there" in said
    assert not re.search(r"\b0\b", said)


def test_no_deadhead_is_an_answer() -> None:
    talk = Talk(BOOKING_DISPATCHER.replace("position: ?", "deadhead miles: ?"), DISPATCHER_TOOLS)
    talk.reply()
    talk.say("where does it pick up")
    said = [talk.say("what is the delivery"), talk.say("i am right there no deadhead"), talk.say("what does it pay")]

    assert re.search(r"deadhead|far are you", said[0])
    assert "1,450 dollars" in said[2]  # and not one question first


@pytest.mark.parametrize("seed", SEEDS)
def test_how_the_goods_come_is_said_in_a_sentence_of_its_own(seed: str) -> None:
    pallets = BOOKING_DISPATCHER.replace("frozen chicken", "strawberries, 20 pallets")

    said = Talk(pallets, DISPATCHER_TOOLS, seed=seed).reply()

    assert re.search(r"strawberries[^.]*\. It's 20 pallets\.", said)


def test_a_part_of_a_place_that_comes_back_is_no_answer() -> None:
    talk = driver("delivery", "weight")
    talk.say("where are you right now")

    assert "deliver" in talk.say("ok arkansas")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_driver_asks_where_it_goes_and_what_it_pays_before_how_cold_it_runs(seed: str) -> None:
    talk = driver("temperature", "weight", "sticker", "pickup", "delivery", "miles", seed=seed)
    told = {
        "pick": "it picks up in springdale arkansas tomorrow at seven in the morning",
        "deliver": "it delivers in dallas texas the day after at five in the morning",
        "miles|long is": "three hundred thirty miles",
        "pay|rate|money": "i can do sixteen hundred dollars on it",
        "heavy|weigh": "it weighs forty two thousand pounds",
        "sticker": "the sticker is a green triangle",
        "temperature|unit": "it runs at minus ten degrees",
    }
    asked: list[str] = []
    while len(asked) < len(told):
        question = next(words for words in told if re.search(words, talk.last_line.rpartition(". ")[2]))
        asked.append(question)
        talk.say(told[question])

    assert set(asked[:2]) <= {"pick", "deliver", "miles|long is"}
    assert set(asked[:4]) == {"pick", "deliver", "miles|long is", "pay|rate|money"}
    assert asked.index("sticker") > asked.index("heavy|weigh")


def with_miles(seed: str) -> Talk:
    sheet = BOOKING_DISPATCHER.replace("dock door: 14", "miles: 330").replace("position: ?", "equipment: ?")
    talk = Talk(sheet, DISPATCHER_TOOLS, seed=seed)
    talk.reply()
    return talk


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("echo", ["one hundred thirty miles ok", "ok one hundred thirty miles and how heavy is it"])
def test_wrong_miles_that_come_back_are_corrected(echo: str, seed: str) -> None:
    talk = with_miles(seed)
    talk.say("how many loaded miles is it")

    assert "330 miles" in talk.say(echo)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_comes_back_wrong_is_no_answer_to_another_question(seed: str) -> None:
    talk = with_miles(seed)
    while "?" not in talk.last_line:
        talk.say("how many loaded miles is it")
    talk.say("ok one hundred thirty miles")
    said = talk.say("what does it pay") + talk.say("all right i will take it at fourteen fifty")

    assert re.search(r"pulling|trailer do you|equipment are you", said)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_place_that_comes_back_wrong_is_not_confirmed(seed: str) -> None:
    talk = after_a_rate(seed=seed)

    said = talk.say(
        "deal i will take it at fourteen hundred fifty dollars so i pick up in springdale are arkansas tomorrow at "
        "seven in the morning"
    )

    assert "book_load" not in [name for name, _ in talk.calls]
    assert "Springdale, Arkansas" in said


def test_what_is_brought_up_by_its_name_is_heard_though_something_else_was_asked() -> None:
    talk = driver("hazmat", "pickup")

    talk.say("as for the hazmat class three flammable placards on all sides")

    assert talk.calls == [("decline_load", {"reason": "hazmat: I have no hazmat endorsement"})]


def test_sorry_is_said_once_a_line() -> None:
    part = find_part(BOOKING_DISPATCHER)
    assert part is not None
    state = tell_again(part, DISPATCHER_TOOLS, ())

    sentences, _ = put_into_words(state, [Act(Kind.LACK), Act(Kind.ASK, key="position", flag="again")])

    assert " ".join(sentences).lower().count("sorry") == 1
