"""How instructions become a part."""

from hypothesis import given
from hypothesis import strategies as st

from rehearsal.part import Fact, Role, find_part
from tests.rehearsal.wire import DISPATCHER, DRIVER


def test_role_and_names_are_read() -> None:
    part = find_part(DRIVER)

    assert part is not None
    assert (part.role, part.name, part.peer_name) == (Role.DRIVER, "Chris", "Tim")


def test_facts_keep_their_order_and_their_values() -> None:
    part = find_part(DISPATCHER)

    assert part is not None
    assert part.facts[1] == Fact("weight", "42,000 pounds")


def test_a_question_mark_is_a_fact_to_ask_for() -> None:
    part = find_part(DRIVER)

    assert part is not None
    assert all(fact.value is None for fact in part.facts)


def test_a_colon_in_a_value_stays() -> None:
    part = find_part(DISPATCHER)

    assert part is not None
    assert Fact("pickup time", "07:30") in part.facts


def test_bullets_and_other_headings_do_not_matter() -> None:
    part = find_part("## YOUR PART:\n- role: Driver\n\n### Load Sheet\n* weight: ?\n")

    assert part is not None
    assert part.facts == (Fact("weight", None),)


def test_words_after_the_prompt_change_nothing() -> None:
    assert find_part(DISPATCHER + "\nGreet the driver now.") == find_part(DISPATCHER)


def test_another_seed_is_another_seed() -> None:
    one, other = find_part(DISPATCHER), find_part(DISPATCHER, extra_seed="2")

    assert one is not None
    assert other is not None
    assert one.seed != other.seed


def test_no_role_is_no_part() -> None:
    assert find_part("# Load sheet\nweight: 4 tons\n") is None


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    find_part(text)
    find_part(f"# Your part\nrole: driver\n# Load sheet\n{text}")
