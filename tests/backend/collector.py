"""A collector of traces on loopback: takes OTLP over HTTP and decodes it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True)
class TakenSpan:
    """A span as the collector understood it."""

    span: Span

    @property
    def trace_id(self) -> str:
        return self.span.trace_id.hex()

    @property
    def id(self) -> str:
        return self.span.span_id.hex()

    @property
    def parent_id(self) -> str:
        return self.span.parent_span_id.hex()

    @property
    def attributes(self) -> Mapping[str, object]:
        return {pair.key: _read(pair.value) for pair in self.span.attributes}

    @property
    def started_at(self) -> datetime:
        return datetime.fromtimestamp(self.span.start_time_unix_nano / 1e9, tz=UTC)

    @property
    def seconds(self) -> float:
        return (self.span.end_time_unix_nano - self.span.start_time_unix_nano) / 1e9


@dataclass
class Collector:
    """What was sent, and what it is answered with."""

    url: str = ""
    status: int = 200
    paths: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    requests: list[list[TakenSpan]] = field(default_factory=list)

    def take(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        self.paths.append(path)
        self.headers.append({name.lower(): value for name, value in headers.items()})
        if self.status == 200:
            sent = ExportTraceServiceRequest.FromString(body)
            scopes = [scope for resource in sent.resource_spans for scope in resource.scope_spans]
            self.requests.append([TakenSpan(span) for scope in scopes for span in scope.spans])
        return self.status

    def span(self, name: str) -> TakenSpan:
        return next(span for span in self.requests[-1] if span.span.name == name)


@contextmanager
def collect() -> Iterator[Collector]:
    """Run a collector."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(collector.take(self.path, dict(self.headers), body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name)
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield collector
        server.shutdown()
        thread.join()


def _read(value: AnyValue) -> object:
    return getattr(value, value.WhichOneof("value") or "string_value")
