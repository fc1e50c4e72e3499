"""Log lines: a fixed message with the facts in fields, and nothing that must stay secret."""

import logging
import re
import sys
from collections.abc import Callable

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_FIELDS = frozenset({"token", "access_token", "authorization", "cookie", "password", "secret", "api_key", "key"})
# Paths and query strings that carry a credential: sign-in links and LiveKit's signal URL.
_SECRET_PARTS = (
    re.compile(r"(?<=/sign-in/)[A-Za-z0-9_\-]{8,}"),
    re.compile(r"(?<=[?&]access_token=)[^&\s\"']+"),
    re.compile(r"(?<=[Bb]earer )[A-Za-z0-9._~+/=\-]+"),
    re.compile(r"\beyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*"),  # a JWT: LiveKit logs those that it refuses
)
HIDDEN = "[hidden]"


def hide_secrets(_logger: WrappedLogger, _method: str, event_dict: EventDict) -> EventDict:
    """Blank out fields and parts of text that carry a credential."""
    for name, value in event_dict.items():
        if name in _SECRET_FIELDS:
            event_dict[name] = HIDDEN
        elif isinstance(value, str):
            event_dict[name] = hide_parts(value)
    return event_dict


def hide_parts(text: str) -> str:
    """Blank out what carries a credential in a text, as a line of another program."""
    for pattern in _SECRET_PARTS:
        text = pattern.sub(HIDDEN, text)
    return text


def has_traceback(record: logging.LogRecord) -> bool:
    """Let a record pass that tells where something broke; the status alone is told elsewhere."""
    return record.exc_info is not None


def build_traceback_filter() -> Callable[[logging.LogRecord], bool]:
    """Build the filter of Django's own request log."""
    return has_traceback


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
STRUCTLOG_PROCESSORS: list[Processor] = [
    structlog.stdlib.filter_by_level,
    *_SHARED,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]


def build_formatter() -> logging.Formatter:
    """Build the one formatter of all handlers: colours on a terminal, `key=value` lines elsewhere."""
    is_terminal = sys.stderr.isatty()
    renderer: Processor = (
        structlog.dev.ConsoleRenderer()
        if is_terminal
        else structlog.processors.LogfmtRenderer(
            key_order=["timestamp", "level", "event", "logger"], bool_as_flag=False
        )
    )
    tail = [renderer] if is_terminal else [structlog.processors.format_exc_info, renderer]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, hide_secrets, *tail],
    )
