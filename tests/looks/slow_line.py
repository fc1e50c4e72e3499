"""A line on which a page arrives in two parts, with all the time in between that a browser needs to draw the first."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

LIMIT_S = 20


@dataclass
class SlowLine:
    """Where the web side is, where the line begins, and at which text a page is cut."""

    upstream: str
    cut: bytes
    url: str = ""
    rest: threading.Event = field(default_factory=threading.Event)


@contextmanager
def slow_line(upstream: str, cut: str) -> Iterator[SlowLine]:
    """Pass requests on; the answer that has the text `cut` waits there until `rest` is set."""
    line = SlowLine(upstream, cut.encode())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _pass_on(self, line)

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        line.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield line
        finally:
            line.rest.set()
            server.shutdown()


def _pass_on(handler: BaseHTTPRequestHandler, line: SlowLine) -> None:
    host = urlsplit(line.upstream).netloc
    connection = http.client.HTTPConnection(host, timeout=LIMIT_S)
    connection.request("GET", handler.path, headers={"Host": host, "Cookie": handler.headers.get("Cookie", "")})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.headers["Content-Type"])
    handler.end_headers()
    first, cut, second = body.partition(line.cut)
    handler.wfile.write(first + cut)
    if cut:
        line.rest.wait(LIMIT_S)
        handler.wfile.write(second)
