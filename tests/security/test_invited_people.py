"""Somebody invited by link chooses a password, and comes in with it from then on."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from dispatchsim.services.sign_in import create_sign_in_link, get_owner
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db
PASSWORD, NEXT = "seven grey herons", "eight blue herons"


@pytest.fixture
def vera() -> User:
    person = make_person("vera", "viewers")
    person.set_unusable_password()
    person.save()
    return person


def open_link(person: User, client: Client) -> str:
    link = create_sign_in_link(user=person)
    return client.get("/" + link.split("/", 3)[3]).headers["Location"]


def choose(client: Client, new: str, again: str = "", old: str = "") -> int:
    form = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return int(client.post(reverse("password"), form).status_code)


def test_an_invitation_leads_to_the_choice_of_a_password(vera: User, client: Client) -> None:
    assert open_link(vera, client) == reverse("password")


def test_the_owner_of_a_machine_is_not_asked_for_a_password(client: Client) -> None:
    assert open_link(get_owner(), client) == reverse("launch")


def test_the_chosen_password_lets_the_person_in(vera: User, client: Client) -> None:
    open_link(vera, client)

    choose(client, PASSWORD)

    assert Client().login(username="vera", password=PASSWORD)


def test_the_choice_keeps_this_browser_signed_in_and_no_other(vera: User, client: Client) -> None:
    elsewhere = signed_in(vera)
    open_link(vera, client)

    choose(client, PASSWORD)

    assert (client.get("/").status_code, elsewhere.get("/").status_code) == (200, 302)


def test_a_chosen_password_voids_links_that_were_not_used(vera: User, client: Client) -> None:
    waiting = create_sign_in_link(user=vera)
    open_link(vera, client)

    choose(client, PASSWORD)

    assert Client().get("/" + waiting.split("/", 3)[3]).status_code == 410


@pytest.mark.parametrize(("old", "status"), [("wrong", 422), ("", 422), (PASSWORD, 302)])
def test_a_change_needs_the_old_password(vera: User, client: Client, old: str, status: int) -> None:
    open_link(vera, client)
    choose(client, PASSWORD)

    assert choose(client, NEXT, old=old) == status


@pytest.mark.parametrize("weak", ["short", "password123", "veraveravera1"[:5], "12345678"])
def test_a_weak_password_is_refused(vera: User, weak: str) -> None:
    assert choose(signed_in(vera), weak) == 422


def test_two_different_passwords_are_refused_with_the_field_named(vera: User) -> None:
    form = {"new_password1": PASSWORD, "new_password2": NEXT}

    page = signed_in(vera).post(reverse("password"), form).content.decode()

    assert 'aria-describedby="id_new_password2_problem"' in page


def test_no_password_is_in_the_answer(vera: User) -> None:
    form = {"new_password1": PASSWORD, "new_password2": NEXT}

    assert PASSWORD not in signed_in(vera).post(reverse("password"), form).content.decode()
