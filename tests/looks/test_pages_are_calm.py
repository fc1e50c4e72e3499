"""Nothing jumps when it is come back to, nothing is cut off, nothing moves for those who asked for rest."""

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.looks.made_up_site import Site

MOST_SHIFT = 0.02  # a fifth of what web.dev calls good
NARROWEST, NARROW, WIDE = 320, 390, 1280
ONE_LINE = 60  # pixels; a header of two lines is higher
# Rows whose tools are not level with the facts, or whose facts take more than a line.
ASKEW_ROWS = """[...document.querySelectorAll(".call")].filter((row) => {
  const facts = row.querySelector(".call__facts").getBoundingClientRect();
  const tools = row.querySelector(".call__tools").getBoundingClientRect();
  const middles = [facts, tools].map(({ top, bottom }) => (top + bottom) / 2);
  return facts.height > 24 || Math.abs(middles[0] - middles[1]) > 3;
}).map((row) => row.innerText)"""
# Boxes beside the transcript of which a part is out of sight, until they are scrolled for themselves.
CUT_BOXES = """[...document.querySelectorAll(".finished__side, .finished__side > *")].filter(
  (box) => box.scrollHeight > box.clientHeight + 1 && getComputedStyle(box).overflowY !== "visible"
).map((box) => box.className)"""
# How the first letters are written of what a fact is about.
FIRST_LETTERS = """[...document.querySelectorAll(".facts dt")]
  .map((key) => [key.textContent, getComputedStyle(key, "::first-letter").textTransform])
  .filter(([text, transform]) => transform !== "uppercase" && text[0] !== text[0].toUpperCase())"""
REAL_MOTION_MS = 1  # shorter is not seen


@pytest.mark.parametrize("name", ["launch_own", "history", "live", "finished", "admin_home"])
def test_the_narrowest_phone_scrolls_down_alone(site: Site, browser: Browser, name: str) -> None:
    with site.open(browser, name, width=NARROWEST) as opened:
        assert opened.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert opened.page.evaluate("document.querySelector('.top').offsetHeight") < ONE_LINE


@pytest.mark.parametrize("width", [NARROWEST, WIDE])
def test_who_is_signed_in_and_what_is_theirs_opens_in_the_header(site: Site, browser: Browser, width: int) -> None:
    with site.open(browser, "history", width=width, person="viewer") as opened:
        opened.page.get_by_role("button", name="Signed in as viewer").click()
        account = opened.page.locator("#account")

        expect(account.get_by_role("link", name="Change your password")).to_be_in_viewport(ratio=1)
        expect(account.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)


def test_the_facts_of_a_call_are_one_line_on_a_phone_with_the_tools_at_its_end(site: Site, browser: Browser) -> None:
    with site.open(browser, "history", width=NARROW) as opened:
        askew = opened.page.evaluate(ASKEW_ROWS)

    assert askew == []


def test_what_stands_beside_the_transcript_is_as_long_as_it_is(site: Site, browser: Browser) -> None:
    with site.open(browser, "finished", width=WIDE) as opened:
        assert opened.page.locator(".finished__side > *").count() > 4
        assert opened.page.evaluate(CUT_BOXES) == []


@pytest.mark.parametrize("name", ["live", "finished", "launch"])
def test_each_fact_begins_with_a_capital(site: Site, browser: Browser, name: str) -> None:
    with site.open(browser, name) as opened:
        assert opened.page.locator(".facts dt").count() > 0
        assert opened.page.evaluate(FIRST_LETTERS) == []


@pytest.mark.parametrize(
    "kind",
    ["dispatchsim/scenario", "dispatchsim/persona", "dispatchsim/conversation", "dispatchsim/modelprice", "auth/user"],
)
def test_no_column_of_the_admins_lists_is_cut_on_a_phone(site: Site, browser: Browser, kind: str) -> None:
    with site.open(browser, "admin_list", width=NARROW) as opened:
        opened.page.goto(f"{site.web.web_url}/admin/{kind}/")

        hidden = opened.page.evaluate(
            "(() => { const box = document.querySelector('.results'); return box.scrollWidth - box.clientWidth; })()"
        )

    assert hidden <= 0


def test_captions_that_were_left_on_are_there_without_a_jump(site: Site, browser: Browser) -> None:
    with site.open(browser, "live") as opened:
        opened.page.get_by_role("button", name="Captions").click()

        opened.page.reload()
        opened.page.locator("html[data-socket='open']").wait_for(state="attached")

        assert opened.page.locator(".captions").is_visible()
        assert sum(value for value, _ in opened.page.evaluate("window.shifts")) < MOST_SHIFT


@pytest.mark.parametrize("name", ["launch", "live", "history"])
def test_nothing_moves_with_reduced_motion(site: Site, browser: Browser, name: str) -> None:
    with site.open(browser, name) as opened:
        opened.page.emulate_media(reduced_motion="reduce")

        longest = _longest_motion_ms(opened.page)

    assert longest < REAL_MOTION_MS


def test_there_is_motion_to_reduce(site: Site, browser: Browser) -> None:
    with site.open(browser, "launch") as opened:
        assert REAL_MOTION_MS < _longest_motion_ms(opened.page) <= 200


def _longest_motion_ms(page: Page) -> float:
    durations: list[float] = page.evaluate(
        """() => [...document.querySelectorAll("*")].flatMap((element) => {
          const style = getComputedStyle(element);
          return [style.transitionDuration, style.animationDuration].flatMap((text) => text.split(",").map(parseFloat));
        })"""
    )
    return max(durations) * 1000


def test_prompts_follow_a_change_that_comes_before_the_last_one_was_answered(site: Site, browser: Browser) -> None:
    with site.open(browser, "launch") as opened:
        page, held = opened.page, list[Route]()
        page.get_by_role("button", name="Read the prompts").click()
        prompt = page.get_by_label("Prompt of the driver")
        prompt.wait_for()
        page.route("**/conversations/prompts/", lambda route: route.continue_() if held else held.append(route))

        with page.expect_request("**/conversations/prompts/"):
            page.get_by_role("radio", name="Earl").check()
        page.get_by_role("radio", name="Rosa").check()
        held[0].continue_()

        expect(prompt).to_contain_text("You are Rosa")
        assert opened.problems == []


def test_a_scenario_of_the_library_is_taken_over_for_one_call_without_a_reload(site: Site, browser: Browser) -> None:
    with site.open(browser, "launch") as opened:
        page = opened.page
        page.get_by_role("radio", name="Walt").check()
        page.get_by_role("button", name="Read the prompts").click()
        page.get_by_role("link", name="Change it for this call").click()
        own = page.get_by_role("region", name="A scenario for this call")
        own.get_by_label("Kind of call").wait_for()
        own.get_by_label("Start from").select_option("out-of-hours-to-denver")
        page.get_by_label("Prompt of the dispatcher").get_by_text("Denver").wait_for()

        assert "driving_left_h" in own.get_by_label("as YAML").input_value()
        assert page.get_by_role("radio", name="Write one for this call").is_checked()
        assert page.get_by_role("radio", name="Walt").is_checked()
        assert opened.problems == []
