"""Authors write scenarios and personas in the admin."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dispatchsim.domain.conversation import Role
from dispatchsim.models import Persona, Scenario
from dispatchsim.models.library import explain_load_sheet
from tests.api.calls import make_call
from tests.library_rows import add_library
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db
ADD_SCENARIO = "/admin/dispatchsim/scenario/add/"
ADD_PERSONA = "/admin/dispatchsim/persona/add/"
SCENARIO: dict[str, Any] = {
    "title": "Onions to Reno",
    "slug": "onions-to-reno",
    "summary": "",
    "opener": "driver",
    "load_sheet": "commodity: yellow onions\r\nweight: 39,000 pounds",
    "dispatcher_briefing": "",
    "driver_briefing": "",
    "driver_decision": "accept",
    "line": "clear",
    "max_duration_s": 120,
    "max_turns": 40,
}
PERSONA: dict[str, Any] = {
    "name": "Lee",
    "title": "Night dispatcher",
    "slug": "lee",
    "role": "dispatcher",
    "character": "",
    "voice": "marin",
    "other_voice": "",
    "speed": 1.0,
    "model": "",
    "vad_threshold": 0.5,
    "vad_silence_ms": 500,
    "is_interruptible": "on",
    "transcription_model": "",
}


def errors_of(answer: Any, field: str) -> list[str]:
    assert answer.status_code == 200
    found: list[str] = answer.context["adminform"].form.errors.get(field, [])
    return found


@pytest.mark.parametrize("path", [ADD_SCENARIO, ADD_PERSONA])
def test_nothing_is_told_about_an_entry_before_there_is_one(desk: Client, path: str) -> None:
    assert "About this entry" not in desk.get(path).content.decode()


def test_versions_and_calls_are_told_about_an_entry(desk: Client, tim: Persona) -> None:
    assert "About this entry" in desk.get(f"/admin/dispatchsim/persona/{tim.pk}/change/").content.decode()


def test_an_author_writes_a_scenario(desk: Client) -> None:
    desk.post(ADD_SCENARIO, SCENARIO)

    assert Scenario.objects.get(slug="onions-to-reno").load_sheet == "commodity: yellow onions\nweight: 39,000 pounds"


def test_every_bad_line_of_a_load_sheet_is_named(desk: Client) -> None:
    sheet = "commodity: onions\nno pair\nweight: 1 ton\nWeight: 2 tons\n: nothing"

    errors = errors_of(desk.post(ADD_SCENARIO, {**SCENARIO, "load_sheet": sheet}), "load_sheet")

    assert [error.partition(" is ")[0].partition(" names ")[0] for error in errors] == ["Line 2", "Line 4", "Line 5"]


def test_a_load_sheet_without_facts_is_refused(desk: Client) -> None:
    assert errors_of(desk.post(ADD_SCENARIO, {**SCENARIO, "load_sheet": "# later"}), "load_sheet")


def test_comments_and_blank_lines_are_no_problem() -> None:
    assert explain_load_sheet("# facts\n\nweight: 1 ton\n") == []


@pytest.mark.parametrize("decision", ["maybe", "decline", "decline:", ""])
def test_a_decision_that_the_driver_cannot_follow_is_refused(desk: Client, decision: str) -> None:
    assert errors_of(desk.post(ADD_SCENARIO, {**SCENARIO, "driver_decision": decision}), "driver_decision")


@pytest.mark.parametrize("decision", ["accept", "decline: it pays too little"])
def test_a_driver_accepts_or_declines_with_a_reason(desk: Client, decision: str) -> None:
    assert desk.post(ADD_SCENARIO, {**SCENARIO, "driver_decision": decision}).status_code == 302


def test_an_author_writes_a_persona(desk: Client) -> None:
    desk.post(ADD_PERSONA, PERSONA)

    assert Persona.objects.get(slug="lee").voice == "marin"


def test_a_speed_that_no_model_speaks_is_refused(desk: Client) -> None:
    assert errors_of(desk.post(ADD_PERSONA, {**PERSONA, "speed": 9}), "speed")


def test_an_entry_can_be_saved_as_a_variant(desk: Client) -> None:
    desk.post(ADD_SCENARIO, SCENARIO)
    original = Scenario.objects.get()

    desk.post(
        f"/admin/dispatchsim/scenario/{original.pk}/change/",
        {**SCENARIO, "slug": "onions-again", "_saveasnew": "Save as new"},
    )

    assert Scenario.objects.count() == 2


@pytest.mark.parametrize("kind", ["scenario", "persona"])
def test_the_library_is_listed_and_searched(desk: Client, kind: str) -> None:
    add_library()

    page = desk.get(f"/admin/dispatchsim/{kind}/", {"q": "chicken" if kind == "scenario" else "calm"})

    assert page.context["cl"].result_count == 1


def test_a_form_explains_its_fields(desk: Client) -> None:
    page = desk.get(ADD_SCENARIO).content.decode()

    assert "in the order in which they come up" in page
    assert 'class="vLargeTextField monospace"' in page


@pytest.mark.parametrize("path", [ADD_SCENARIO, ADD_PERSONA, "/admin/", "/admin/dispatchsim/scenario/"])
def test_the_admin_holds_no_script_or_style_in_the_page(desk: Client, path: str) -> None:
    page = desk.get(path).content.decode()

    assert "<style" not in page
    assert " style=" not in page
    assert "onclick=" not in page


@pytest.mark.parametrize("name", ["operator", "viewer", "stranger"])
def test_others_are_not_let_in(request: pytest.FixtureRequest, name: str) -> None:
    person: User = request.getfixturevalue(name)

    assert signed_in(person).get(ADD_SCENARIO).status_code == 403


def test_staff_without_the_rights_of_authors_cannot_write() -> None:
    person = make_person("stan", "operators", is_staff=True)

    assert signed_in(person).get(ADD_SCENARIO).status_code == 403


def test_a_persona_keeps_its_role_apart(desk: Client) -> None:
    add_library()

    page = desk.get("/admin/dispatchsim/persona/", {"role__exact": Role.DRIVER.value})

    assert {persona.role for persona in page.context["cl"].result_list} == {"driver"}


def test_a_copy_under_a_taken_slug_finds_a_free_one(desk: Client) -> None:
    desk.post(ADD_SCENARIO, SCENARIO)
    original = Scenario.objects.get()

    desk.post(f"/admin/dispatchsim/scenario/{original.pk}/change/", {**SCENARIO, "_saveasnew": "yes"})

    assert set(Scenario.objects.values_list("slug", flat=True)) == {"onions-to-reno", "onions-to-reno-2"}


def test_a_copy_of_a_copy_takes_the_next_slug(desk: Client, tim: Persona) -> None:
    Persona.objects.create(slug="tim-2", role="dispatcher", name="Tim", title="Copy")

    desk.post(f"/admin/dispatchsim/persona/{tim.pk}/change/", {**PERSONA, "slug": "tim", "_saveasnew": "yes"})

    assert Persona.objects.get(slug="tim-3").title == PERSONA["title"]


def test_what_is_saved_as_a_copy_is_opened(desk: Client) -> None:
    desk.post(ADD_SCENARIO, SCENARIO)
    original = Scenario.objects.get()

    answer = desk.post(f"/admin/dispatchsim/scenario/{original.pk}/change/", {**SCENARIO, "_saveasnew": "yes"})

    copy = Scenario.objects.exclude(pk=original.pk).get()
    assert answer.headers["Location"] == f"/admin/dispatchsim/scenario/{copy.pk}/change/"


@pytest.mark.parametrize("kind", ["scenario", "persona"])
def test_a_form_has_one_way_to_make_a_copy(desk: Client, chicken: Scenario, kind: str) -> None:
    page = desk.get(f"/admin/dispatchsim/{kind}/1/change/", follow=True).content.decode()

    assert (page.count('value="Save as a copy"'), "Duplicate" in page) == (1, False)


def test_errors_are_listed_above_the_form_with_their_fields(desk: Client) -> None:
    page = desk.post(ADD_SCENARIO, {**SCENARIO, "driver_decision": "maybe"}).content.decode()

    assert '<a href="#id_driver_decision">What the driver decides</a>: Write “accept”' in page


@pytest.mark.parametrize(
    ("query", "count"),
    [({"driver": "decline"}, 5), ({"driver": "accept"}, 11), ({"calls": "some"}, 1), ({"calls": "none"}, 15)],
)
def test_scenarios_are_filtered(desk: Client, chicken: Scenario, query: dict[str, str], count: int) -> None:
    make_call(scenario_copy={"slug": chicken.slug})

    assert desk.get("/admin/dispatchsim/scenario/", query).context["cl"].result_count == count


def test_personas_are_filtered_by_their_calls(desk: Client, tim: Persona) -> None:
    make_call(dispatcher_copy={"slug": "tim"})

    page = desk.get("/admin/dispatchsim/persona/", {"calls": "some"})

    assert list(page.context["cl"].result_list) == [tim]


@pytest.mark.parametrize("kind", ["scenario", "persona"])
def test_a_longer_list_takes_no_more_queries(
    desk: Client, chicken: Scenario, kind: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(10):
        desk.get(f"/admin/dispatchsim/{kind}/")


def test_a_list_survives_a_load_sheet_that_a_script_broke(desk: Client, chicken: Scenario) -> None:
    Scenario.objects.filter(pk=chicken.pk).update(load_sheet="no pair")

    assert "unreadable" in desk.get("/admin/dispatchsim/scenario/").content.decode()


def test_a_copy_of_a_scenario_is_told_from_it_by_its_title(desk: Client) -> None:
    desk.post(ADD_SCENARIO, SCENARIO)
    original = Scenario.objects.get()

    desk.post(f"/admin/dispatchsim/scenario/{original.pk}/change/", {**SCENARIO, "_saveasnew": "yes"})

    assert Scenario.objects.exclude(pk=original.pk).get().title == f"{SCENARIO['title']} (copy)"


def test_a_copy_that_was_given_a_title_of_its_own_keeps_it(desk: Client) -> None:
    desk.post(ADD_SCENARIO, SCENARIO)
    original = Scenario.objects.get()
    form = {**SCENARIO, "title": "Onions, later", "_saveasnew": "yes"}

    desk.post(f"/admin/dispatchsim/scenario/{original.pk}/change/", form)

    assert Scenario.objects.exclude(pk=original.pk).get().title == "Onions, later"
