"""Traces for Langfuse or any OTLP collector: spans that were measured already, sent in one request.

Nothing of OpenTelemetry is imported before there is something to send.
"""

import base64
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext

TIMEOUT_S = 10.0
_LANGFUSE_PATH = "/api/public/otel/v1/traces"
_OTLP_PATH = "/v1/traces"
# What an operator sets for the OTLP endpoint may hold its key: it must not go to Langfuse as well.
_OTLP_HEADERS = ("OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS")

AttributeValue = str | bool | int | float


@dataclass(frozen=True)
class Destination:
    """One place that takes traces; `headers` may hold a key."""

    name: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    takes_otlp_headers: bool = False


@dataclass(frozen=True)
class SpanRecord:
    """One span of a trace; `key` names it within the trace, so that sending it again changes nothing."""

    key: str
    name: str
    started_at: datetime
    ended_at: datetime
    parent_key: str | None = None
    attributes: Mapping[str, AttributeValue | None] = field(default_factory=dict)  # None: left out
    error: str | None = None  # why it failed


def langfuse(*, host: str, public_key: str, secret_key: str) -> Destination:
    """Address Langfuse's OTLP endpoint."""
    credentials = base64.b64encode(f"{public_key}:{secret_key}".encode()).decode()
    return Destination("langfuse", f"{host.rstrip('/')}{_LANGFUSE_PATH}", {"Authorization": f"Basic {credentials}"})


def otlp(endpoint: str) -> Destination:
    """Address a collector by its base URL."""
    return Destination("otlp", f"{endpoint.rstrip('/')}{_OTLP_PATH}", takes_otlp_headers=True)


def send_trace(destination: Destination, *, trace_id: UUID, spans: Sequence[SpanRecord]) -> bool:
    """Send one trace; False when it was not taken."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import SpanExportResult  # noqa: PLC0415

    with _only_headers_of(destination):
        exporter = OTLPSpanExporter(endpoint=destination.url, headers=destination.headers, timeout=TIMEOUT_S)
    try:
        return exporter.export(_build_spans(trace_id, spans)) is SpanExportResult.SUCCESS
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call]


def _build_spans(trace_id: UUID, spans: Sequence[SpanRecord]) -> "list[ReadableSpan]":
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import ReadableSpan  # noqa: PLC0415
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope  # noqa: PLC0415
    from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415

    resource, scope = Resource.create({"service.name": "dispatchsim"}), InstrumentationScope("dispatchsim")
    return [
        ReadableSpan(
            name=span.name,
            context=_build_context(trace_id, span.key),
            parent=None if span.parent_key is None else _build_context(trace_id, span.parent_key),
            resource=resource,
            instrumentation_scope=scope,
            attributes={name: value for name, value in span.attributes.items() if value is not None},
            status=Status(StatusCode.UNSET) if span.error is None else Status(StatusCode.ERROR, span.error),
            start_time=_nanoseconds(span.started_at),
            end_time=_nanoseconds(max(span.started_at, span.ended_at)),
        )
        for span in spans
    ]


def _build_context(trace_id: UUID, key: str) -> "SpanContext":
    from opentelemetry.trace import SpanContext, TraceFlags  # noqa: PLC0415

    span_id = hashlib.blake2b(key.encode(), key=trace_id.bytes, digest_size=8).digest()
    flags = TraceFlags(TraceFlags.SAMPLED)
    return SpanContext(trace_id.int, int.from_bytes(span_id, "big"), is_remote=False, trace_flags=flags)


def _nanoseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000) * 1000


@contextmanager
def _only_headers_of(destination: Destination) -> Iterator[None]:
    """Hide the OTLP endpoint's headers from the exporter, which reads them for any endpoint."""
    hidden = {} if destination.takes_otlp_headers else {name: os.environ.pop(name, None) for name in _OTLP_HEADERS}
    try:
        yield
    finally:
        os.environ.update({name: value for name, value in hidden.items() if value is not None})
