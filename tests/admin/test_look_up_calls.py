"""Calls can be looked up in the admin, but not changed."""

import pytest
from django.test import Client

from dispatchsim.domain.conversation import Role
from dispatchsim.models import Scenario
from tests.api.calls import add_turn, make_call
from tests.library_rows import add_library

pytestmark = pytest.mark.django_db
CALLS = "/admin/dispatchsim/conversation/"


def test_a_call_is_shown_with_its_turns(desk: Client) -> None:
    call = make_call()
    add_turn(call, 1, Role.DISPATCHER, "Morning, Chris.")

    page = desk.get(f"{CALLS}{call.pk}/change/").content.decode()

    assert "Morning, Chris." in page


def test_the_list_is_called_what_it_holds(desk: Client) -> None:
    assert "<h1>Conversations</h1>" in desk.get(CALLS).content.decode()


def test_a_call_cannot_be_added(desk: Client) -> None:
    assert desk.get(f"{CALLS}add/").status_code == 403


def test_a_call_cannot_be_changed(desk: Client) -> None:
    call = make_call()

    answer = desk.post(f"{CALLS}{call.pk}/change/", {"title": "Another"})

    call.refresh_from_db()
    assert (answer.status_code, call.title) == (403, "Frozen chicken to Dallas")


def test_a_call_cannot_be_deleted(desk: Client) -> None:
    assert desk.post(f"{CALLS}{make_call().pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_scenario_leads_to_its_calls(desk: Client) -> None:
    add_library()
    scenario = Scenario.objects.get(slug="chicken-to-dallas")
    make_call(scenario=scenario)
    make_call(scenario=None)
    address = f"{CALLS}?scenario__id__exact={scenario.pk}"

    linked = f'<a href="{address}">1 call</a>' in desk.get("/admin/dispatchsim/scenario/").content.decode()

    assert linked
    assert desk.get(address).context["cl"].result_count == 1


def test_a_persona_leads_to_its_calls(desk: Client) -> None:
    add_library()
    make_call(driver_copy={"slug": "chris"})
    make_call(driver_copy={"slug": "rosa"})
    address = f"{CALLS}?driver_copy__slug=chris"

    linked = f'<a href="{address}">1 call</a>' in desk.get("/admin/dispatchsim/persona/").content.decode()

    assert linked
    assert desk.get(address).context["cl"].result_count == 1


def test_a_call_leads_to_its_own_page(desk: Client) -> None:
    call = make_call()

    assert f'<a href="/conversations/{call.pk}/">open</a>' in desk.get(CALLS).content.decode()
