"""What an author changes in the admin is what the next rehearsal says, and how it ends; new facts need no code."""

import io
import json
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from dispatchsim.models import Persona, Scenario
from tests.freight.cases import BOOKING, LATE

pytestmark = pytest.mark.django_db
SEEDS = 4
NEW_FACTS = {
    "bee nets": "on at all times",
    "beekeeper": "Wanda Applewhite",
    "gate word": "pineapple",
    "honey tax": "35 dollars a hive",
    "smoke allowed": "no, not even a little",
    "what to wear": "a white suit",
}


def said_in(call: dict[str, Any], speaker: str = "") -> str:
    lines = [line for line in call["lines"] if not line["tool"] and speaker in ("", line["speaker"])]
    return "\n".join(line["text"] for line in lines)


def rehearsed(slug: str, *, seeds: int = 1) -> list[dict[str, Any]]:
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("rehearse", slug, "--seeds", str(seeds), "--first-seed", "7", "--json", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def change(desk: Client, entry: Scenario | Persona, **changes: str) -> None:
    """Post the entry's form as the browser does, with some fields changed."""
    url = reverse(f"admin:dispatchsim_{entry._meta.model_name}_change", args=[entry.pk])
    page: Any = desk.get(url)
    form = page.context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    answer = desk.post(url, {name: value for name, value in shown.items() if value not in (None, False)} | changes)
    assert answer.status_code == 302, answer


def with_freight(entry: Scenario, **changes: dict[str, Any]) -> str:
    """Give the entry's freight with some keys of some of its parts changed."""
    case = yaml.safe_load(entry.freight)
    return yaml.safe_dump({**case, **{part: {**case[part], **keys} for part, keys in changes.items()}})


def add(desk: Client, slug: str, **fields: str) -> None:
    data = {"title": slug, "slug": slug, "opener": "dispatcher", "driver_decision": "accept", "line": "clear"}
    limits = {"max_duration_s": "360", "max_turns": "120"}
    answer = desk.post("/admin/dispatchsim/scenario/add/", {**data, **limits, **fields})
    assert answer.status_code == 302, answer


@pytest.fixture
def detention(chicken: Scenario) -> Scenario:
    return Scenario.objects.get(slug="detention-in-memphis")


def test_a_changed_fact_is_said_and_the_old_one_is_not(desk: Client, chicken: Scenario) -> None:
    before = said_in(rehearsed(chicken.slug)[0])

    load_sheet = chicken.load_sheet.replace("42,000", "38,700")
    change(desk, chicken, load_sheet=load_sheet, freight=with_freight(chicken, load={"weight_lb": 38700}))

    after = said_in(rehearsed(chicken.slug)[0])
    assert ("42,000" in before, "38,700" in before) == (True, False)
    assert ("42,000" in after, "38,700" in after) == (False, True)


def test_a_lowest_rate_above_the_highest_one_ends_in_a_no(desk: Client, chicken: Scenario) -> None:
    before = [call["outcome"] for call in rehearsed(chicken.slug, seeds=SEEDS)]

    change(desk, chicken, freight=with_freight(chicken, money={"floor": 1700}))

    after = [call["outcome"] for call in rehearsed(chicken.slug, seeds=SEEDS)]
    assert (set(before), set(after)) == ({"booked"}, {"declined"})


def test_a_lower_highest_rate_ends_in_a_no(desk: Client, chicken: Scenario) -> None:
    change(desk, chicken, freight=with_freight(chicken, money={"rate": 1150, "ceiling": 1250}))

    assert {call["outcome"] for call in rehearsed(chicken.slug, seeds=SEEDS)} == {"declined"}


def test_a_changed_wish_is_what_the_driver_asks_for(desk: Client, detention: Scenario) -> None:
    before = "".join(said_in(call, "driver") for call in rehearsed(detention.slug, seeds=SEEDS))

    change(desk, detention, freight=with_freight(detention, report={"asks": "have a hot shower and breakfast"}))

    after = "".join(said_in(call, "driver") for call in rehearsed(detention.slug, seeds=SEEDS))
    assert ("all 5 hours" in before, "hot shower" in before) == (True, False)
    assert ("all 5 hours" in after, "hot shower" in after) == (False, True)


def test_a_changed_remedy_is_what_is_agreed_on(desk: Client, detention: Scenario) -> None:
    remedy = {"tool": "approve_detention", "hours": 2, "amount": 120}
    report = {"remedy": remedy, "facts": "arrived: 6 this morning\nwaiting: 4 hours by now"}
    change(desk, detention, freight=with_freight(detention, report=report))

    call = rehearsed(detention.slug)[0]
    assert not call["failure"]
    assert "120 dollars" in said_in(call, "dispatcher")
    assert "120 dollars" in said_in(call, "driver")


def test_a_changed_character_changes_the_words(desk: Client, chicken: Scenario) -> None:
    chris = Persona.objects.get(slug="chris")
    before = said_in(rehearsed(chicken.slug)[0], "driver")

    change(desk, chris, character='You are nervous and you say "jumping catfish" whenever you write something down.')

    after = "".join(said_in(call, "driver") for call in rehearsed(chicken.slug, seeds=SEEDS))
    assert "Jumping catfish" not in before
    assert "Jumping catfish." in after


def test_a_changed_decision_is_what_the_driver_says(desk: Client, chicken: Scenario) -> None:
    change(desk, chicken, freight="", driver_decision="decline: my mother has her birthday")

    assert "my mother has her birthday" in said_in(rehearsed(chicken.slug)[0], "driver")


def sheet(facts: dict[str, str]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in facts.items())


def freight(case: dict[str, Any], **changes: Any) -> str:
    return yaml.safe_dump({**case, **changes}, sort_keys=False)


def new_scenario(desk: Client, kind: str) -> str:
    """Write a scenario whose facts neither code nor library knows; give its slug."""
    case = freight(BOOKING, truth={"outcome": "booked", "required_facts": list(NEW_FACTS)})
    texts = {
        "plain": {"load_sheet": sheet({"commodity": "bees", **NEW_FACTS, "rate": "900 dollars"})},
        "booking": {"load_sheet": sheet(NEW_FACTS), "freight": case},
        "report": {"load_sheet": sheet(NEW_FACTS), "freight": reported(), "opener": "driver"},
    }
    add(desk, f"new-{kind}", **texts[kind])
    return f"new-{kind}"


def reported() -> str:
    report = {
        "by": "driver",
        "kind": "late",
        "facts": "parrot on board: a green one\nferry number: 77\nlate by: about 3 hours",
        "asks": "find out whether the pickup can be moved",
        "remedy": {
            "tool": "reschedule_appointment",
            "stop": "pickup",
            "window": "this afternoon at 2",
            "arrive_by_h": 5,
        },
    }
    truth = {"outcome": "rescheduled", "required_facts": ["parrot on board", "ferry number", *NEW_FACTS]}
    return freight(LATE, report=report, truth=truth)


@pytest.mark.parametrize("kind", ["plain", "booking", "report"])
def test_facts_that_nobody_has_used_are_told(desk: Client, chicken: Scenario, kind: str) -> None:
    for call in rehearsed(new_scenario(desk, kind), seeds=SEEDS):
        told = said_in(call, "dispatcher").lower()

        assert not call["failure"]
        assert [value for value in NEW_FACTS.values() if value.lower() not in told] == []


@pytest.mark.parametrize("kind", ["plain", "booking"])
def test_facts_that_nobody_has_used_are_asked_for(desk: Client, chicken: Scenario, kind: str) -> None:
    asked = "\n".join(said_in(call, "driver") for call in rehearsed(new_scenario(desk, kind), seeds=SEEDS)).lower()

    assert [key for key in NEW_FACTS if key not in asked] == []


def test_who_reports_asks_openly_for_what_nobody_has_spoken_of(desk: Client, chicken: Scenario) -> None:
    for call in rehearsed(new_scenario(desk, "report"), seeds=SEEDS):
        assert "nything else I should know?" in said_in(call, "driver")


def test_what_a_driver_reports_under_a_new_name_is_asked_for_and_told(desk: Client, chicken: Scenario) -> None:
    calls = rehearsed(new_scenario(desk, "report"), seeds=SEEDS)

    asked = "\n".join(said_in(call, "dispatcher") for call in calls).lower()
    assert all("green one" in said_in(call, "driver") for call in calls)
    assert all("77" in said_in(call, "driver") for call in calls)
    assert "parrot on board" in asked
    assert "ferry number" in asked
