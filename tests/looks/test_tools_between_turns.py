"""What is done with tools comes up between the turns while they are spoken, where a reload shows it too."""

import random
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.looks.made_up_site import Site
from tests.looks.scripted import scripted, tell

LINES = "[...document.querySelectorAll('.said .turn, .said .use')].map((line) => line.id)"
# The lines of another page, as its server rendered them.
LINES_OF = """async (address) => {
  const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
  return [...page.querySelectorAll(".said .turn, .said .use")].map((line) => ({
    id: line.id, html: line.outerHTML, isUse: line.matches(".use"),
    seq: Number(line.dataset.use ?? line.dataset.seq), speaker: line.dataset.speaker,
  }));
}"""
NEXT_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def lines_of(page: Page, address: str) -> list[dict[str, Any]]:
    """Give the lines of another call's page."""
    lines: list[dict[str, Any]] = page.evaluate(LINES_OF, address)
    return lines


def frame(line: dict[str, Any]) -> dict[str, Any]:
    return {"type": "use" if line["isUse"] else "turn", "seq": line["seq"], "html": line["html"]}


def words(line: dict[str, Any]) -> dict[str, Any]:
    return {"type": "words", "seq": line["seq"], "speaker": line["speaker"], "text": "Well"}


def test_a_use_stands_where_a_reload_shows_it_also_when_words_come_first(site: Site, browser: Browser) -> None:
    with scripted(site, browser) as opened:
        lines = lines_of(opened.page, site.address("live"))
        for line in lines:
            begun = [] if line["isUse"] else [words(line)]
            tell(opened.page, *begun, frame(line))
            opened.page.evaluate(NEXT_FRAMES)

        shown = opened.page.evaluate(LINES)

    assert [line["isUse"] for line in lines].count(True) == 4
    assert shown == [line["id"] for line in lines]
    assert opened.problems == []


@pytest.mark.parametrize("seed", range(5))
def test_in_whatever_order_the_lines_arrive_they_end_up_the_same(site: Site, browser: Browser, seed: int) -> None:
    with scripted(site, browser) as opened:
        lines = lines_of(opened.page, site.address("live"))
        for line in random.Random(seed).sample(lines, len(lines)):
            tell(opened.page, frame(line))
            opened.page.evaluate(NEXT_FRAMES)

        shown = opened.page.evaluate(LINES)

    assert shown == [line["id"] for line in lines]


def test_arguments_stay_unfolded_while_turns_go_on(site: Site, browser: Browser) -> None:
    with scripted(site, browser) as opened:
        lines = lines_of(opened.page, site.address("live"))
        first = next(index for index, line in enumerate(lines) if line["isUse"])
        tell(opened.page, *(frame(line) for line in lines[: first + 1]))
        opened.page.locator(".use__head").first.click()
        tell(opened.page, *(frame(line) for line in lines[first + 1 :]))
        opened.page.evaluate(NEXT_FRAMES)

        assert opened.page.locator(".use").first.get_by_text("amount").is_visible()


@pytest.mark.parametrize("place", [".turn__time", "summary"])
def test_the_keyboard_stays_where_it_is_while_a_turn_changes(site: Site, browser: Browser, place: str) -> None:
    with scripted(site, browser) as opened:
        lines = lines_of(opened.page, site.address("live"))
        turn = frame(next(line for line in lines if not line["isUse"]))
        tell(opened.page, turn)
        spot = opened.page.locator(f".turn {place}")
        spot.focus()

        tell(opened.page, turn | {"html": turn["html"].replace("Hi Chris", "Hello Chris")})

        expect(opened.page.locator(".turn__text")).to_contain_text("Hello Chris")
        expect(spot).to_be_focused()


def test_a_use_is_announced_once(site: Site, browser: Browser) -> None:
    with scripted(site, browser) as opened:
        lines = lines_of(opened.page, site.address("live"))
        use = frame(next(line for line in lines if line["isUse"]))
        tell(opened.page, use)
        opened.page.evaluate(NEXT_FRAMES)
        tell(opened.page, use)
        opened.page.evaluate(NEXT_FRAMES)

        announced = opened.page.locator("[data-announcer] p").all_inner_texts()

    assert len(announced) == 1
    assert announced[0].startswith("Dispatcher: Tried to offer 2,700 dollars. Refused:")
