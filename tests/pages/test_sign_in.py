"""A person comes in by the link or a password, and leaves."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from dispatchsim.services.sign_in import create_sign_in_link
from tests.pages.calls import Markup
from tests.people import signed_in

pytestmark = pytest.mark.django_db


def token_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def test_a_fresh_link_leads_to_the_launch_page(client: Client) -> None:
    answer = client.get(reverse("sign_in_link", args=[token_of(create_sign_in_link())]))

    assert answer.headers["Location"] == reverse("launch")


def test_a_used_link_tells_how_to_get_another(client: Client) -> None:
    link = reverse("sign_in_link", args=[token_of(create_sign_in_link())])
    client.get(link)

    answer = Client().get(link)

    assert answer.status_code == 410
    assert "manage.py sign_in_link" in answer.content.decode()


def test_a_used_link_leads_whoever_is_signed_in_already_to_the_launch_page(operator: User) -> None:
    answer = signed_in(operator).get(reverse("sign_in_link", args=["spent"]))

    assert answer.headers["Location"] == reverse("launch")


def test_a_password_leads_to_the_page_that_was_asked_for(client: Client) -> None:
    User.objects.create_user("pat", password="a long password")
    asked = reverse("conversation_list")

    answer = client.post(reverse("sign_in"), {"username": "pat", "password": "a long password", "next": asked})

    assert answer.headers["Location"] == asked


def test_a_password_never_leads_to_another_site(client: Client) -> None:
    User.objects.create_user("pat", password="a long password")

    answer = client.post(
        reverse("sign_in"), {"username": "pat", "password": "a long password", "next": "https://evil.example/"}
    )

    assert answer.headers["Location"] == reverse("launch")


@pytest.mark.parametrize("username", ["pat", "nobody"])
def test_a_wrong_password_gives_no_hint_which_part_was_wrong(client: Client, username: str) -> None:
    User.objects.create_user("pat", password="a long password")

    answer = client.post(reverse("sign_in"), {"username": username, "password": "wrong"})

    assert "That username and password do not match." in answer.content.decode()


def test_signing_out_needs_a_press_not_a_link(operator: User) -> None:
    assert signed_in(operator).get(reverse("sign_out")).status_code == 405


def test_who_has_signed_out_is_a_stranger(operator: User) -> None:
    client = signed_in(operator)

    client.post(reverse("sign_out"))

    assert client.get(reverse("launch")).status_code == 302


@pytest.mark.parametrize(
    ("password", "words"), [("a long password", "Change your password"), (None, "Choose a password")]
)
def test_the_header_names_who_is_signed_in_and_leads_to_a_password(
    client: Client, password: str | None, words: str
) -> None:
    client.force_login(User.objects.create_user("pat", password=password))

    page = client.get(reverse("password"))

    assert "Signed in as <bdi>pat</bdi>" in page.content.decode()
    assert words in page.content.decode().partition("</header>")[0]
    assert Markup(page).attributes("a", href=reverse("password"))
