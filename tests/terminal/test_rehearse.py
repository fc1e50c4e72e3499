"""`manage.py rehearse`: calls of two minds without a room, and what is told of them."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from dispatchsim.management.mishearing import mishear
from dispatchsim.models import Scenario
from tests.library_rows import add_library


@pytest.fixture(autouse=True)
def library(db: None) -> None:
    add_library()


def rehearsed(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("rehearse", *arguments, stdout=out)
    return int(str(ended.value.code)), out.getvalue()


def calls_of(*arguments: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in rehearsed(*arguments, "--json")[1].splitlines()]


def test_every_scenario_of_the_library_ends_as_expected_in_nine_of_ten_calls() -> None:
    code, table = rehearsed("--all", "--seeds", "10")

    assert code == 0, table


def test_with_one_word_in_twenty_misheard_every_scenario_still_ends_as_expected() -> None:
    code, table = rehearsed("--all", "--seeds", "10", "--errors", "0.05")

    assert code == 0, table


def test_the_table_tells_outcomes_turns_and_length() -> None:
    _, table = rehearsed("chicken-to-dallas", "--seeds", "2")

    heading, row, total = table.splitlines()
    assert heading.split() == ["scenario", "as", "expected", "turns", "seconds"]
    assert row.split()[:2] == ["chicken-to-dallas", "2/2"]
    assert total.split() == ["all", "2/2"]


def test_too_few_expected_outcomes_are_told_with_their_reason() -> None:
    scenario = Scenario.objects.get(slug="too-far-to-the-pickup")
    freight = (
        str(scenario.freight).replace("outcome: declined", "outcome: booked").replace("decline_reason: deadhead", "")
    )
    scenario.freight = freight
    scenario.save()

    code, table = rehearsed(scenario.slug, "--seeds", "2")

    assert code == 1
    assert "declined" in table
    assert "too few" in table


@pytest.mark.parametrize("slug", ["late-to-pickup", "snow-on-the-pass"])
def test_a_driver_who_can_make_a_new_time_has_checked_that_very_time(slug: str) -> None:
    for call in calls_of(slug, "--seeds", "4"):
        checks = [line["text"] for line in call["lines"] if line["tool"].startswith("check_position_and_arrival(")]

        assert checks
        assert all('"in_time": true' in text for text in checks), checks


def test_the_same_seed_gives_the_same_call() -> None:
    first, second = (calls_of("detention-in-memphis", "--seeds", "1", "--errors", "0.05") for _ in range(2))

    assert first == second


def test_other_seeds_give_other_calls() -> None:
    calls = calls_of("chicken-to-dallas", "--seeds", "4")

    assert len({json.dumps(call["lines"]) for call in calls}) == 4


def test_a_changed_limit_changes_how_it_ends() -> None:
    scenario = Scenario.objects.get(slug="chicken-to-dallas")
    before = calls_of(scenario.slug, "--seeds", "1")[0]["outcome"]
    scenario.freight = str(scenario.freight).replace("floor: ", "floor: 9")
    scenario.save()

    assert (before, calls_of(scenario.slug, "--seeds", "1")[0]["outcome"]) == ("booked", "declined")


def test_a_scenario_with_facts_nobody_has_used_is_covered() -> None:
    sheet = (
        "commodity: snow globes\ncustoms seal: blue, stamped twice\nsquirrel permit: yes, series Q\nrate: 900 dollars"
    )
    Scenario.objects.create(
        slug="new-one", title="New", opener="dispatcher", load_sheet=sheet, driver_decision="accept"
    )

    call = calls_of("new-one", "--seeds", "1")[0]

    said = json.dumps(call["lines"])
    assert not call["failure"]
    assert all(fact in said for fact in ("blue, stamped twice", "es, series Q", "900 dollars"))


def test_lines_are_shown_with_what_was_heard() -> None:
    _, shown = rehearsed("chicken-to-dallas", "--seeds", "1", "--errors", "0.2", "--show")

    assert "DISPATCHER  H" in shown
    assert "      heard " in shown


@pytest.mark.parametrize("arguments", [(), ("nowhere",), ("--all", "--seeds", "0"), ("--all", "--errors", "0.9")])
def test_what_cannot_be_rehearsed_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("rehearse", *arguments)


def test_without_errors_every_word_is_heard() -> None:
    assert mishear("It's $1,450, all in.", rate=0.0, seed="1") == "it's one thousand four hundred fifty dollars all in"


def test_a_number_is_misheard_as_another_number() -> None:
    assert mishear("fifteen", rate=1.0, seed="1") == "fifty"
