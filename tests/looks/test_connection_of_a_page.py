"""A live page whose socket closes: it comes back where that helps, and says why where it does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.looks.made_up_room import make_up_room
from tests.looks.made_up_site import Site
from tests.looks.scripted import live_status
from tests.looks.window import Opened

SILENCE_MS = 15_000
# Sockets that stay as they are until a test opens or closes them; `left` counts those that nobody closed. They say
# nothing, unless `isAnswering`: then `here` comes back, as from a server.
SOCKETS = """
(() => {
  window.sockets = [];
  window.isAnswering = false;
  window.WebSocket = class extends EventTarget {
    static OPEN = 1;
    readyState = 0;
    constructor() { super(); window.sockets.push(this); }
    send(data) {
      if (window.isAnswering && JSON.parse(data).type === "here") setTimeout(() => this.onmessage({ data }));
    }
    close() { this.finish(1000); }
    start() { this.readyState = 1; this.onopen?.(); }
    finish(code) {
      if (this.readyState === 3) return;
      this.readyState = 3;
      setTimeout(() => this.onclose?.({ code }));
    }
  };
  window.left = () => window.sockets.filter((socket) => socket.readyState !== 3).length;
})();
"""


@contextmanager
def connected(site: Site, browser: Browser, name: str = "waiting", *, holds_clock: bool = False) -> Iterator[Opened]:
    """Open a page with sockets that a test holds."""
    with site.look(browser, replace(site.view(name), scripts=[SOCKETS], holds_clock=holds_clock)) as opened:
        opened.page.wait_for_function("() => window.sockets.length === 1")
        yield opened


def reload(page: Page) -> None:
    """Open the page anew, with what stands in place of its parts by now."""
    page.reload()
    page.wait_for_function("() => window.sockets.length === 1")


def open_and_tell(page: Page, message: dict[str, Any]) -> None:
    """Open the first socket and let a message come in through it."""
    script = "(message) => { sockets[0].start(); sockets[0].onmessage({ data: JSON.stringify(message) }); }"
    page.evaluate(script, message)


def with_room() -> dict[str, Any]:
    """Say that the call is live, in a room that a page may join."""
    steps = [{"name": "room", "label": "Room made", "done": True}]
    return live_status(dispatcher="speaking", driver="listening") | {"steps": steps}


@pytest.mark.parametrize(
    ("code", "words"), [(4401, "Sign in again"), (4403, "may no longer follow"), (4404, "has been deleted")]
)
def test_a_refusal_is_told_by_its_reason_and_taken_as_final(
    site: Site, browser: Browser, code: int, words: str
) -> None:
    with connected(site, browser) as opened:
        opened.page.evaluate("(code) => { sockets[0].start(); sockets[0].finish(code); }", code)

        expect(opened.page.locator("[data-notice]")).to_contain_text(words)
        expect(opened.page.locator("html[data-socket='refused']")).to_be_attached()


def test_a_page_that_may_no_longer_follow_leaves_the_room_and_falls_silent(site: Site, browser: Browser) -> None:
    with connected(site, browser) as opened:
        make_up_room(opened.page)
        reload(opened.page)
        open_and_tell(opened.page, with_room())
        heard = opened.page.locator("[data-sound] audio")
        expect(heard).to_have_count(2)

        opened.page.evaluate("sockets[0].finish(4403)")

        expect(heard).to_have_count(0)
        expect(opened.page.locator("[data-notice]")).to_contain_text("may no longer follow")
        expect(opened.page.locator("[data-hear]")).to_be_hidden()
        assert opened.page.evaluate("room.hasLeft")
        assert opened.page.locator("meter").evaluate_all("(meters) => meters.map((one) => one.value)") == [0, 0]


def test_a_page_that_may_no_longer_follow_asks_for_no_place_in_the_room(site: Site, browser: Browser) -> None:
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=403)

    with connected(site, browser, holds_clock=True) as opened:
        opened.page.route("**/token/", refuse)
        with opened.page.expect_response("**/token/"):
            open_and_tell(opened.page, with_room())

        opened.page.evaluate("sockets[0].finish(4403)")
        opened.page.clock.run_for(1)
        expect(opened.page.locator("html[data-room='left']")).to_be_attached()
        before = len(asked)
        opened.page.clock.run_for(60_000)
        opened.page.evaluate("() => fetch('/healthz')")  # what was asked before it has arrived by now

        assert len(asked) == before


@pytest.mark.parametrize("code", [1006, 4400, 4408, 4413, 4429, 4500])
def test_a_page_comes_back_after_a_close_that_is_not_for_good(site: Site, browser: Browser, code: int) -> None:
    with connected(site, browser) as opened:
        opened.page.evaluate("(code) => { sockets[0].start(); sockets[0].finish(code); }", code)
        opened.page.wait_for_function("() => window.sockets.length === 2")
        opened.page.evaluate("sockets[1].start()")

        expect(opened.page.locator("html[data-socket='open']")).to_be_attached()


def test_a_network_that_comes_back_while_a_page_connects_leaves_one_socket(site: Site, browser: Browser) -> None:
    with connected(site, browser) as opened:
        opened.page.evaluate("dispatchEvent(new Event('online'))")
        opened.page.evaluate("sockets.at(-1).start()")

        assert opened.page.evaluate("[sockets.length, left()]") == [2, 1]
        expect(opened.page.locator("html[data-socket='open']")).to_be_attached()


def test_a_line_that_died_without_a_close_is_told_and_made_anew(site: Site, browser: Browser) -> None:
    with connected(site, browser, holds_clock=True) as opened:
        opened.page.evaluate("sockets[0].start()")
        expect(opened.page.locator("html[data-socket='open']")).to_be_attached()

        opened.page.clock.run_for(SILENCE_MS)

        expect(opened.page.locator("[data-notice]")).to_contain_text("Connection lost")
        opened.page.wait_for_function("() => sockets.length >= 2 && left() === 1")


def test_agents_are_not_blamed_for_a_line_that_died(site: Site, browser: Browser) -> None:
    with connected(site, browser, holds_clock=True) as opened:
        open_and_tell(opened.page, live_status(dispatcher="listening", driver="listening"))
        seen = {"type": "seen", "agents": {"dispatcher": 0.5, "driver": 0.5}}
        opened.page.evaluate("(message) => sockets[0].onmessage({ data: JSON.stringify(message) })", seen)
        expect(opened.page.locator("[data-seen]").first).to_have_text("on the line")

        opened.page.clock.run_for(8000)

        assert opened.page.locator("[data-seen]").all_inner_texts() == ["", ""]


def test_a_line_with_nothing_to_tell_is_kept_while_the_server_answers(site: Site, browser: Browser) -> None:
    with connected(site, browser, holds_clock=True) as opened:
        opened.page.evaluate("() => { window.isAnswering = true; sockets[0].start(); }")

        opened.page.clock.run_for(4 * SILENCE_MS)

        assert opened.page.evaluate("sockets.length") == 1
        expect(opened.page.locator("html[data-socket='open']")).to_be_attached()


def test_a_page_that_slept_does_not_take_its_line_for_lost(site: Site, browser: Browser) -> None:
    with connected(site, browser, holds_clock=True) as opened:
        opened.page.evaluate("() => { window.isAnswering = true; sockets[0].start(); }")

        opened.page.clock.fast_forward("01:00:00")
        opened.page.clock.run_for(4 * SILENCE_MS)

        assert opened.page.evaluate("sockets.length") == 1
        expect(opened.page.locator("[data-notice]")).to_have_text("")


def test_a_socket_that_never_opens_is_given_up_for_another_one(site: Site, browser: Browser) -> None:
    with connected(site, browser, holds_clock=True) as opened:
        opened.page.clock.run_for(SILENCE_MS)

        opened.page.wait_for_function("() => sockets.length >= 2 && left() === 1")


def test_a_page_that_hears_nothing_claims_nothing_of_the_call_until_it_hears_again(
    site: Site, browser: Browser
) -> None:
    with connected(site, browser, "live") as opened:
        stage, driver = opened.page.locator(".stage"), opened.page.locator("[data-side=driver] [data-state-badge]")
        opened.page.evaluate("sockets[0].start()")
        expect(driver).to_have_text("Speaking")

        opened.page.evaluate("sockets[0].finish(1006)")

        expect(stage).to_contain_text("Connection lost")
        expect(driver).to_have_text("Not known")
        expect(opened.page.locator("[data-status-badge]")).to_have_text("Not known")
        opened.page.wait_for_function("() => window.sockets.length === 2")
        opened.page.evaluate("sockets[1].start()")
        expect(stage).to_contain_text("Chris has the floor")
        expect(opened.page.locator("[data-status-badge]")).to_have_text("Live")
