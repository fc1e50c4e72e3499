"""What a live page tells while a call goes on: the floor, the pause, the time, captions, what the system does."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.looks.made_up_site import Site
from tests.looks.rows import SAID
from tests.looks.scripted import live_status, scripted, tell
from tests.looks.test_tools_between_turns import NEXT_FRAMES, frame, lines_of, words
from tests.looks.test_when_requests_fail import answer_parts, break_down, lose


def test_the_floor_moves_with_whoever_speaks(site: Site, browser: Browser) -> None:
    with scripted(site, browser) as opened:
        for dispatcher, driver, holder, words in (
            ("speaking", "listening", "dispatcher", "Tim has the floor"),
            ("listening", "speaking", "driver", "Chris has the floor"),
            ("speaking", "speaking", "both", "Both speak"),
        ):
            tell(opened.page, live_status(dispatcher=dispatcher, driver=driver))

            expect(opened.page.locator("[data-floor]")).to_have_attribute("data-holder", holder)
            expect(opened.page.locator("[data-floor-who]")).to_have_text(words)


def test_a_pause_is_timed_from_the_last_word_and_gone_with_the_next(site: Site, browser: Browser) -> None:
    with scripted(site, browser) as opened:
        floor, gap = opened.page.locator("[data-floor]"), opened.page.locator("[data-floor-gap]")
        tell(opened.page, live_status(dispatcher="speaking", driver="listening"))
        expect(floor).to_have_attribute("data-holder", "dispatcher")
        expect(gap).to_have_text("")

        tell(opened.page, live_status(dispatcher="listening", driver="listening"))
        expect(gap).to_have_text(re.compile(r"[1-9]\.\d s"))
        tell(opened.page, live_status(dispatcher="listening", driver="speaking"))

        expect(gap).to_have_text("")


def test_the_time_goes_on_between_what_the_server_tells(site: Site, browser: Browser) -> None:
    with scripted(site, browser, holds_clock=True) as opened:
        tell(opened.page, live_status(elapsed_s=58.0, dispatcher="listening", driver="listening"))
        elapsed = opened.page.locator("[data-figures] [data-elapsed]")
        expect(elapsed).to_have_text(re.compile("0:5[89]|1:0."))

        opened.page.clock.run_for(120_000)

        expect(elapsed).to_have_text(re.compile("2:5[89]|3:0."))


def test_captions_show_the_words_of_whoever_speaks(site: Site, browser: Browser) -> None:
    with scripted(site, browser) as opened:
        opened.page.keyboard.press("c")
        expect(opened.page.locator(".captions")).to_be_visible()

        for seq, speaker, text in (
            (1, "dispatcher", "Hi Chris, this"),
            (2, "driver", "Morning"),
            (2, "driver", "Morning Tim"),
        ):
            tell(opened.page, {"type": "words", "seq": seq, "speaker": speaker, "text": text})

            expect(opened.page.locator("[data-captions-words]")).to_have_text(text)
            expect(opened.page.locator("[data-captions-who]")).to_have_text("Tim" if seq == 1 else "Chris")


def test_what_the_system_does_is_added_to_an_open_page_once(site: Site, browser: Browser) -> None:
    with scripted(site, browser) as opened:
        lines = opened.page.locator("[data-doings-list] > *")
        before = lines.count()
        doing = {
            "type": "system",
            "seq": 99,
            "event": "agent.joined",
            "role": "driver",
            "after_s": 65,
            "text": "Driver came",
        }

        tell(opened.page, doing, doing)

        expect(lines).to_have_count(before + 1)
        expect(lines.last).to_have_text("1:05 Driver came")
        expect(opened.page.locator("[data-doings-count]")).to_have_text(str(before + 1))


def refuse(route: Route) -> None:
    route.fulfill(status=403, body="")


@pytest.mark.parametrize(
    ("answer", "words"), [(refuse, "lacks the right"), (break_down, "Something broke"), (lose, "does not answer")]
)
def test_an_end_that_is_refused_says_why_until_it_is_not(
    site: Site, browser: Browser, answer: Callable[[Route], None], words: str
) -> None:
    with site.open(browser, "live") as opened:
        notice, end = opened.page.locator("[data-notice]"), opened.page.get_by_role("button", name="End call")
        answer_parts(opened.page, answer)
        end.click()
        expect(notice).to_contain_text(words)

        opened.page.unroute_all()
        answer_parts(opened.page, lambda route: route.fulfill(status=204))
        end.click()

        expect(notice).to_have_text("")


def test_an_end_that_goes_through_leaves_what_else_is_told(site: Site, browser: Browser) -> None:
    with site.open(browser, "live") as opened:
        opened.page.evaluate("() => { document.querySelector('[data-notice]').textContent = 'Sound lost.'; }")
        answer_parts(opened.page, lambda route: route.fulfill(status=204))

        with opened.page.expect_response("**/end/"):
            opened.page.get_by_role("button", name="End call").click()
        expect(opened.page.get_by_role("button", name="End call")).to_be_enabled()

        expect(opened.page.locator("[data-notice]")).to_have_text("Sound lost.")


def test_words_are_announced_once_their_turn_is_finished(site: Site, browser: Browser) -> None:
    with scripted(site, browser) as opened:
        line = next(line for line in lines_of(opened.page, site.address("live")) if not line["isUse"])
        announced = opened.page.locator("[data-announcer] p")
        unfinished = frame(line) | {"html": line["html"].replace('data-final="true"', 'data-final="false"')}
        for message in (words(line), unfinished):
            tell(opened.page, message)
            opened.page.evaluate(NEXT_FRAMES)
        expect(opened.page.locator(".turn__text")).to_have_text(SAID[0][1])
        early = announced.all_inner_texts()

        tell(opened.page, frame(line))
        opened.page.evaluate(NEXT_FRAMES)

        assert early == []
        assert announced.all_inner_texts() == [f"Dispatcher: {SAID[0][1]}"]


def test_a_finished_turn_that_is_told_again_is_announced_once(site: Site, browser: Browser) -> None:
    with scripted(site, browser) as opened:
        line = next(line for line in lines_of(opened.page, site.address("live")) if not line["isUse"])
        for _ in range(2):
            tell(opened.page, frame(line))
            opened.page.evaluate(NEXT_FRAMES)

        expect(opened.page.locator("[data-announcer] p")).to_have_count(1)


def test_a_page_at_double_size_leaves_its_height_to_what_is_said(site: Site, browser: Browser) -> None:
    with site.open(browser, "live", width=640) as opened:
        opened.page.set_viewport_size({"width": 640, "height": 450})

        said = opened.page.get_by_role("region", name="What is being said").bounding_box()

    assert said is not None
    assert said["height"] > 450 * 0.45
