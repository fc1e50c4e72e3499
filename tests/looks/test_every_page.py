"""Every page, narrow and wide: it loads calmly and fits, and axe-core finds nothing serious, light or dark.

A page is loaded once for a width; the tests then ask about the page that came of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.looks.axe import OF_COLOURS, find_grave, inject_axe
from tests.looks.made_up_site import PAGES, Site
from tests.looks.test_pages_are_calm import MOST_SHIFT, NARROW, WIDE

OVERHANG = "document.documentElement.scrollWidth - innerWidth"
# Labels that are pictures with a text alternative, as that of the admin's search, are not read by this rule.
NOT_READ_IN_ADMIN = ("label-title-only",)


@dataclass
class Loaded:
    """A page, and what could be seen of it when it had just been loaded."""

    page: Page
    shifts: list[tuple[float, Any]]
    problems: list[str]
    overhang: float
    unread: tuple[str, ...]


@pytest.fixture(
    scope="module",
    params=[(name, width) for name in PAGES for width in (NARROW, WIDE)],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def loaded(request: pytest.FixtureRequest, site: Site, browser: Browser) -> Iterator[Loaded]:
    """Each page once at each width, as one loads it who was never there; tests change its colours."""
    name, width = request.param
    with site.open(browser, name, width=width, is_cold=True) as opened:
        page, problems = opened.page, list(opened.problems)  # the page's own: axe has some
        shifts, overhang = page.evaluate("window.shifts"), page.evaluate(OVERHANG)
        inject_axe(page)
        yield Loaded(page, shifts, problems, overhang, NOT_READ_IN_ADMIN if name.startswith("admin") else ())


def test_it_loads_without_a_jump(loaded: Loaded) -> None:
    assert sum(value for value, _ in loaded.shifts) < MOST_SHIFT, loaded.shifts


def test_it_loads_without_a_complaint(loaded: Loaded) -> None:
    assert loaded.problems == []


def test_it_fits_its_width(loaded: Loaded) -> None:
    assert loaded.overhang <= 0


def test_axe_finds_nothing_serious(loaded: Loaded) -> None:
    loaded.page.emulate_media(color_scheme="light", reduced_motion="reduce")

    assert find_grave(loaded.page, but=loaded.unread) == []


def test_axe_finds_nothing_serious_in_its_dark_colours(loaded: Loaded) -> None:
    loaded.page.emulate_media(color_scheme="dark", reduced_motion="reduce")

    assert find_grave(loaded.page, rules=OF_COLOURS) == []
