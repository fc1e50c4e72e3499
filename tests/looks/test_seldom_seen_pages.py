"""Pages that are seldom seen, and one on which everything is as long as it gets: calm, whole and for everybody too."""

import pytest
from playwright.sync_api import Browser, Page

from tests.looks import test_keyboard
from tests.looks.axe import find_grave, inject_axe
from tests.looks.made_up_site import REFUSALS, SELDOM, Site
from tests.looks.test_pages_are_calm import MOST_SHIFT, NARROW, WIDE

OVERHANG = "document.documentElement.scrollWidth - innerWidth"
# What sticks out of the window or of a box that would have to be scrolled sideways; text as it was typed may be.
STICKING_OUT = """() => [...document.querySelectorAll("main *")].filter((one) => {
  if (one.closest("pre, textarea, .visually-hidden")) return false;
  const { right, left, width } = one.getBoundingClientRect();
  if (width > 1 && (right > innerWidth + 1 || left < -1)) return true;
  return getComputedStyle(one).overflowX === "auto" && one.scrollWidth > one.clientWidth + 1;
}).map((one) => one.outerHTML.slice(0, 120))"""


def overhangs(page: Page) -> list[tuple[bool, list[str]]]:
    """Tell at both widths how far a page is wider than the window, and what of it."""
    found = []
    for width in (NARROW, WIDE):
        page.set_viewport_size({"width": width, "height": 844})
        found.append((page.evaluate(OVERHANG) <= 0, page.evaluate(STICKING_OUT)))
    return found


@pytest.mark.parametrize("name", SELDOM)
def test_a_page_loads_without_a_jump_or_a_complaint_fits_and_axe_finds_nothing_serious(
    site: Site, browser: Browser, name: str
) -> None:
    with site.open(browser, name, width=NARROW, scheme="dark", is_cold=True) as opened:
        shifts = opened.page.evaluate("window.shifts")
        problems = list(opened.problems)  # the page's own: axe has some
        inject_axe(opened.page)
        grave = find_grave(opened.page)
        fits = overhangs(opened.page)

    assert sum(value for value, _ in shifts) < MOST_SHIFT, shifts
    assert [line for line in problems if f"status of {REFUSALS.get(name)}" not in line] == []
    assert grave == []
    assert fits == [(True, []), (True, [])]


@pytest.mark.parametrize("name", ["history", "launch", "launched"])
def test_a_list_with_a_call_on_which_everything_is_long_fits(site: Site, browser: Browser, name: str) -> None:
    with site.open(browser, name) as opened:
        link = opened.page.locator(f"a[href$='{site.calls['long']}/']").first
        link.wait_for()

        assert overhangs(opened.page) == [(True, []), (True, [])]


@pytest.mark.parametrize("name", ["password", "admin_home", "admin_persona"])
def test_tab_reaches_every_control_here_and_in_the_library_too(site: Site, browser: Browser, name: str) -> None:
    test_keyboard.test_tab_reaches_every_control_and_shows_where_it_is(site, browser, name)
