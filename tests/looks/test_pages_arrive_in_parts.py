"""A page that comes in parts, as from a busy machine, does not move what is drawn already."""

import pytest
from playwright.sync_api import Browser, Page

from tests.looks.made_up_site import Site
from tests.looks.slow_line import slow_line
from tests.looks.test_pages_are_calm import MOST_SHIFT, NARROW, WIDE

SECOND_STEP = 'data-step="driver"'
LATER_TITLE = "Late to pickup"
DRAWN = "() => performance.getEntriesByName('first-contentful-paint').length > 0"
NEXT_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def wait_until_drawn(page: Page) -> None:
    """Wait until a browser has drawn what it has of a page by now."""
    page.wait_for_function(DRAWN)
    page.evaluate(NEXT_FRAMES)


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("name", ["waiting", "failed"])
def test_steps_that_come_later_do_not_move_the_earlier_ones(
    site: Site, browser: Browser, name: str, width: int
) -> None:
    with site.open(browser, name, width=width) as opened, slow_line(site.web.web_url, SECOND_STEP) as line:
        path = site.address(name).removeprefix(site.web.web_url)
        opened.page.goto(line.url + path, wait_until="commit")
        opened.page.locator("[data-step=room]").wait_for()
        opened.page.wait_for_function(DRAWN)
        line.rest.set()
        opened.page.locator("[data-step=first_word]").wait_for()
        opened.page.evaluate(NEXT_FRAMES)

        shifts = opened.page.evaluate("window.shifts")

    assert sum(value for value, _ in shifts) < MOST_SHIFT, shifts


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_scenarios_that_come_later_do_not_move_what_is_at_stake(site: Site, browser: Browser, width: int) -> None:
    with site.open(browser, "launch", width=width) as opened, slow_line(site.web.web_url, LATER_TITLE) as line:
        opened.page.goto(line.url, wait_until="commit")
        opened.page.locator(".scenario .pick__title", has_text=LATER_TITLE).wait_for()
        wait_until_drawn(opened.page)
        line.rest.set()
        opened.page.locator("[data-launch] [type=submit]").first.wait_for()
        wait_until_drawn(opened.page)

        shifts = opened.page.evaluate("window.shifts")

    assert sum(value for value, _ in shifts) < MOST_SHIFT, shifts
