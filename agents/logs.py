"""Log lines of the agents: a fixed message with known fields, and nothing that was spoken."""

import logging
import re

from agents.config import read_secrets
from agents.known_noise import calm, cut_traceback, tell_traceback_once

# livekit-agents attaches jobs, events and texts to its records; only these fields are written.
FIELDS = (
    "conversation_id",
    "role",
    "agent_name",
    "job_id",
    "pid",
    "state",
    "reason",
    "error",
    "status",
    "waiting",
    "pending",
    "seconds",
    "retry_count",
)
MAX_FIELD = 200  # characters
_SECRET_SHAPES = re.compile(r"sk-[\w*-]{4,}|eyJ[\w-]+\.[\w-]+\.[\w-]+|access_token=[^&\s]+")


class FieldFormatter(logging.Formatter):
    """Append the known fields of a record as `key=value`; whatever looks like a key is masked."""

    def __init__(self, fmt: str, *, secrets: frozenset[str] = frozenset()) -> None:
        super().__init__(fmt)
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, its fields and, for failures, the traceback."""
        if record.levelno < logging.ERROR:
            cut_traceback(record)  # a warning says what; only errors say where
        tell_traceback_once(record)
        text = super().format(record)
        fields = [f"{name}={_render(value)}" for name in FIELDS if (value := getattr(record, name, None)) is not None]
        head, _, tail = text.partition("\n")
        return self._mask("\n".join(part for part in (" ".join([head, *fields]), tail) if part))

    def _mask(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return _SECRET_SHAPES.sub("***", line)


class KnownNoise(logging.Filter):
    """Leave out what is no news: an utterance without a transcription is reported as an event."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether the record is news; what is taken care of becomes one plain line."""
        calm(record)
        return "failed to transcribe input audio" not in record.getMessage()


def configure_logging(level: int = logging.INFO) -> None:
    """Take over the root logger: without the SDK's command line nobody else sets it up."""
    handler = logging.StreamHandler()
    handler.setFormatter(FieldFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s", secrets=read_secrets()))
    handler.addFilter(KnownNoise())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Below INFO livekit-agents writes what was said; `livekit` alone is the native part, which is talkative.
    logging.getLogger("livekit").setLevel(logging.ERROR)
    for name in ("livekit.agents", "livekit.plugins"):
        logging.getLogger(name).setLevel(max(level, logging.INFO))
    for name in ("asyncio", "aiohttp.access", "httpx", "openai"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _render(value: object) -> str:
    text = str(value).replace("\n", " ")
    return text if len(text) <= MAX_FIELD else text[:MAX_FIELD] + "…"
