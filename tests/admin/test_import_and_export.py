"""Authors take the library out as files and in again, after a look at what would change."""

import json
import re
from html import unescape

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from dispatchsim.admin import file_views
from dispatchsim.models import Persona, Scenario
from dispatchsim.services.library_files import MAX_FILE_BYTES
from dispatchsim.services.revisions import latest_number, revisions_of, save_entry
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db
IMPORT = "/admin/dispatchsim/scenario/import/"
LEE = "role: driver\nname: Lee\ntitle: Night driver\n"
HOSTILE = "<script>alert(1)</script>"


def upload(browser: Client, *files: tuple[str, str | bytes]) -> tuple[int, str]:
    uploads = [SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text) for name, text in files]
    answer = browser.post(IMPORT, {"uploads": uploads})
    return answer.status_code, answer.content.decode()


def confirm(browser: Client, page: str) -> tuple[int, str]:
    checked = re.search(r'<textarea name="checked" hidden>(.*?)</textarea>', page, re.DOTALL)
    fingerprint = re.search(r'name="fingerprint" value="(\w+)"', page)
    assert checked is not None
    assert fingerprint is not None
    body = {"checked": unescape(checked[1]), "fingerprint": fingerprint[1]}
    answer = browser.post(IMPORT, body, follow=True)
    return answer.status_code, answer.content.decode()


def export(browser: Client, kind: str, action: str, *slugs: str) -> tuple[str, str]:
    model = Scenario if kind == "scenario" else Persona
    chosen = model.objects.filter(slug__in=slugs).values_list("pk", flat=True)
    answer = browser.post(f"/admin/dispatchsim/{kind}/", {"action": action, "_selected_action": list(chosen)})
    return answer["Content-Disposition"], answer.content.decode()


@pytest.mark.usefixtures("chicken")
def test_one_entry_is_exported_as_a_file_of_the_library(desk: Client) -> None:
    disposition, text = export(desk, "persona", "export_yaml", "tim")

    assert disposition == 'attachment; filename="tim.yaml"'
    assert yaml.safe_load(text)["voice"] == "cedar"


@pytest.mark.usefixtures("chicken")
def test_many_entries_are_exported_as_one_file(desk: Client) -> None:
    disposition, text = export(desk, "persona", "export_json", "tim", "chris")

    assert disposition == 'attachment; filename="personas.json"'
    assert set(json.loads(text)["personas"]) == {"tim", "chris"}


@pytest.mark.parametrize("action", ["export_yaml", "export_json"])
def test_what_was_exported_is_unchanged_when_it_comes_back(desk: Client, chicken: Scenario, action: str) -> None:
    disposition, text = export(desk, "scenario", action, *Scenario.objects.values_list("slug", flat=True))

    page = upload(desk, (disposition.partition('"')[2].rstrip('"'), text))[1]

    assert "0 new, 0 changed, 16 unchanged" in page


def test_an_upload_is_shown_before_anything_is_written(desk: Client, tim: Persona) -> None:
    status, page = upload(desk, ("lee.yaml", LEE), ("tim.yaml", "role: dispatcher\nname: Timothy\ntitle: Ours\n"))

    assert (status, "1 new, 1 changed, 0 unchanged" in page) == (200, True)
    assert not Persona.objects.filter(slug="lee").exists()


def test_the_form_of_many_entries_that_the_page_shows_is_taken(desk: Client) -> None:
    shown = re.search(r"<pre[^>]*><code>(.*?)</code></pre>", desk.get(IMPORT).content.decode(), re.DOTALL)
    assert shown is not None

    status, page = upload(desk, ("library.yaml", unescape(shown[1])))

    assert (status, [name in page for name in ("scenarios/onions-to-reno", "personas/lee")]) == (200, [True, True])


def test_a_confirmed_import_is_written_as_the_authors_version(desk: Client, author: User) -> None:
    status, page = confirm(desk, upload(desk, ("lee.yaml", LEE))[1])

    assert (status, "Imported: 1 new, 0 changed, 0 unchanged." in page) == (200, True)
    assert revisions_of(Persona.objects.get(slug="lee"))[0].author == author


def test_an_import_shows_up_in_the_history_of_the_admin(desk: Client) -> None:
    confirm(desk, upload(desk, ("lee.yaml", LEE))[1])

    page = desk.get(f"/admin/dispatchsim/persona/{Persona.objects.get(slug='lee').pk}/history/").content.decode()

    assert "Imported from a file." in page


def test_problems_are_listed_by_file_entry_and_field(desk: Client) -> None:
    status, page = upload(desk, ("lee.yaml", "role: pilot\nname: Lee\ntitle: T\n"), ("x.yaml", "a: &b c\n"))

    assert status == 422
    assert "<td>lee.yaml</td><td>personas/lee</td><td>role</td>" in page
    assert "<td>x.yaml</td><td>-</td><td>-</td><td>Line 1: write the value out" in page


def test_one_bad_file_leaves_nothing_to_confirm(desk: Client) -> None:
    page = upload(desk, ("lee.yaml", LEE), ("bad.yaml", "a: ["))[1]

    assert 'name="checked"' not in page


def test_a_library_that_moved_on_is_shown_once_more(desk: Client, tim: Persona) -> None:
    page = upload(desk, ("tim.yaml", "role: dispatcher\nname: Timothy\ntitle: Ours\n"))[1]
    tim.voice = "sage"
    save_entry(tim)

    status, page = confirm(desk, page)

    assert (status, latest_number(tim)) == (409, 2)
    assert "The library changed since this import was checked." in page


@pytest.mark.parametrize("checked", ["", "{", '{"role": "pilot"}', '{"personas": {"x": {"role": "\\ud800"}}}'])
def test_a_forged_confirmation_is_refused(desk: Client, checked: str) -> None:
    answer = desk.post(IMPORT, {"checked": checked, "fingerprint": "x"})

    assert answer.status_code in {409, 422}
    assert not Persona.objects.exists()


def test_markup_in_a_file_is_shown_as_text(desk: Client) -> None:
    text = f"role: driver\nname: Lee\ntitle: '{HOSTILE}'\ncharacter: '</textarea>{HOSTILE}'\n"

    pages = [upload(desk, ("lee.yaml", text))[1], upload(desk, (f"{HOSTILE}.yaml", text))[1]]

    assert [page for page in pages if HOSTILE in page or "</textarea>&lt;" in page] == []


def test_a_large_file_is_refused(desk: Client) -> None:
    status, page = upload(desk, ("large.yaml", b"#" * (MAX_FILE_BYTES + 1)))

    assert (status, "larger than 512 KB" in page) == (422, True)


def test_files_too_large_to_be_confirmed_together_are_refused_when_they_are_checked(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_views, "MAX_CHECKED_BYTES", 4096)
    files = [(f"lee-{number}.yaml", f"{LEE}character: {'x' * 2000}\n") for number in range(2)]

    status, page = upload(desk, *files)

    assert (status, "at most 4 KB are imported at once" in page) == (422, True)
    assert 'name="checked"' not in page
    assert confirm(desk, upload(desk, files[0])[1])[0] == 200


def test_whatever_passes_the_check_is_small_enough_for_a_form(settings: Settings) -> None:
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE > file_views.MAX_CHECKED_BYTES


def test_an_import_without_a_file_asks_for_one(desk: Client) -> None:
    answer = desk.post(IMPORT, {})

    assert (answer.status_code, "Choose at least one file." in answer.content.decode()) == (422, True)


def test_too_many_files_at_once_are_refused(desk: Client) -> None:
    status, page = upload(desk, *[(f"lee-{number}.yaml", LEE) for number in range(51)])

    assert (status, "at most 50 files" in page) == (422, True)


def test_the_list_leads_to_the_import(desk: Client) -> None:
    assert f'href="{IMPORT}"' in desk.get("/admin/dispatchsim/scenario/").content.decode()


def test_an_import_needs_the_forms_token(author: User) -> None:
    assert upload(signed_in(author, enforce_csrf_checks=True), ("lee.yaml", LEE))[0] == 403


def test_staff_who_only_look_may_export_and_not_import(clerk: User, tim: Persona) -> None:
    browser = signed_in(clerk)

    assert "role: dispatcher" in export(browser, "persona", "export_yaml", "tim")[1]
    assert (browser.get(IMPORT).status_code, upload(browser, ("lee.yaml", LEE))[0]) == (403, 403)


def test_staff_without_rights_may_neither(tim: Persona) -> None:
    browser = signed_in(make_person("stan", is_staff=True))

    assert (browser.get(IMPORT).status_code, browser.get("/admin/dispatchsim/persona/").status_code) == (403, 403)


@pytest.mark.parametrize("name", ["operator", "viewer", "stranger"])
def test_others_are_refused(request: pytest.FixtureRequest, name: str) -> None:
    browser = signed_in(request.getfixturevalue(name))

    assert (browser.get(IMPORT).status_code, upload(browser, ("lee.yaml", LEE))[0]) == (403, 403)


@pytest.mark.parametrize("path", [IMPORT, "/admin/dispatchsim/persona/import/"])
def test_the_page_holds_no_script_or_style(desk: Client, path: str) -> None:
    page = desk.get(path).content.decode()

    assert not re.search(r"<style| style=|<script(?! src=| id=| type=.module. src=)| on\w+=", page)
