"""LiveKit at another name and another port than its own: pages connect there, hear, and find it again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.live.browser import listener
from tests.live.forwarder import Forwarder, forwarder
from tests.live.stack import LONG_SHEET, Stack


@pytest.fixture
def server(stack: Stack) -> Iterator[Forwarder]:
    with forwarder() as running:
        running.open(stack.ports.media)
        yield running


@pytest.fixture
def web_elsewhere(tmp_path: Path, stack: Stack, server: Forwarder) -> Iterator[Stack]:
    """A second web part of the shared stack that knows LiveKit by another name and port."""
    shared = {"DISPATCHSIM_DATA_DIR": stack.environ["DISPATCHSIM_DATA_DIR"], "REHEARSAL_URL": stack.rehearsal_url}
    web = Stack(tmp_path, LIVEKIT_URL=f"ws://localhost:{server.port}", **shared)
    try:
        web.start("web")
        web.wait_ready()
        yield web
    finally:
        web.close()


HEARS_BOTH = """(since) => new Set(
  window.heardSamples.filter(([, at, energy]) => at > since && energy > 0.001).map(([side]) => side)
).size === 2"""
LOST = "Sound lost. Reconnecting…"
BACK_MS = 30_000


def _wait_to_hear(page: Page) -> None:
    """Wait until both voices come from now on."""
    page.wait_for_function(HEARS_BOTH, arg=page.evaluate("Date.now() / 1000"), timeout=60_000)


def test_a_page_hears_a_call_through_a_livekit_at_another_name_and_port_and_finds_it_again(
    stack: Stack, web_elsewhere: Stack, server: Forwarder, browser: Browser
) -> None:
    with listener(browser, web_elsewhere) as opened:
        page, sockets = opened.page, list[str]()
        page.on("websocket", lambda one: sockets.append(one.url))
        call = web_elsewhere.api.create({"opener": "driver", "load_sheet": LONG_SHEET})
        page.goto(f"{web_elsewhere.web_url}/conversations/{call}/")
        page.evaluate("window.isSamePage = true")
        lost = page.get_by_text(LOST)

        expect(page.locator("html[data-room='connected']")).to_be_attached(timeout=BACK_MS)
        _wait_to_hear(page)
        through_there = [address for address in sockets if address.startswith(f"ws://localhost:{server.port}/rtc")]
        problems = list(opened.problems)

        server.shut()
        shown_out = stack.show_observers_out(call)
        expect(page.locator("html[data-room='connecting']")).to_be_attached(timeout=BACK_MS)
        expect(lost).to_be_visible()  # as long as it lasts
        server.open(stack.ports.media)
        expect(lost).to_be_hidden(timeout=BACK_MS)
        _wait_to_hear(page)
        web_elsewhere.api.post(f"conversations/{call}/end")
        web_elsewhere.api.wait_for_end(call)

        assert through_there, sockets
        assert problems == []
        assert shown_out == 1
        assert page.evaluate("window.isSamePage") is True
