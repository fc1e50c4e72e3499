"""A way to LiveKit at another name and port than its own, which is shut at first and can be shut again."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Forwarder(socketserver.ThreadingTCPServer):
    """Passes every connection on to a port, once it is opened, and counts them."""

    daemon_threads = True
    connections = 0
    _target_port = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Forward)
        self._is_open = threading.Event()

    def open(self, target_port: int) -> None:
        """Let connections through to this port, those that wait already too."""
        self._target_port = target_port
        self._is_open.set()

    def shut(self) -> None:
        """Let new connections wait; those that there are go on."""
        self._is_open.clear()

    def wait_for_target(self) -> int:
        """Wait until it is open; give the port."""
        self._is_open.wait()
        return self._target_port

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class _Forward(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Forwarder)
        self.server.connections += 1
        target_port = self.server.wait_for_target()
        with suppress(OSError), socket.create_connection(("127.0.0.1", target_port)) as target:
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
    """Run one, shut at first, in a thread."""
    with Forwarder() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
