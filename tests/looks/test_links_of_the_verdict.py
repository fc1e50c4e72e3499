"""What the verdict points to is in full view once a person has followed the link, and is marked."""

import pytest
from playwright.sync_api import Browser, Page

from tests.looks.made_up_site import Site

LOW = 420  # pixels: the transcript is far longer than the window
VISIBLE = """(element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return { above: top, below: innerHeight - bottom, outline: getComputedStyle(element).outlineStyle };
}"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("kind", ["turn", "use"])
def test_what_a_link_leads_to_is_in_full_view_and_marked(site: Site, browser: Browser, kind: str, width: int) -> None:
    with site.open(browser, "finished", width=width) as opened:
        opened.page.set_viewport_size({"width": width, "height": LOW})
        link = opened.page.locator(f".verdict__checks a[href^='#{kind}-']").last
        link.click()

        place = opened.page.locator(str(link.get_attribute("href"))).evaluate(VISIBLE)

    assert place["above"] >= 40, "what was said just before is seen too"
    assert place["below"] >= 0
    assert place["outline"] == "solid"


def test_the_result_at_the_top_leads_to_the_checks(site: Site, browser: Browser) -> None:
    with site.open(browser, "finished", width=390) as opened:
        opened.page.locator(".finished__verdict").click()

        assert _is_in_view(opened.page, "#verdict-title")


def _is_in_view(page: Page, selector: str) -> bool:
    place = page.locator(selector).evaluate(VISIBLE)
    return bool(place["above"] >= 0 and place["below"] >= 0)
