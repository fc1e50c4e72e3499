"""A part of a page that cannot be fetched is told in words, and so is what changed where a reader does not look."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.looks.made_up_site import Site

A_LITTLE_LATER_MS = 2100  # the page asks every two seconds


@contextmanager
def launched(site: Site, browser: Browser) -> Iterator[Page]:
    """Open two calls that were launched together; one is still on, so the page asks again and again."""
    calls = "&".join(f"call={site.calls[name]}" for name in ("live", "finished"))
    address = f"{site.web.web_url}/conversations/launched/?{calls}"
    with site.look(browser, replace(site.view("launched"), address=address, holds_clock=True)) as opened:
        yield opened.page


def answer_parts(page: Page, answer: Callable[[Route], None]) -> list[str]:
    """Answer for the server when htmx asks; give the list of what it asked for."""
    asked: list[str] = []

    def on_request(route: Route) -> None:
        if not route.request.headers.get("hx-request"):
            route.continue_()
            return
        asked.append(route.request.url)
        answer(route)

    page.route("**/*", on_request)
    return asked


def break_down(route: Route) -> None:
    route.fulfill(status=500, body="")


def lose(route: Route) -> None:
    route.abort()


@pytest.mark.parametrize(("answer", "words"), [(break_down, "Something broke"), (lose, "does not answer")])
def test_a_page_that_asks_again_and_again_says_that_it_is_not_answered_until_it_is(
    site: Site, browser: Browser, answer: Callable[[Route], None], words: str
) -> None:
    with launched(site, browser) as page:
        answer_parts(page, answer)
        page.clock.run_for(A_LITTLE_LATER_MS)
        expect(page.locator(".trouble")).to_contain_text(words)

        page.unroute_all()
        page.clock.run_for(A_LITTLE_LATER_MS)

        expect(page.locator(".trouble")).to_have_text("")


def test_a_page_whose_calls_were_deleted_says_so_and_asks_no_more(site: Site, browser: Browser) -> None:
    with launched(site, browser) as page:
        asked = answer_parts(page, lambda route: route.fulfill(status=404, body=""))
        page.clock.run_for(A_LITTLE_LATER_MS)
        expect(page.locator(".trouble")).to_contain_text("deleted")

        page.clock.run_for(5 * A_LITTLE_LATER_MS)

    assert len(asked) == 1


@pytest.mark.parametrize(("answer", "words"), [(break_down, "Something broke"), (lose, "does not answer")])
def test_prompts_that_cannot_be_read_are_told(
    site: Site, browser: Browser, answer: Callable[[Route], None], words: str
) -> None:
    with site.open(browser, "launch") as opened:
        answer_parts(opened.page, answer)

        opened.page.locator("[hx-post]").first.click()

        expect(opened.page.locator(".trouble")).to_contain_text(words)
        expect(opened.page.locator(".trouble")).to_be_in_viewport()


def test_how_many_calls_match_is_told_to_whoever_listens(site: Site, browser: Browser) -> None:
    with site.open(browser, "history") as opened:
        told = opened.page.locator("main > [role=status].visually-hidden")
        expect(told).to_have_text("")

        opened.page.get_by_role("searchbox").fill("Produce to market 12")
        expect(told).to_have_text("1 call matches")
        opened.page.get_by_role("searchbox").fill("nothing has these words")

        expect(told).to_have_text("No call matches")


def test_how_many_calls_are_over_is_told_when_it_changes_and_only_then(site: Site, browser: Browser) -> None:
    with launched(site, browser) as page:
        told = page.locator("main > [role=status].visually-hidden")
        asked = answer_parts(page, lambda route: route.continue_())
        with page.expect_response(lambda response: "launched" in response.url):
            page.clock.run_for(A_LITTLE_LATER_MS)
        expect(told).to_have_text("")
        page.unroute_all()
        over = page.evaluate("async () => (await fetch(location, { headers: { 'HX-Request': 'true' } })).text()")
        answer_parts(page, lambda route: route.fulfill(body=over.replace("1 of 2 over", "2 of 2 over")))

        page.clock.run_for(A_LITTLE_LATER_MS)

        expect(told).to_have_text("2 of 2 over")
        assert len(asked) == 1
