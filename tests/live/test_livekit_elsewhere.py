"""LiveKit at another name and another port than its own: pages connect there and hear."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.live.browser import chromium, listener
from tests.live.stack import ALL_PARTS, SHORT_SCENARIO, Stack

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]


class Forwarder(socketserver.ThreadingTCPServer):
    """Passes every connection on to a port that is told later, and counts them."""

    daemon_threads = True
    target_port = 0
    connections = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class _Forward(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Forwarder)
        self.server.connections += 1
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.server.target_port)) as target:
            back = threading.Thread(target=_pump, args=(target, self.request), daemon=True)
            back.start()
            _pump(self.request, target)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def forwarder() -> Iterator[Forwarder]:
    with Forwarder(("127.0.0.1", 0), _Forward) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


@pytest.fixture
def server() -> Iterator[Forwarder]:
    with forwarder() as running:
        yield running


@pytest.fixture
def stack_elsewhere(tmp_path: Path, prepared: Stack, server: Forwarder) -> Iterator[Stack]:
    stack = Stack(tmp_path, LIVEKIT_URL=f"ws://localhost:{server.port}")
    server.target_port = stack.ports.media
    with stack.running(prepared, *ALL_PARTS) as running:
        yield running


def test_a_page_hears_a_call_through_a_livekit_at_another_name_and_port(
    stack_elsewhere: Stack, server: Forwarder
) -> None:
    with chromium() as browser, listener(browser, stack_elsewhere) as opened:
        sockets = list[str]()
        opened.page.on("websocket", lambda one: sockets.append(one.url))
        call = stack_elsewhere.api.create(SHORT_SCENARIO)
        before = server.connections
        opened.page.goto(f"{stack_elsewhere.web_url}/conversations/{call}/")

        expect(opened.page.locator("html[data-room='connected']")).to_be_attached(timeout=30_000)
        opened.page.wait_for_function(
            "() => new Set((window.heardSamples ?? []).filter(row => row[2] > 0.001).map(row => row[0])).size === 2",
            timeout=60_000,
        )
        stack_elsewhere.api.post(f"conversations/{call}/end")
        stack_elsewhere.api.wait_for_end(call)

        assert any(address.startswith(f"ws://localhost:{server.port}/rtc") for address in sockets), sockets
        assert server.connections > before
        assert opened.problems == []
