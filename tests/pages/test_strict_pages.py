"""Nothing on a page needs more than the strict content security policy allows."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.pages.calls import Markup, path_of
from tests.people import signed_in

PAGES = [
    "launch",
    "launched_calls",
    "conversation_list",
    "label_conversation",
    "delete_conversation",
    "live",
    "finished",
    "failed",
    "missing",
    "launch_conversation",
    "sign_in",
    "sign_in_link",
]


def open_page(page: str, person: User) -> Markup:
    client = Client() if page.startswith("sign_in") else signed_in(person)
    return Markup(client.get(path_of(page)))


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest, author: User, library: None) -> Markup:
    return open_page(request.param, author)


def test_no_page_has_an_inline_script(page: Markup) -> None:
    assert page.words("script") == ""


def test_no_page_has_an_inline_style(page: Markup) -> None:
    styled = [tag for tag, attrs in page.elements if tag == "style" or "style" in attrs]

    assert styled == []


def test_no_page_has_an_inline_handler(page: Markup) -> None:
    handlers = [name for _, attrs in page.elements for name in attrs if name.startswith(("on", "hx-on"))]

    assert handlers == []


def test_every_script_and_style_is_our_own(page: Markup) -> None:
    sources = [attrs.get("src") or attrs.get("href") or "" for tag, attrs in page.elements if tag in ("script", "link")]

    assert all(source.startswith("/static/") for source in sources)


def test_every_field_has_a_label(page: Markup) -> None:
    labelled = {attrs.get("for") for tag, attrs in page.elements if tag == "label"}
    bare = [
        attrs
        for tag, attrs in page.elements
        if tag in ("input", "select", "textarea")
        and attrs.get("type") not in ("hidden", "radio")
        and attrs.get("id") not in labelled
        and "aria-label" not in attrs
    ]

    assert bare == []


def test_every_page_has_one_first_heading(page: Markup) -> None:
    assert len(page.attributes("h1")) == 1
