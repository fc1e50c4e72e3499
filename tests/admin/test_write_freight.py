"""Authors write what is at stake: checked key by key, kept as written, and told to both sides as changed."""

from typing import Any

import pytest
import yaml
from django.test import Client

from dispatchsim.domain.conversation import Role
from dispatchsim.models import Persona, Revision, Scenario
from dispatchsim.models.freight_text import parse_freight
from dispatchsim.services.library_checks import build_entry
from dispatchsim.services.library_content import hash_content, read_content
from dispatchsim.services.library_files import FileFormat, read_file, write_entry
from dispatchsim.services.library_import import plan_import
from dispatchsim.services.previews import preview_prompts
from tests.freight.cases import BOOKING

pytestmark = pytest.mark.django_db
ADD = "/admin/dispatchsim/scenario/add/"
FREIGHT = yaml.safe_dump(BOOKING)
SCENARIO: dict[str, Any] = {
    "title": "Chicken",
    "slug": "chicken",
    "summary": "",
    "opener": "dispatcher",
    "load_sheet": "weight: 42,000 pounds",
    "dispatcher_briefing": "",
    "driver_briefing": "",
    "driver_decision": "accept",
    "line": "clear",
    "max_duration_s": 120,
    "max_turns": 40,
    "freight": FREIGHT,
}


def errors_of(desk: Client, **changes: str) -> str:
    answer: Any = desk.post(ADD, {**SCENARIO, **changes})
    assert answer.status_code == 200
    return " ".join(answer.context["adminform"].form.errors.get("freight", []))


def test_an_author_writes_freight(desk: Client) -> None:
    desk.post(ADD, SCENARIO)

    case = parse_freight(Scenario.objects.get(slug="chicken").freight)
    assert case is not None
    assert case.money.ceiling == 1650


def test_what_contradicts_itself_is_saved_with_a_warning(desk: Client) -> None:
    freight = FREIGHT.replace("arrive_by_h: 36", "arrive_by_h: 2")

    page = desk.post(ADD, {**SCENARIO, "freight": freight}, follow=True).content.decode()

    assert "What is at stake of Chicken: The delivery is due in 2 hours, before the pickup" in page
    assert Scenario.objects.filter(slug="chicken").exists()


def test_what_can_be_played_as_it_says_is_saved_without_a_warning(desk: Client) -> None:
    assert "What is at stake of" not in desk.post(ADD, SCENARIO, follow=True).content.decode()


def test_an_import_tells_what_contradicts_itself() -> None:
    freight = FREIGHT.replace("floor: 1550", "floor: 1700")
    entry = Scenario(**SCENARIO | {"freight": freight})

    (doubt,) = plan_import([read_file("chicken.yaml", write_entry(entry, FileFormat.YAML).encode())]).doubts

    assert str(doubt).startswith("chicken.yaml: scenarios/chicken: freight: It should end as booked, and cannot.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (FREIGHT.replace("weight_lb", "weigth_lb"), "“load.weigth_lb”"),
        (FREIGHT.replace("rate: 1450", "rate: lots"), "“money.rate”"),
        (FREIGHT.replace("kind: delivery", "kind: party"), "“stops."),
        (FREIGHT.replace("rate: 1450", "rate: 9000"), "above the ceiling"),
        ("load: [unclosed", "Line "),
        ("just words", "no “key: value” lines"),
        ("a: &x 1\nb: *x", "anchors"),
        ("a: " + "[" * 50, "nested too deeply"),
    ],
)
def test_freight_that_cannot_be_played_is_refused_by_its_key(desk: Client, text: str, told: str) -> None:
    assert told in errors_of(desk, freight=text)
    assert not Scenario.objects.filter(slug="chicken").exists()


def test_a_load_sheet_about_another_load_is_refused(desk: Client) -> None:
    assert "what is at stake says 42,000" in errors_of(desk, load_sheet="weight: 20,000 pounds")


def test_a_required_fact_that_nobody_knows_is_refused(desk: Client) -> None:
    assert "“colour”" in errors_of(desk, freight=FREIGHT.replace("- weight", "- colour"))


def test_a_changed_limit_is_told_to_its_side(chicken: Scenario, tim: Persona) -> None:
    chris = Persona.objects.get(slug="chris")
    chicken.freight = chicken.freight.replace("1550", "1590")

    told = preview_prompts(scenario=chicken, dispatcher=tim, driver=chris)

    assert "highest rate: 1,590 dollars" in told[Role.DISPATCHER].instructions
    assert "1,590" not in told[Role.DRIVER].instructions


@pytest.mark.parametrize("file_format", list(FileFormat))
@pytest.mark.parametrize("text", [FREIGHT, f"# mine\n{FREIGHT}", ""])
def test_freight_comes_back_as_it_was_written(file_format: FileFormat, text: str) -> None:
    entry = Scenario(**SCENARIO | {"freight": text.strip()})

    (found,) = read_file(f"chicken.{file_format}", write_entry(entry, file_format).encode()).entries
    back, problems = build_entry(found)

    assert problems == ()
    assert read_content(back) == read_content(entry)


def test_freight_of_the_library_goes_out_as_a_mapping(chicken: Scenario) -> None:
    assert "\nfreight:\n  load:\n    reference: LD-4471\n" in write_entry(chicken, FileFormat.YAML)


def test_bad_freight_in_a_file_is_named() -> None:
    text = "title: X\nload_sheet: 'a: b'\nfreight: {load: {reference: x}}\n"
    (found,) = read_file("x.yaml", text.encode()).entries

    _, problems = build_entry(found)

    assert problems[0].field == "freight"
    assert "`load.commodity`" in problems[0].message


def test_versions_from_before_there_was_freight_or_a_line_are_still_the_same_content() -> None:
    entry = Scenario(**SCENARIO | {"freight": ""})
    old = {name: value for name, value in SCENARIO.items() if name not in ("freight", "line")}

    assert hash_content(read_content(entry)) == hash_content(old)


def test_a_change_of_freight_is_a_version_with_its_difference(desk: Client) -> None:
    desk.post(ADD, SCENARIO)
    entry = Scenario.objects.get(slug="chicken")

    changed = SCENARIO | {"freight": FREIGHT.replace("1650", "1700"), "base_version": 1}
    desk.post(f"/admin/dispatchsim/scenario/{entry.pk}/change/", changed)

    assert list(Revision.objects.filter(entry_id=entry.pk).values_list("number", flat=True)) == [2, 1]
    page = desk.get(f"/admin/dispatchsim/scenario/{entry.pk}/versions/", {"version": 2}).content.decode()
    assert "1700" in page
