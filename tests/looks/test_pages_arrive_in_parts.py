"""A page that comes in parts, as from a busy machine, does not move what is drawn already."""

import pytest
from playwright.sync_api import Browser

from tests.looks.made_up_site import Site
from tests.looks.slow_line import slow_line
from tests.looks.test_pages_are_calm import MOST_SHIFT, NARROW, WIDE

SECOND_STEP = 'data-step="driver"'
DRAWN = "() => performance.getEntriesByName('first-contentful-paint').length > 0"


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
        opened.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

        shifts = opened.page.evaluate("window.shifts")

    assert sum(value for value, _ in shifts) < MOST_SHIFT, shifts
