"""The library's lists in a browser: every column is whole, and nothing lies on the heading."""

import pytest
from playwright.sync_api import Browser, Page

from tests.looks.made_up_site import Site

LISTS = ("admin_list", "admin_personas", "admin_prices", "admin_people", "admin_calls", "admin_servers")
# How far the columns reach beyond what is shown of them.
CUT_OFF = """(() => {
  const table = document.querySelector("#changelist-form .results");
  return table ? table.scrollWidth - table.clientWidth : 0;
})()"""
GAP = """document.querySelector("#changelist").getBoundingClientRect().top
  - document.querySelector("#content h1").getBoundingClientRect().bottom"""


HEIGHT = 844


@pytest.mark.parametrize("name", LISTS)
def test_no_column_is_cut_off(site: Site, browser: Browser, name: str) -> None:
    with site.open(browser, name) as opened:
        assert at_widths(opened.page, CUT_OFF, (800, 1024, 1100, 1280)) == [0] * 4


@pytest.mark.parametrize("name", LISTS)
def test_no_list_lies_on_its_heading(site: Site, browser: Browser, name: str) -> None:
    with site.open(browser, name) as opened:
        assert min(at_widths(opened.page, GAP, (390, 1280))) >= 8


def at_widths(page: Page, measure: str, widths: tuple[int, ...]) -> list[float]:
    """Measure a page at several widths of its window."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        found.append(page.evaluate(measure))
    return found
