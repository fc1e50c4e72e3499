"""The library is a part of the product: its header, its words, and a first page that tells what is there."""

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dispatchsim.models import AgentServer, ModelPrice, Persona, Scenario
from dispatchsim.models.model_price import KINDS
from dispatchsim.services.revisions import save_entry
from dispatchsim.services.sign_in import get_owner
from tests.pages.calls import finished_call
from tests.people import signed_in

pytestmark = pytest.mark.django_db
HOME = "/admin/"
DAY = r"\b[1-9]\d? [A-Z][a-z]{2} \d{4}\b"
DAYS_WRITTEN_OTHERWISE = r"\d{4}-\d\d-\d\d|[ap]\.m\.|[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}|\b0\d [A-Z][a-z]{2} \d{4}"
LISTS = ("scenario", "persona", "modelprice", "conversation", "agentserver")
PLACES = ('href="/">New call', 'href="/conversations/">History', 'href="/admin/" aria-current="page">Library')


@pytest.fixture
def all_kinds(tim: Persona, chicken: Scenario) -> Client:
    """The owner's browser, with one of each kind to look at."""
    finished_call()
    ModelPrice.objects.create(model="gpt-of-tomorrow", valid_from=date(2026, 3, 1), **dict.fromkeys(KINDS, 1))
    AgentServer.objects.create(server_id="AW_1", role="driver", host="desk", pid=1, last_seen_at=timezone.now())
    save_entry(tim, author=get_owner())
    return signed_in(get_owner())


def text_of(answer: Any) -> str:
    page = re.sub(r"<(head|dialog).*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


@pytest.mark.parametrize("path", [HOME, *(f"/admin/dispatchsim/{kind}/" for kind in LISTS)])
def test_every_page_has_the_header_of_the_product(desk: Client, path: str) -> None:
    page = desk.get(path).content.decode()

    assert [place for place in PLACES if place not in page] == []


@pytest.mark.parametrize("what", ["change", "preview", "versions", "delete", "history"])
def test_the_pages_of_an_entry_have_it_too(desk: Client, tim: Persona, what: str) -> None:
    page = desk.get(f"/admin/dispatchsim/persona/{tim.pk}/{what}/").content.decode()

    assert [place for place in PLACES if place not in page] == []


def test_the_first_page_counts_what_there_is(desk: Client, chicken: Scenario) -> None:
    told = text_of(desk.get(HOME))

    assert "Scenarios 16 all with money, hours or a report at stake" in told
    assert "Personas 10 5 dispatchers 5 drivers" in told


@pytest.mark.parametrize(
    "path", ["dispatchsim/scenario/add/", "dispatchsim/persona/add/", "dispatchsim/scenario/import/"]
)
def test_the_first_page_leads_to_what_authors_do(desk: Client, path: str) -> None:
    assert f'href="/admin/{path}"' in desk.get(HOME).content.decode()


def test_scenarios_and_personas_come_before_the_system() -> None:
    told = text_of(signed_in(get_owner()).get(HOME))
    shelves = told[told.index("What calls are made of") :]

    heads = ("Scenarios", "Personas", "Prices", "People", "Changed last", "System", "Agent servers")
    assert sorted(heads, key=shelves.index) == list(heads)


def test_authors_see_nothing_of_the_system(desk: Client) -> None:
    assert "Agent servers" not in text_of(desk.get(HOME))


def test_an_empty_library_says_so(desk: Client) -> None:
    assert "Scenarios 0 none yet" in text_of(desk.get(HOME))


def test_what_somebody_changed_is_told_with_its_author(desk: Client, author: User, tim: Persona) -> None:
    tim.character = "You sing."
    save_entry(tim, author=author)

    assert "Tim persona, version 2, by ada just now" in text_of(desk.get(HOME))


def test_what_came_with_the_project_is_no_change(desk: Client, chicken: Scenario) -> None:
    assert "Nobody has changed anything yet." in text_of(desk.get(HOME))


def test_a_deleted_entry_is_not_among_the_changes(desk: Client, author: User, tim: Persona) -> None:
    save_entry(Persona(slug="zoe", name="Zoe", title="T", role="driver"), author=author)

    Persona.objects.get(slug="zoe").delete()

    assert "Zoe" not in text_of(desk.get(HOME))


@pytest.mark.parametrize("kind", LISTS)
def test_calls_are_called_calls(kind: str) -> None:
    owner = signed_in(get_owner())

    assert "onversation" not in text_of(owner.get(f"/admin/dispatchsim/{kind}/"))


@pytest.mark.parametrize("path", ["scenario/add/", "persona/add/", "modelprice/add/", "scenario/", "persona/"])
def test_no_back_tick_and_no_word_of_developers_is_shown(desk: Client, chicken: Scenario, path: str) -> None:
    told = text_of(desk.get(f"/admin/dispatchsim/{path}"))

    assert re.findall(r"`|\bVad\b|\b[Ii]s interruptible|\bSlug\b|By is|[a-z]_(?:s|ms)\b", told) == []


@pytest.mark.parametrize("label", ["Silence that ends a turn (ms)", "Loudness that counts as speech"])
def test_fields_are_labelled_with_what_they_do_and_their_unit(desk: Client, label: str) -> None:
    assert label in text_of(desk.get("/admin/dispatchsim/persona/add/"))


@pytest.mark.parametrize(
    "path",
    [
        *(f"dispatchsim/{kind}/" for kind in LISTS),
        "auth/user/",
        *(f"dispatchsim/persona/{{}}/{what}/" for what in ("change", "versions")),
    ],
)
def test_days_are_written_alike_everywhere(all_kinds: Client, tim: Persona, path: str) -> None:
    told = text_of(all_kinds.get(f"/admin/{path.format(tim.pk)}"))

    assert re.findall(DAY, told)
    assert re.findall(DAYS_WRITTEN_OTHERWISE, told) == []


def test_an_entry_is_called_by_its_name(desk: Client, tim: Persona) -> None:
    assert "<h1>Tim</h1>" in desk.get(f"/admin/dispatchsim/persona/{tim.pk}/change/").content.decode()


def test_deleting_tells_what_becomes_of_calls(desk: Client, tim: Persona) -> None:
    told = text_of(desk.get(f"/admin/dispatchsim/persona/{tim.pk}/delete/"))

    assert "Delete Tim? It can no longer be picked for a call. Calls that were made with it stay as they are." in told


def test_several_entries_are_deleted_after_one_question(desk: Client, chicken: Scenario) -> None:
    chosen = list(Persona.objects.filter(slug__in=("tim", "rosa")).values_list("pk", flat=True))
    action = {"action": "delete_selected", "_selected_action": chosen}

    asked = text_of(desk.post("/admin/dispatchsim/persona/", action))
    desk.post("/admin/dispatchsim/persona/", {**action, "post": "yes"})

    assert "Delete 2 personas?" in asked
    assert not Persona.objects.filter(pk__in=chosen).exists()


@pytest.mark.parametrize(
    ("kind", "title"), [("scenario", "a scenario"), ("persona", "a persona"), ("modelprice", "a price")]
)
def test_the_button_that_adds_and_the_page_it_opens_say_the_same(desk: Client, kind: str, title: str) -> None:
    pages = [desk.get(f"/admin/dispatchsim/{kind}/{what}") for what in ("", "add/")]

    assert [f"Add {title}" in text_of(page) for page in pages] == [True, True]
    assert f"<h1>Add {title}</h1>" in pages[1].content.decode()


def test_voices_are_named_as_in_the_history() -> None:
    told = text_of(signed_in(get_owner()).get("/admin/dispatchsim/conversation/"))

    assert ("Voices All OpenAI Rehearsal" in told, "Openai" in told, "provider" in told) == (True, False, False)
