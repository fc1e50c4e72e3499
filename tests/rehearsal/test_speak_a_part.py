"""What the two parts say, from their instructions alone."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.part import Part, find_part
from rehearsal.script import Act, Line, Step, next_line, recognise
from tests.rehearsal.wire import DISPATCHER, DRIVER

KEYS = st.lists(st.from_regex(r"[a-z]{2,9}( [a-z]{2,9})?", fullmatch=True), min_size=1, max_size=8, unique=True)
VALUES = st.from_regex(r"[A-Za-z0-9$][A-Za-z0-9 ,.:/-]{0,30}[a-z0-9]", fullmatch=True)


def part_of(instructions: str) -> Part:
    part = find_part(instructions)
    assert part is not None
    return part


def sheet(role: str, facts: dict[str, str], *, decision: str = "accept", persona: str = "") -> Part:
    lines = "\n".join(f"{key}: {value if role == 'dispatcher' else '?'}" for key, value in facts.items())
    names = ("Tim", "Chris") if role == "dispatcher" else ("Chris", "Tim")
    return part_of(
        f"# Your part\nrole: {role}\nname: {names[0]}\npeer_name: {names[1]}\n\n# Who you are\n{persona}\n\n"
        f"# Load sheet\n{lines}\n\n# Your decision\ndecision: {decision}\n"
    )


def call_between(opener: Part, other: Part) -> list[tuple[Part, Line]]:
    """Let both speak in turn until one hangs up."""
    said: dict[int, list[Step]] = {0: [], 1: []}
    turns: list[tuple[Part, Line]] = []
    for number in range(100):
        part = (opener, other)[number % 2]
        line = next_line(part, said=said[number % 2], is_addressed=number > 0)
        said[number % 2].append(line.step)
        turns.append((part, line))
        if line.ends_call:
            return turns
    raise AssertionError("nobody hangs up")


def texts(turns: list[tuple[Part, Line]], part: Part) -> list[str]:
    return [line.text for speaker, line in turns if speaker is part]


def test_the_one_who_speaks_first_greets_by_name() -> None:
    line = next_line(part_of(DISPATCHER), said=[], is_addressed=False)

    assert line.text.startswith("Hi Chris, this is Tim with dispatch.")


def test_the_first_greeting_says_that_there_is_a_load() -> None:
    line = next_line(part_of(DISPATCHER), said=[], is_addressed=False)

    assert "load" in line.text


def test_a_sheet_of_five_facts_gives_at_least_ten_turns() -> None:
    turns = call_between(part_of(DISPATCHER), part_of(DRIVER))

    assert len(turns) >= 10


def test_the_driver_hangs_up_after_its_goodbye() -> None:
    turns = call_between(part_of(DISPATCHER), part_of(DRIVER))

    assert turns[-1][1].step.act is Act.FAREWELL


def test_when_the_driver_opens_the_dispatcher_greets_with_the_first_fact() -> None:
    turns = call_between(part_of(DRIVER), part_of(DISPATCHER))

    assert turns[1][1].text.startswith("Hi Chris, this is Tim with dispatch. ")
    assert "frozen chicken" in turns[1][1].text


@given(keys=KEYS, data=st.data())
def test_each_fact_is_asked_for_and_told_in_its_order(keys: list[str], data: st.DataObject) -> None:
    facts = {key: data.draw(VALUES) for key in keys}
    dispatcher, driver = sheet("dispatcher", facts), sheet("driver", facts)

    turns = call_between(dispatcher, driver)

    asked = [line.text for _, line in turns if line.step.act is Act.FACT and line.text.endswith("?")]
    told = [line.text for speaker, line in turns if line.step.act is Act.FACT and speaker is dispatcher]
    assert all(key in text for key, text in zip(keys, asked, strict=True))
    assert all(fact in text for fact, text in zip(facts.values(), told, strict=True))


@given(keys=KEYS, data=st.data())
def test_question_and_answer_meet(keys: list[str], data: st.DataObject) -> None:
    facts = {key: data.draw(VALUES) for key in keys}

    turns = call_between(sheet("dispatcher", facts), sheet("driver", facts))

    steps = [line.step for _, line in turns if line.step.act is Act.FACT]
    assert steps[0::2] == steps[1::2]


def test_a_fact_nobody_used_before_is_told_verbatim() -> None:
    part = sheet("dispatcher", {"unicorn permit": "series Q, stamped twice (v2.5)"})

    line = next_line(part, said=[], is_addressed=True)

    assert "unicorn permit" in line.text
    assert "series Q, stamped twice (v2.5)" in line.text


def test_swapped_facts_swap_what_is_said() -> None:
    one = sheet("dispatcher", {"commodity": "apples", "seal": "blue"})
    other = sheet("dispatcher", {"commodity": "blue", "seal": "apples"})

    said = [next_line(part, said=[], is_addressed=True).text for part in (one, other)]

    assert "apples" in said[0]
    assert "blue" in said[1]


def test_a_driver_who_accepts_takes_the_load() -> None:
    line = next_line(sheet("driver", {"rate": "?"}), said=[Step(Act.FACT, 0)], is_addressed=True)

    assert "I'll take the load" in line.text


def test_a_driver_who_called_agrees_without_taking_a_new_load() -> None:
    part = part_of(DRIVER.replace("opens_the_call: no", "opens_the_call: yes"))

    line = next_line(part, said=[Step(Act.FACT, 4)], is_addressed=True)

    assert "I accept" in line.text


@pytest.mark.parametrize("value", ["yes, both loads", "no", "None"])
def test_yes_and_no_are_told_as_such(value: str) -> None:
    line = next_line(sheet("dispatcher", {"tarps": value}), said=[], is_addressed=True)

    assert f"As for the tarps, {value}" in line.text


def test_a_driver_who_declines_gives_the_reason() -> None:
    part = sheet("driver", {"rate": "?"}, decision="decline: it is too far from home")

    line = next_line(part, said=[Step(Act.FACT, 0)], is_addressed=True)

    assert "it is too far from home" in line.text
    assert "take the load." not in line.text.replace("can't take", "")


def test_a_driver_without_a_decision_promises_nothing() -> None:
    part = sheet("driver", {"rate": "?"}, decision="")

    line = next_line(part, said=[Step(Act.FACT, 0)], is_addressed=True)

    assert "call you back" in line.text


def test_a_fact_that_the_dispatcher_does_not_know_is_admitted() -> None:
    line = next_line(sheet("dispatcher", {"seal": "?"}), said=[], is_addressed=True)

    assert "don't have the seal" in line.text


def test_a_step_that_was_not_heard_is_said_again() -> None:
    part = part_of(DISPATCHER)
    first = next_line(part, said=[Step(Act.GREET)], is_addressed=True)

    again = next_line(part, said=[Step(Act.GREET)], is_addressed=True)

    assert again == first


def test_after_the_goodbye_there_is_only_a_short_bye() -> None:
    part = part_of(DISPATCHER)

    line = next_line(part, said=[Step(Act.FAREWELL)], is_addressed=True)

    assert len(line.text) < 20
    assert line.ends_call


def test_without_a_load_sheet_it_says_so() -> None:
    line = next_line(find_part("You are a helpful assistant."), said=[], is_addressed=True)

    assert "no load sheet" in line.text


def test_the_same_instructions_give_the_same_words() -> None:
    first = call_between(part_of(DISPATCHER), part_of(DRIVER))

    second = call_between(part_of(DISPATCHER), part_of(DRIVER))

    assert [line for _, line in first] == [line for _, line in second]


def test_another_persona_gives_other_words() -> None:
    facts = {"commodity": "apples", "seal": "blue", "weight": "4 tons"}
    calls = {
        "|".join(line.text for _, line in call_between(sheet("dispatcher", facts, persona=who), sheet("driver", facts)))
        for who in ("calm", "hurried", "cheerful", "tired")
    }

    assert len(calls) == 4


def test_neighbouring_acknowledgements_differ() -> None:
    driver = part_of(DRIVER)

    acknowledged = [
        line.sentences[0]
        for line in (next_line(driver, said=[Step(Act.FACT, index)], is_addressed=True) for index in range(4))
    ]

    assert all(one != other for one, other in itertools.pairwise(acknowledged))


def test_half_of_the_fact_must_be_heard() -> None:
    line = Line(Step(Act.FACT), ("Sure.", "The weight is 42,000 pounds."), core=1)

    heard = [line.is_heard(chars) for chars in (0, len("Sure. The we"), len(line.text) - 8, len(line.text))]

    assert heard == [False, False, True, True]


@given(keys=KEYS, data=st.data())
def test_own_lines_are_known_again_by_their_text(keys: list[str], data: st.DataObject) -> None:
    part = sheet("dispatcher", {key: data.draw(VALUES) for key in keys})
    line = next_line(part, said=[Step(Act.GREET)], is_addressed=True)

    assert recognise(part, line.text) == line.step


@pytest.mark.parametrize("key", ["PO number", "pickup_window", "Miles"])
def test_a_key_is_spoken_as_words(key: str) -> None:
    line = next_line(sheet("driver", {key: "?"}), said=[], is_addressed=True)

    assert {"PO number": "PO number", "pickup_window": "pickup window", "Miles": "miles"}[key] in line.text
