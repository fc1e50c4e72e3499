"""Every page by every kind of person."""

from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient, Client
from django.urls import reverse

from tests.api.fake_rooms import FakeRooms
from tests.pages.calls import Markup, finished_call, running_call
from tests.people import signed_in

READ_PAGES = ["launch", "conversation_list", "conversation_detail"]


def address(name: str) -> str:
    return reverse(name, args=[finished_call().pk] if name == "conversation_detail" else [])


@pytest.mark.parametrize("name", READ_PAGES)
@pytest.mark.parametrize("person", ["author", "operator", "viewer"])
def test_people_of_the_groups_read_every_page(request: pytest.FixtureRequest, person: str, name: str) -> None:
    reader: User = request.getfixturevalue(person)

    assert signed_in(reader).get(address(name)).status_code == 200


@pytest.mark.parametrize("name", READ_PAGES)
def test_a_person_without_a_group_is_told_whom_to_ask(stranger: User, name: str) -> None:
    answer = signed_in(stranger).get(address(name))

    assert answer.status_code == 403
    assert "a viewer (listens and reads)" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", READ_PAGES)
def test_whoever_is_not_signed_in_comes_back_to_the_page_afterwards(client: Client, name: str) -> None:
    path = address(name)

    answer = client.get(path)

    assert answer.headers["Location"] == f"{reverse('sign_in')}?next={path}"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["launch_conversation", "read_prompts"])
def test_whoever_was_signed_out_while_filling_in_the_form_comes_back_to_it(client: Client, name: str) -> None:
    answer = client.post(reverse(name))

    assert answer.headers["Location"] == f"{reverse('sign_in')}?next={reverse('launch')}"


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["end_conversation", "repeat_conversation", "observer_token"])
def test_whoever_was_signed_out_while_a_call_was_open_comes_back_to_the_call(client: Client, name: str) -> None:
    call = running_call()

    answer = client.post(reverse(name, args=[call.pk]))

    assert answer.headers["Location"] == f"{reverse('sign_in')}?next={reverse('conversation_detail', args=[call.pk])}"


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "name"), [("get", "conversation_list"), ("post", "read_prompts")])
def test_a_part_of_a_page_is_never_answered_with_the_sign_in_page(client: Client, method: str, name: str) -> None:
    here = "/?from=chicken"
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}"}

    answer = client.generic(method.upper(), reverse(name), headers=headers)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["HX-Redirect"] == f"{reverse('sign_in')}?{urlencode({'next': here}, safe='/')}"
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["launch_conversation", "sign_out"])
def test_the_address_of_a_button_shows_a_page_to_go_on_from(operator: User, name: str) -> None:
    answer = signed_in(operator).get(reverse(name))

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "press the button again" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
async def test_the_page_in_place_of_a_blank_refusal_is_rendered_under_asgi_too(
    operator: User, async_client: AsyncClient
) -> None:
    await async_client.aforce_login(operator)

    answer = await async_client.get(reverse("launch_conversation"))

    assert (answer.status_code, "Sign out" in answer.content.decode()) == (405, True)


@pytest.mark.parametrize("person", ["viewer", "stranger"])
def test_only_operators_launch(request: pytest.FixtureRequest, person: str) -> None:
    reader: User = request.getfixturevalue(person)

    assert signed_in(reader).post(reverse("launch_conversation")).status_code == 403


@pytest.mark.parametrize("person", ["viewer", "stranger"])
def test_only_operators_end_a_call(request: pytest.FixtureRequest, person: str) -> None:
    reader: User = request.getfixturevalue(person)

    assert signed_in(reader).post(reverse("end_conversation", args=[running_call().pk])).status_code == 403


def test_a_person_without_a_group_gets_no_token(stranger: User) -> None:
    assert signed_in(stranger).post(reverse("observer_token", args=[running_call().pk])).status_code == 403


def test_a_viewer_gets_a_token_to_listen(viewer: User, rooms: FakeRooms) -> None:
    answer = signed_in(viewer).post(reverse("observer_token", args=[running_call().pk]))

    assert set(answer.json()) == {"livekit_url", "token"}


def test_a_viewer_sees_no_launch_form(viewer: User, library: None) -> None:
    assert "Generate conversation" not in signed_in(viewer).get(reverse("launch")).content.decode()


def test_a_viewer_sees_no_end_button(viewer: User) -> None:
    page = signed_in(viewer).get(reverse("conversation_detail", args=[running_call().pk]))

    assert "End call" not in page.content.decode()


@pytest.mark.parametrize("name", ["end_conversation", "observer_token"])
def test_a_form_of_another_site_changes_nothing(operator: User, name: str) -> None:
    client = signed_in(operator, enforce_csrf_checks=True)

    answer = client.post(reverse(name, args=[running_call().pk]))

    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["launch_conversation", "end_conversation", "observer_token"])
def test_what_changes_things_takes_no_get(operator: User, name: str) -> None:
    path = reverse(name, args=[] if name == "launch_conversation" else [running_call().pk])

    assert signed_in(operator).get(path).status_code == 405


def test_a_call_that_does_not_exist_leads_to_the_history(viewer: User) -> None:
    answer = signed_in(viewer).get("/conversations/00000000-0000-0000-0000-000000000000/")

    assert answer.status_code == 404
    links = Markup(answer).attributes("a", **{"class": "button"})  # the header leads there from everywhere
    assert [link["href"] for link in links] == [reverse("conversation_list")]
