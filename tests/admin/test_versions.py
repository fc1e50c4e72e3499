"""Authors look at versions, compare them and go back; calls tell which one they ran with."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.forms import model_to_dict
from django.test import Client

from dispatchsim.domain.conversation import ConversationStatus
from dispatchsim.models import Persona, Scenario
from dispatchsim.services.freezing import freeze_scenario
from dispatchsim.services.previews import preview_prompts
from dispatchsim.services.revisions import latest_number, save_entry
from tests.api.calls import make_call
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>"


def page_of(scenario: Scenario, what: str = "versions/") -> str:
    return f"/admin/dispatchsim/scenario/{scenario.pk}/{what}"


def form_of(scenario: Scenario, **changes: object) -> dict[str, object]:
    fields = model_to_dict(scenario, exclude=["id"])
    return {**fields, "base_version": latest_number(scenario), **changes}


def test_a_save_in_the_admin_is_the_authors_version(desk: Client, chicken: Scenario) -> None:
    desk.post(page_of(chicken, "change/"), form_of(chicken, title="Chicken again"))

    page = desk.get(page_of(chicken)).content.decode()

    assert latest_number(chicken) == 2
    assert "Version 2" in page
    assert "ada," in page


def test_a_form_that_comes_back_unchanged_makes_no_version(desk: Client, chicken: Scenario) -> None:
    answer = desk.post(page_of(chicken, "change/"), form_of(chicken))

    assert (answer.status_code, latest_number(chicken)) == (302, 1)


def test_a_difference_is_shown_by_field(desk: Client, chicken: Scenario) -> None:
    chicken.load_sheet = chicken.load_sheet.replace("miles: 330", "miles: 331")
    save_entry(chicken)

    page = desk.get(page_of(chicken), {"version": 2, "against": 1}).content.decode()

    assert '<del><span class="visually-hidden">Removed: </span>miles: 330</del>' in page
    assert '<ins><span class="visually-hidden">Added: </span>miles: 331</ins>' in page


def test_markup_of_authors_is_shown_as_text(desk: Client, chicken: Scenario) -> None:
    chicken.title = chicken.summary = HOSTILE
    save_entry(chicken, note=HOSTILE)

    pages = [desk.get(page_of(chicken, what)).content.decode() for what in ("versions/", "preview/", "change/")]
    pages.append(desk.get("/admin/dispatchsim/scenario/").content.decode())

    assert [page for page in pages if HOSTILE in page] == []


@pytest.mark.parametrize("query", [{"version": "9"}, {"version": "x"}, {"version": "1", "against": "0"}])
def test_a_version_that_never_was_is_not_found(desk: Client, chicken: Scenario, query: dict[str, str]) -> None:
    assert desk.get(page_of(chicken), query).status_code == 404


def test_an_author_restores_a_version(desk: Client, chicken: Scenario) -> None:
    title = chicken.title
    chicken.title = "Worse"
    save_entry(chicken)

    page = desk.post(page_of(chicken, "versions/1/restore/"), follow=True).content.decode()

    chicken.refresh_from_db()
    assert (chicken.title, latest_number(chicken)) == (title, 3)
    assert "Version 1 is back, as version 3." in page


def test_a_version_that_cannot_come_back_says_why(desk: Client, chicken: Scenario) -> None:
    chicken.slug = "renamed"
    save_entry(chicken)
    Scenario.objects.create(slug="chicken-to-dallas", title="Thief", load_sheet="a: b")

    page = desk.post(page_of(chicken, "versions/1/restore/"), follow=True).content.decode()

    assert "Version 1 cannot be restored: slug" in page


def test_a_link_cannot_restore(desk: Client, chicken: Scenario) -> None:
    assert desk.get(page_of(chicken, "versions/1/restore/")).status_code == 405


def test_restoring_needs_the_forms_token(author: User, chicken: Scenario) -> None:
    assert signed_in(author, enforce_csrf_checks=True).post(page_of(chicken, "versions/1/restore/")).status_code == 403


def test_the_newest_version_needs_no_restoring(desk: Client, chicken: Scenario) -> None:
    assert "Restore version" not in desk.get(page_of(chicken)).content.decode()


def test_an_author_who_was_overtaken_is_told_and_nothing_is_lost(desk: Client, chicken: Scenario) -> None:
    mine = form_of(chicken, title="Mine")
    chicken.title = "Theirs"
    save_entry(chicken, author=make_person("eve", "authors"))

    answer = desk.post(page_of(chicken, "change/"), mine)

    chicken.refresh_from_db()
    assert chicken.title == "Theirs"
    assert "eve saved version 2" in answer.content.decode()
    assert 'value="Mine"' in answer.content.decode()


def test_an_overtaken_author_may_save_once_more(desk: Client, chicken: Scenario) -> None:
    mine = form_of(chicken, title="Mine")
    chicken.title = "Theirs"
    save_entry(chicken)
    answer = desk.post(page_of(chicken, "change/"), mine)
    base = answer.context["adminform"].form["base_version"].value()

    desk.post(page_of(chicken, "change/"), {**mine, "base_version": base})

    chicken.refresh_from_db()
    assert (chicken.title, latest_number(chicken)) == ("Mine", 3)


def test_staff_who_may_look_see_versions_and_cannot_restore(clerk: User, chicken: Scenario) -> None:
    browser = signed_in(clerk)

    answers = [browser.get(page_of(chicken)), browser.post(page_of(chicken, "versions/1/restore/"))]

    assert [answer.status_code for answer in answers] == [200, 403]


def test_staff_without_rights_see_no_versions(chicken: Scenario) -> None:
    assert signed_in(make_person("stan", is_staff=True)).get(page_of(chicken)).status_code == 403


@pytest.mark.parametrize("name", ["operator", "viewer", "stranger"])
def test_others_are_refused(request: pytest.FixtureRequest, name: str, chicken: Scenario) -> None:
    browser = signed_in(request.getfixturevalue(name))

    answers = [browser.get(page_of(chicken)), browser.post(page_of(chicken, "versions/1/restore/"))]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_a_call_tells_which_versions_it_ran_with(desk: Client, chicken: Scenario, tim: Persona) -> None:
    tim.voice = "sage"
    save_entry(tim)
    sides = preview_prompts(scenario=chicken, dispatcher=tim, driver=Persona.objects.get(slug="chris"))
    copies: dict[str, Any] = {f"{role}_copy": side.model_dump(mode="json") for role, side in sides.items()}
    call = make_call(scenario=chicken, scenario_copy=freeze_scenario(chicken).model_dump(mode="json"), **copies)

    page = desk.get(f"/admin/dispatchsim/conversation/{call.pk}/change/").content.decode()

    assert f'<a href="{page_of(chicken)}?version=1">Frozen chicken to Dallas, version 1</a>' in page
    assert f'<a href="/admin/dispatchsim/persona/{tim.pk}/versions/?version=2">Tim, version 2</a>' in page


def test_a_call_of_a_deleted_scenario_still_tells_its_version(desk: Client) -> None:
    call = make_call(scenario=None, scenario_copy={"title": "Gone <b>", "revision": 4})

    page = desk.get(f"/admin/dispatchsim/conversation/{call.pk}/change/").content.decode()

    assert "Gone &lt;b&gt;, version 4" in page


def test_the_page_of_a_finished_call_tells_the_version(desk: Client, chicken: Scenario) -> None:
    copy = {**freeze_scenario(chicken).model_dump(mode="json"), "revision": 3}
    call = make_call(ConversationStatus.ENDED, scenario=chicken, scenario_copy=copy)

    page = desk.get(f"/conversations/{call.pk}/").content.decode()

    assert "Frozen chicken to Dallas, version 3" in page
