"""Calls can be looked up in the admin, but not changed."""

from typing import Any

import pytest
from django.test import Client

from dispatchsim.domain.conversation import Role
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
    assert "<h1>Calls</h1>" in desk.get(CALLS).content.decode()


def test_a_call_cannot_be_added(desk: Client) -> None:
    assert desk.get(f"{CALLS}add/").status_code == 403


def test_a_call_cannot_be_changed(desk: Client) -> None:
    call = make_call()

    answer = desk.post(f"{CALLS}{call.pk}/change/", {"title": "Another"})

    call.refresh_from_db()
    assert (answer.status_code, call.title) == (403, "Frozen chicken to Dallas")


def test_a_call_cannot_be_deleted(desk: Client) -> None:
    assert desk.post(f"{CALLS}{make_call().pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("kind", "copy", "slug"),
    [("scenario", "scenario_copy", "late-to-pickup"), ("persona", "driver_copy", "rosa")],
)
def test_an_entry_leads_to_its_calls_in_the_history(desk: Client, kind: str, copy: str, slug: str) -> None:
    add_library()
    played: dict[str, Any] = {copy: {"slug": slug}}
    call = make_call(**played)
    make_call()
    address = f"/conversations/?{kind}={slug}"

    linked = f'<a href="{address}">1 call</a>' in desk.get(f"/admin/dispatchsim/{kind}/").content.decode()

    assert linked
    assert [one.pk for one in desk.get(address).context["page"]] == [call.pk]


def test_a_call_leads_to_its_own_page(desk: Client) -> None:
    call = make_call()

    assert f'<a href="/conversations/{call.pk}/">open</a>' in desk.get(CALLS).content.decode()
