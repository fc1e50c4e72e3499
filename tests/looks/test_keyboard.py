"""Everything can be done without a mouse."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.looks.made_up_site import PAGES, Site

MOST_STOPS = 150
# What the dialog of a page names; each of these keys is pressed by a test below.
KEYS = {
    "sign_in": "?",
    "launch": "? n h j k",
    "history": "? n h j k /",
    "live": "? n h j k 1 2 c b",
    "finished": "? n h j k",
    "admin_list": "? n h /",
}
SCROLLER = "document.querySelector('[data-scroller]')"
LEFT_BELOW = f"({SCROLLER}.scrollHeight - {SCROLLER}.scrollTop - {SCROLLER}.clientHeight)"
# A group of radio buttons is one stop; so is each other control that shows.
STOPS = """() => {
  const groups = new Set();
  const controls = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
  return [...controls].filter((element) => {
    if (element.disabled || element.type === "hidden") return false;
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    if (element.closest("dialog:not([open])") || element.tabIndex < 0) return false;
    if (element.type !== "radio") return true;
    if (groups.has(element.name)) return false;
    groups.add(element.name);
    return true;
  }).length;
}"""


# Notes each stop once, and looks whether it is marked while it has the focus.
NOTE_STOPS = """() => {
  document.activeElement?.blur();
  window.visited = new Set();
  window.unseen = [];
  window.isLeft = false;  // or begun again
  document.addEventListener("focusout", ({ relatedTarget }) => { isLeft ||= !relatedTarget; });
  document.addEventListener("focusin", ({ target }) => {
    isLeft ||= visited.has(target);
    visited.add(target);
    const marks = [target, target.closest(".pick")].filter(Boolean).map((one) => getComputedStyle(one).outlineStyle);
    if (marks.every((style) => style === "none")) unseen.push(target.outerHTML.slice(0, 80));
  });
}"""


@pytest.mark.parametrize("name", [page for page in PAGES if not page.startswith("admin")])
def test_tab_reaches_every_control_and_shows_where_it_is(site: Site, browser: Browser, name: str) -> None:
    with site.open(browser, name) as opened:
        wanted = opened.page.evaluate(STOPS)

        reached, unseen = _walk(opened.page, wanted)

    assert reached >= wanted
    assert unseen == []


def _walk(page: Page, stops: int) -> tuple[int, list[str]]:
    """Press Tab until the page is left; count the stops, and name those without a visible focus."""
    page.evaluate(NOTE_STOPS)
    for press in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if press >= stops and page.evaluate("isLeft"):
            break
    reached, unseen = page.evaluate("[visited.size, unseen]")
    return reached, unseen


@pytest.mark.parametrize(("name", "keys"), KEYS.items())
def test_a_question_mark_shows_the_keys_of_the_page_and_escape_puts_them_away(
    site: Site, browser: Browser, name: str, keys: str
) -> None:
    with site.open(browser, name) as opened:
        dialog = opened.page.get_by_role("dialog", name="Keyboard")

        opened.page.keyboard.press("?")
        expect(dialog).to_be_visible()
        expect(dialog.locator("kbd")).to_have_text(keys.split())
        opened.page.keyboard.press("Escape")

        expect(dialog).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "key", "target"),
    [
        (name, key, target)
        for name, keys in KEYS.items()
        for key, target in (("n", "launch"), ("h", "history"))
        if key in keys and name != target
    ],
)
def test_a_key_leads_to_a_new_call_and_one_to_the_history(
    site: Site, browser: Browser, name: str, key: str, target: str
) -> None:
    with site.open(browser, name) as opened:
        opened.page.keyboard.press(key)

        expect(opened.page).to_have_url(site.address(target))


@pytest.mark.parametrize("name", [name for name, keys in KEYS.items() if "/" in keys])
def test_a_slash_goes_to_the_search(site: Site, browser: Browser, name: str) -> None:
    with site.open(browser, name) as opened:
        opened.page.keyboard.press("/")

        search = opened.page.locator("[role=search] [name=q], #changelist-search [name=q]")
        expect(search).to_be_focused()
        expect(search).to_have_value("")


@pytest.mark.parametrize("name", [name for name, keys in KEYS.items() if "j k" in keys])
def test_j_and_k_move_through_the_list(site: Site, browser: Browser, name: str) -> None:
    with site.open(browser, name) as opened:
        items = opened.page.locator("[data-list-item]")

        opened.page.keyboard.press("j")
        opened.page.keyboard.press("j")
        expect(items.nth(1)).to_be_focused()
        opened.page.keyboard.press("k")

        expect(items.first).to_be_focused()


@pytest.mark.parametrize(("key", "name", "other"), [("1", "Tim", "Chris"), ("2", "Chris", "Tim")])
def test_a_key_for_each_voice_mutes_it_and_gives_it_back(
    site: Site, browser: Browser, key: str, name: str, other: str
) -> None:
    with site.open(browser, "live") as opened:
        mute = opened.page.get_by_role("button", name=f"Mute {name}")

        opened.page.keyboard.press(key)
        expect(mute).to_have_attribute("aria-pressed", "true")
        expect(opened.page.get_by_role("button", name=f"Mute {other}")).to_have_attribute("aria-pressed", "false")
        opened.page.keyboard.press(key)

        expect(mute).to_have_attribute("aria-pressed", "false")


def test_a_key_leads_a_reader_back_to_the_newest_turn(site: Site, browser: Browser) -> None:
    with site.open(browser, "live") as opened:
        opened.page.set_viewport_size({"width": 1280, "height": 500})
        opened.page.wait_for_function(f"() => {LEFT_BELOW} < 2 && {SCROLLER}.scrollTop > 100")
        opened.page.locator("[data-scroller]").hover()
        opened.page.mouse.wheel(0, -5000)
        opened.page.wait_for_function(f"() => {SCROLLER}.scrollTop === 0")

        opened.page.keyboard.press("b")

        opened.page.wait_for_function(f"() => {LEFT_BELOW} < 2")


def test_captions_go_on_and_off_by_a_key_and_are_remembered(site: Site, browser: Browser) -> None:
    with site.open(browser, "live") as opened:
        captions = opened.page.locator(".captions")
        expect(captions).to_be_hidden()

        opened.page.keyboard.press("c")
        opened.page.reload()
        expect(captions).to_be_visible()
        opened.page.keyboard.press("c")

        expect(captions).to_be_hidden()


def test_the_list_of_what_the_system_did_opens_and_closes_by_keys(site: Site, browser: Browser) -> None:
    with site.open(browser, "live") as opened:
        opened.page.locator(".doings summary").focus()
        opened.page.keyboard.press("Enter")
        expect(opened.page.get_by_text("Driver sent for again, attempt 2")).to_be_visible()

        opened.page.keyboard.press("Escape")

        expect(opened.page.get_by_text("Driver sent for again, attempt 2")).to_be_hidden()
