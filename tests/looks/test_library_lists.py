"""The library's lists in a browser: every column is whole, and nothing lies on the heading."""

import pytest
from playwright.sync_api import Browser

from tests.looks.made_up_site import Site

LISTS = ("admin_list", "admin_personas", "admin_prices", "admin_people", "admin_calls", "admin_servers")
# How far the columns reach beyond what is shown of them.
CUT_OFF = """(() => {
  const table = document.querySelector("#changelist-form .results");
  return table ? table.scrollWidth - table.clientWidth : 0;
})()"""
GAP = """document.querySelector("#changelist").getBoundingClientRect().top
  - document.querySelector("#content h1").getBoundingClientRect().bottom"""


@pytest.mark.parametrize("width", [800, 1024, 1100, 1280])
@pytest.mark.parametrize("name", LISTS)
def test_no_column_is_cut_off(site: Site, browser: Browser, name: str, width: int) -> None:
    with site.open(browser, name, width=width) as opened:
        assert opened.page.evaluate(CUT_OFF) == 0


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", LISTS)
def test_no_list_lies_on_its_heading(site: Site, browser: Browser, name: str, width: int) -> None:
    with site.open(browser, name, width=width) as opened:
        assert opened.page.evaluate(GAP) >= 8
