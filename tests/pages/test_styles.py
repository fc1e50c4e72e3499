"""Each page brings the style sheets of what it shows."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from tests.pages.calls import Markup, finished_call, path_of
from tests.people import signed_in

STYLES = settings.BASE_DIR / "static" / "css"
ON_EVERY_PAGE = {"tokens", "base", "frame", "parts", "controls"}
MOST_LINES = 300


def classes_of(file: Path) -> set[str]:
    """Read the classes that a style sheet has rules for; in `.said .turns` it is the first that owns the rule."""
    text = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    selectors = [one.strip() for prelude in re.findall(r"([^{};]+)\{", text) for one in prelude.split(",")]
    return {found[1] for one in selectors if (found := re.match(r"\.([a-z][\w-]*)", one))}


STYLED = {file.stem: classes_of(file) for file in STYLES.glob("*.css") if not file.stem.startswith("admin")}


@pytest.mark.parametrize(
    "name",
    [
        "launch",
        "launched_calls",
        "conversation_list",
        "label_conversation",
        "delete_conversation",
        "live",
        "finished",
        "password",
    ],
)
def test_what_a_page_shows_is_styled_by_a_sheet_that_it_brings(author: User, library: None, name: str) -> None:
    finished_call().labels.create(text="good example")

    page = Markup(signed_in(author).get(path_of(name)))

    shown = {word for _, attrs in page.elements for word in (attrs.get("class") or "").split()}
    linked = {Path(str(link["href"])).name.split(".")[0] for link in page.attributes("link", rel="stylesheet")}
    brought = set().union(*(STYLED[sheet] for sheet in linked))
    anywhere = set().union(*STYLED.values())
    assert (shown & anywhere) - brought == set()


def test_a_page_brings_no_sheet_of_which_it_shows_nothing(author: User) -> None:
    page = Markup(signed_in(author).get(reverse("conversation_list")))

    linked = {Path(str(link["href"])).name.split(".")[0] for link in page.attributes("link", rel="stylesheet")}
    assert linked == ON_EVERY_PAGE | {"history", "sieve"}


@pytest.mark.parametrize("sheet", sorted(file.stem for file in STYLES.glob("*.css")))
def test_a_sheet_has_one_page_or_part_for_its_job(sheet: str) -> None:
    assert len((STYLES / f"{sheet}.css").read_text(encoding="utf-8").splitlines()) <= MOST_LINES
