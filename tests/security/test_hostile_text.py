"""Markup, scripts, template braces and marks in what people and models write are shown as text on every page."""

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from dispatchsim.consumers import _render_turn
from dispatchsim.domain.conversation import Role
from dispatchsim.models import Conversation, Persona, Scenario
from dispatchsim.services.sign_in import get_owner
from dispatchsim.services.transcript import transcript
from tests.api.calls import add_turn
from tests.pages.calls import SCENARIO, Markup, finished_call, persona_copy, running_call
from tests.people import signed_in
from tests.security import hostile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rooms")]
ADMIN = ("changelist", "change", "history", "delete")


def copies() -> dict[str, Any]:
    name = hostile.SHORT[:50]
    return {
        "title": hostile.ALL[:200],
        "scenario_copy": SCENARIO | {"title": hostile.ALL[:200], "load_sheet": f"commodity: {hostile.ALL}"},
        "dispatcher_copy": persona_copy(Role.DISPATCHER, name, title=hostile.SHORT[:50], instructions=hostile.ALL),
        "driver_copy": persona_copy(Role.DRIVER, name, title=hostile.SHORT[:50], instructions=hostile.ALL),
    }


def with_turns(call: Conversation) -> Conversation:
    add_turn(call, 11, Role.DISPATCHER, hostile.ALL)
    add_turn(call, 12, Role.DRIVER, hostile.ALL)
    call.turns.update(heard_as=hostile.ALL)
    return call


@pytest.fixture
def owner() -> Client:
    return signed_in(get_owner())


@pytest.fixture
def library_entries(library: None) -> tuple[Scenario, Persona]:
    scenario, persona = Scenario.objects.all()[0], Persona.objects.filter(role=Role.DRIVER)[0]
    Scenario.objects.filter(pk=scenario.pk).update(
        title=hostile.ALL[:100], summary=hostile.ALL[:200], load_sheet=f"commodity: {hostile.ALL}"
    )
    Persona.objects.filter(pk=persona.pk).update(
        name=hostile.SHORT[:50], title=hostile.SHORT[:50], character=hostile.ALL
    )
    return scenario, persona


def assert_shown_as_text(page: str) -> None:
    """Nothing of it became an element, an attribute or a template; all of it is there to be read."""
    markup = Markup(_Page(page))
    assert markup.words("script") == ""
    assert [tag for tag, _ in markup.elements if tag == "svg" and "onload" in dict(_)] == []
    assert [name for _, attributes in markup.elements for name in attributes if name.startswith("on")] == []
    assert [attrs["src"] for tag, attrs in markup.elements if tag == "img" and attrs.get("src") == "x"] == []
    assert "{{ 7|add:7 }}" in unescape(page)
    assert escape(hostile.IMAGE) in page


class _Page:
    def __init__(self, text: str) -> None:
        self.content = text.encode()


@pytest.mark.parametrize("kind", ["live", "finished"])
def test_a_call_shows_it_as_text(owner: Client, kind: str) -> None:
    call = with_turns(running_call(**copies()) if kind == "live" else finished_call(**copies()))

    assert_shown_as_text(owner.get(reverse("conversation_detail", args=[call.pk])).content.decode())


def test_a_turn_that_comes_over_the_socket_is_text() -> None:
    call = with_turns(running_call(**copies()))

    for turn in transcript(call):
        assert_shown_as_text(_render_turn(call.pk, turn))


def test_the_history_shows_it_as_text(owner: Client) -> None:
    finished_call(**copies())

    assert_shown_as_text(owner.get(reverse("conversation_list")).content.decode())


@pytest.mark.parametrize("text", hostile.MARKUP.values(), ids=hostile.MARKUP)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "part"])
def test_the_search_words_come_back_as_text(owner: Client, text: str, headers: dict[str, str]) -> None:
    page = owner.get(reverse("conversation_list"), {"q": text, "status": text, "page": text}, headers=headers)

    assert (page.status_code, text in page.content.decode() and text != hostile.BRACES) == (200, False)


def test_the_launch_page_shows_it_as_text(owner: Client, library_entries: tuple[Scenario, Persona]) -> None:
    finished_call(**copies())

    assert_shown_as_text(owner.get(reverse("launch")).content.decode())


@pytest.mark.parametrize("text", hostile.MARKUP.values(), ids=hostile.MARKUP)
def test_a_refused_launch_shows_what_was_written_as_text(owner: Client, library: None, text: str) -> None:
    form = dict.fromkeys(("scenario", "dispatcher", "driver", "provider", "dispatcher_voice", "title"), text)

    page = owner.post(reverse("launch_conversation"), form)

    assert (page.status_code, text in page.content.decode() and text != hostile.BRACES) == (422, False)


@pytest.mark.parametrize("view", ADMIN)
@pytest.mark.parametrize("model", ["scenario", "persona"])
def test_the_admin_shows_it_as_text(
    owner: Client, library_entries: tuple[Scenario, Persona], model: str, view: str
) -> None:
    entry = library_entries[0] if model == "scenario" else library_entries[1]
    arguments = [] if view == "changelist" else [entry.pk]

    page = owner.get(reverse(f"admin:dispatchsim_{model}_{view}", args=arguments)).content.decode()

    assert_shown_as_text(page)


def test_a_message_of_the_admin_is_text(owner: Client, library_entries: tuple[Scenario, Persona]) -> None:
    address = reverse("admin:dispatchsim_scenario_delete", args=[library_entries[0].pk])

    page = owner.post(address, {"post": "yes"}, follow=True).content.decode()

    assert "was deleted successfully" in page
    assert_shown_as_text(page)


def test_the_admins_list_of_calls_shows_it_as_text(owner: Client) -> None:
    call = with_turns(finished_call(**copies()))

    assert_shown_as_text(owner.get(reverse("admin:dispatchsim_conversation_change", args=[call.pk])).content.decode())


@pytest.mark.parametrize("text", hostile.MARKUP.values(), ids=hostile.MARKUP)
def test_an_address_that_does_not_exist_comes_back_as_text(owner: Client, text: str) -> None:
    for path in ("/", "/api/v1/", "/conversations/", "/sign-in/", "/admin/"):
        page = owner.get(f"{path}{text.replace('/', '')}/").content.decode()

        assert text == hostile.BRACES or text not in page


@pytest.mark.parametrize("path", ["/api/v1/conversations?search=", "/api/v1/conversations?status="])
def test_the_api_answers_with_json_that_no_browser_takes_for_a_page(owner: Client, path: str) -> None:
    answer = owner.get(path + hostile.SCRIPT)

    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_name_signed_in_is_text(library: None) -> None:
    person = get_owner()
    person.username = person.first_name = hostile.BREAKOUT
    person.save()

    page = signed_in(person).get(reverse("launch")).content.decode()

    assert (hostile.BREAKOUT in page, escape(hostile.BREAKOUT) in page) == (False, True)
