"""LiveKit at another name and another port than its own: pages connect there and hear."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.live.browser import listener
from tests.live.forwarder import Forwarder, forwarder
from tests.live.stack import SHORT_SCENARIO, Stack


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


def test_a_page_hears_a_call_through_a_livekit_at_another_name_and_port(
    web_elsewhere: Stack, server: Forwarder, browser: Browser
) -> None:
    with listener(browser, web_elsewhere) as opened:
        sockets = list[str]()
        opened.page.on("websocket", lambda one: sockets.append(one.url))
        call = web_elsewhere.api.create(SHORT_SCENARIO)
        before = server.connections
        opened.page.goto(f"{web_elsewhere.web_url}/conversations/{call}/")

        expect(opened.page.locator("html[data-room='connected']")).to_be_attached(timeout=30_000)
        opened.page.wait_for_function(
            "() => new Set((window.heardSamples ?? []).filter(row => row[2] > 0.001).map(row => row[0])).size === 2",
            timeout=60_000,
        )
        web_elsewhere.api.post(f"conversations/{call}/end")
        web_elsewhere.api.wait_for_end(call)

        assert any(address.startswith(f"ws://localhost:{server.port}/rtc") for address in sockets), sockets
        assert server.connections > before
        assert opened.problems == []
