"""The library's forms in a browser: at hand, whole on a phone, and not lost by a wrong click."""

import pytest
from playwright.sync_api import Browser, Dialog, Page

from tests.looks.made_up_site import Site

WIDTHS = (390, 1280)
# Fields that stick out of the part of the form that they stand in.
STICKING_OUT = """[...document.querySelectorAll(".form-row :is(input, select, textarea, .help)")].filter((one) => {
  const part = one.closest(".form-row").getBoundingClientRect();
  const field = one.getBoundingClientRect();
  return field.width > 0 && (field.right > part.right || field.left < part.left);
}).map((one) => one.id || one.className)"""

# How far right of its field an error begins, for all of them.
OFF_THEIR_FIELD = """[...document.querySelectorAll(".form-row ul.errorlist")].map((list) => {
  const words = document.createRange();
  words.selectNodeContents(list.querySelector("li"));
  const field = list.parentElement.querySelector(":is(input, select, textarea):not([type=hidden])");
  return Math.round(words.getBoundingClientRect().left - field.getBoundingClientRect().left);
})"""


def leave(page: Page) -> list[str]:
    """Follow a link away from the form, and give what the browser asked."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.get_by_role("link", name="Read the prompts").click()
    page.get_by_role("heading", name="Prompts of Chris").wait_for()
    page.remove_listener("dialog", answer)
    return asked


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["admin_form", "admin_persona"])
def test_every_field_is_whole(site: Site, browser: Browser, name: str, width: int) -> None:
    with site.open(browser, name, width=width) as opened:
        assert opened.page.evaluate(STICKING_OUT) == []


@pytest.mark.parametrize("path", ["scenario", "modelprice"])
def test_an_error_begins_where_its_field_does(site: Site, browser: Browser, path: str) -> None:
    with site.open(browser, "admin_form") as opened:
        opened.page.goto(f"{site.web.web_url}/admin/dispatchsim/{path}/add/")
        opened.page.get_by_role("button", name="Save", exact=True).click()
        opened.page.locator("ul.errorlist").first.wait_for()
        found = []
        for width in WIDTHS:
            opened.page.set_viewport_size({"width": width, "height": 844})
            found += opened.page.evaluate(OFF_THEIR_FIELD)

    assert len(found) > 2
    assert set(found) == {0}


def test_a_long_form_is_saved_from_wherever_one_is_in_it(site: Site, browser: Browser) -> None:
    with site.open(browser, "admin_form") as opened:
        box = opened.page.get_by_role("button", name="Save", exact=True).bounding_box()

        assert box is not None
        assert box["y"] + box["height"] <= 844


def test_leaving_what_is_not_saved_is_asked_about(site: Site, browser: Browser) -> None:
    with site.open(browser, "admin_persona") as opened:
        opened.page.get_by_role("textbox", name="Character").press_sequentially("You sing. ")

        assert leave(opened.page) == ["beforeunload"]


def test_leaving_a_form_that_nobody_touched_asks_nothing(site: Site, browser: Browser) -> None:
    with site.open(browser, "admin_persona") as opened:
        assert leave(opened.page) == []


def test_the_theme_is_the_one_that_was_chosen_on_the_other_pages(site: Site, browser: Browser) -> None:
    with site.open(browser, "history") as opened:
        opened.page.get_by_role("button", name="Switch between light and dark").click()
        opened.page.goto(site.address("admin_home"))

        assert opened.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_until_one_is_chosen(site: Site, browser: Browser, scheme: str) -> None:
    with site.open(browser, "admin_home", scheme="dark" if scheme == "dark" else "light") as opened:
        background = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert background == {"light": "rgb(246, 245, 242)", "dark": "rgb(19, 20, 22)"}[scheme]


def test_the_header_of_the_library_is_where_that_of_other_pages_is(site: Site, browser: Browser) -> None:
    found = []
    for name in ("history", "admin_home"):
        with site.open(browser, name) as opened:
            found.append([boxes_of_header(opened.page, width) for width in (320, *WIDTHS)])

    assert found[0] == found[1]


def boxes_of_header(page: Page, width: int) -> list[float]:
    """Measure the header and where the way home stands in it."""
    page.set_viewport_size({"width": width, "height": 844})
    header, home = (page.locator(selector).bounding_box() for selector in (".top", ".top .brand"))
    assert header
    assert home
    return [header["height"], home["x"], home["width"]]


def test_the_cast_of_the_prompts_is_readable_with_its_buttons_alike(site: Site, browser: Browser) -> None:
    with site.open(browser, "admin_preview") as opened:
        widths = opened.page.evaluate("[...document.querySelectorAll('.cast select')].map((one) => one.offsetWidth)")
        heights = opened.page.evaluate("[...document.querySelectorAll('.cast .button')].map((one) => one.offsetHeight)")

    assert min(widths) >= 300
    assert len(set(heights)) == 1
