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

    assert signed_in(author).get(HOME).status_code == 302


def test_the_admins_own_form_takes_an_authors_password(author: User, client: Client) -> None:
    author.set_password(PASSWORD)
    author.save()

    answer = client.post(f"/admin/login/?next={HOME}", {"username": "ada", "password": PASSWORD})

    assert answer.headers["Location"] == HOME


@pytest.mark.parametrize(("name", "is_shown"), [("author", True), ("operator", False), ("viewer", False)])
def test_the_header_leads_to_the_library_who_may_enter(
    request: pytest.FixtureRequest, name: str, is_shown: bool
) -> None:
    page = signed_in(request.getfixturevalue(name)).get(reverse("launch")).content.decode()

    assert (f'href="{HOME}"' in page) is is_shown
