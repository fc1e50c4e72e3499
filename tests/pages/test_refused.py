"""Whoever opens what is not for them is told what they may do, and led where they may go."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.people import author, operator, signed_in, stranger, viewer

__all__ = ["author", "operator", "stranger", "viewer"]
pytestmark = pytest.mark.django_db


def test_a_viewer_in_the_library_is_told_what_a_viewer_may_do(viewer: User) -> None:
    answer = signed_in(viewer).get("/admin/")

    page = answer.content.decode()
    assert (answer.status_code, "You may listen to calls and read them." in page) == (403, True)


def test_an_operator_in_the_library_is_told_who_it_is_for(operator: User) -> None:
    assert "The library is for authors" in signed_in(operator).get("/admin/").content.decode()


def test_who_is_not_signed_in_is_sent_to_sign_in(client: Client) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1] == ("/sign-in/?next=/admin/", 302)


@pytest.mark.parametrize("name", ["viewer", "operator", "author"])
def test_no_link_of_a_refusal_leads_to_another_one(request: pytest.FixtureRequest, name: str) -> None:
    browser = signed_in(request.getfixturevalue(name))

    assert _refused_links(browser, "/admin/auth/user/") == []


def test_who_has_no_right_is_offered_no_page_that_is_refused(stranger: User) -> None:
    assert _refused_links(signed_in(stranger), "/conversations/", besides="/") == []


def test_who_has_no_right_is_told_whom_to_ask(stranger: User) -> None:
    page = signed_in(stranger).get("/").content.decode()

    assert "You are signed in as sam, and nobody has said yet what you may do." in page


def _refused_links(browser: Client, path: str, besides: str = "") -> list[str]:
    page = browser.get(path).content.decode()
    links = set(re.findall(r'<a [^>]*href="(/[^"]*)"', page)) - {besides}
    return sorted(link for link in links if browser.get(link).status_code >= 400)
