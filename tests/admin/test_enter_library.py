"""Who comes into the library: authors, by their group alone."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.people import signed_in

HOME = "/admin/"
PASSWORD = "a long pass phrase"


def test_an_author_comes_in_without_being_made_staff(author: User) -> None:
    assert not author.is_staff
    assert signed_in(author).get(HOME).status_code == 200


def test_who_leaves_the_authors_stays_outside(author: User) -> None:
    author.groups.clear()

    assert signed_in(author).get(HOME).status_code == 403


def test_who_is_not_signed_in_comes_in_by_the_one_sign_in_page(author: User, client: Client) -> None:
    author.set_password(PASSWORD)
    author.save()
    at = client.get(HOME, follow=True).redirect_chain[-1][0]

    answer = client.post(at, {"username": "ada", "password": PASSWORD, "next": HOME})

    assert (at, answer.headers["Location"]) == (f"{reverse('sign_in')}?next={HOME}", HOME)


@pytest.mark.parametrize(("name", "is_shown"), [("author", True), ("operator", False), ("viewer", False)])
def test_the_header_leads_to_the_library_who_may_enter(
    request: pytest.FixtureRequest, name: str, is_shown: bool
) -> None:
    page = signed_in(request.getfixturevalue(name)).get(reverse("launch")).content.decode()

    assert (f'href="{HOME}"' in page) is is_shown
