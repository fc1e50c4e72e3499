"""System checks: wrong or contradictory settings are told at start, each with an id and a way out.

E001 secret key        E005 LiveKit secret     E009 ports           W101 debug in the open
E002 web address       E006 calls at once      E010 SQLite folder   W102 address and hosts
E003 LiveKit address   E007 drain time         E011 agents' key     W103 API token
E004 voice addresses   E008 voice model's key   E012 budgets       W201 SQLite's WAL bug (database tag)
E013 trace addresses   E014 Langfuse's keys
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  (Django's own name)
from django.core.exceptions import ImproperlyConfigured

MIN_SECRET_BYTES = 32  # below this, JWT's HMAC is weaker than its hash
MAX_BASE_PORT = 65_535 - 3  # media and rehearsal take the three ports after it
SQLITE_WITHOUT_WAL_BUG = (3, 51, 3)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1", ".localhost"})


@register(Tags.security)
def check_secrets(**_context: object) -> list[CheckMessage]:
    """Refuse secrets that are missing or short."""
    found: list[CheckMessage] = []
    start = "Start with `make run`, which makes it, or set it to 32 random bytes or more."
    if len(_secret_key().encode()) < MIN_SECRET_BYTES:
        found.append(Error("SECRET_KEY is missing or shorter than 32 bytes.", hint=start, id="dispatchsim.E001"))
    if len(settings.LIVEKIT_API_SECRET.encode()) < MIN_SECRET_BYTES:
        hint = f"{start} It must be the secret of the LiveKit server at LIVEKIT_URL."
        found.append(Error("LIVEKIT_API_SECRET is missing or shorter than 32 bytes.", hint=hint, id="dispatchsim.E005"))
    if len(settings.DISPATCHSIM_AGENTS_KEY.encode()) < MIN_SECRET_BYTES:
        found.append(
            Error("DISPATCHSIM_AGENTS_KEY is missing or shorter than 32 bytes.", hint=start, id="dispatchsim.E011")
        )
    token = settings.DISPATCHSIM_API_TOKEN
    if token and len(token.encode()) < MIN_SECRET_BYTES:
        hint = "Use 32 random bytes or more: whoever guesses it can launch calls."
        found.append(Warning("DISPATCHSIM_API_TOKEN is shorter than 32 bytes.", hint=hint, id="dispatchsim.W103"))
    return found


def _secret_key() -> str:
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django's answer to an empty one
        return ""


@register()
def check_addresses(**_context: object) -> list[CheckMessage]:
    """Refuse addresses that the part behind them cannot have."""
    return [
        *_check_url("DISPATCHSIM_WEB_URL", ("http", "https"), "as in `http://127.0.0.1:8000`", "dispatchsim.E002"),
        *_check_url("LIVEKIT_URL", ("ws", "wss", "http", "https"), "as in `ws://127.0.0.1:8001`", "dispatchsim.E003"),
        *_check_url("OPENAI_BASE_URL", ("http", "https"), "as in `https://api.openai.com/v1`", "dispatchsim.E004"),
        *_check_url("LANGFUSE_HOST", ("http", "https"), "as in `https://cloud.langfuse.com`", "dispatchsim.E013"),
        *_check_collector(),
        *_check_url("REHEARSAL_URL", ("http", "https"), "as in `http://127.0.0.1:8003/v1`", "dispatchsim.E004"),
    ]


def _check_collector() -> Iterator[CheckMessage]:
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        example = "as in `http://127.0.0.1:4318`"
        yield from _check_url("OTEL_EXPORTER_OTLP_ENDPOINT", ("http", "https"), example, "dispatchsim.E013")


def _check_url(name: str, schemes: tuple[str, ...], example: str, check_id: str) -> Iterator[CheckMessage]:
    value = getattr(settings, name)
    try:
        parts = urlsplit(value)
        is_fine = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_fine = False
    if not is_fine:
        yield Error(
            f"{name} is {value!r}, which is no address that starts with {' or '.join(f'{s}://' for s in schemes)}.",
            hint=f"Write scheme, host and port, {example}.",
            id=check_id,
        )


@register()
def check_limits(**_context: object) -> list[CheckMessage]:
    """Refuse numbers with which no call can run."""
    found: list[CheckMessage] = []
    if settings.MAX_CALLS < 1:
        hint = "It is how many calls may run at once; 1 is the least, 8 the default."
        found.append(Error(f"DISPATCHSIM_MAX_CALLS is {settings.MAX_CALLS}.", hint=hint, id="dispatchsim.E006"))
    if settings.DRAIN_S < 0:
        hint = "It is how many seconds running calls may take when the system is told to stop; 0 ends them at once."
        found.append(Error(f"DISPATCHSIM_DRAIN_S is {settings.DRAIN_S}.", hint=hint, id="dispatchsim.E007"))
    if not 1 <= settings.PORT <= MAX_BASE_PORT:
        hint = f"Take one from 1 to {MAX_BASE_PORT}: the three ports after it are used as well."
        found.append(Error(f"PORT is {settings.PORT}.", hint=hint, id="dispatchsim.E009"))
    return found


@register()
def check_budgets(**_context: object) -> list[CheckMessage]:
    """Refuse budgets that are no sum of money, or with which no call could be launched."""
    call, day = settings.CALL_BUDGET_USD, settings.DAY_BUDGET_USD
    found: list[CheckMessage] = []
    for name, amount in (("DISPATCHSIM_CALL_BUDGET_USD", call), ("DISPATCHSIM_DAY_BUDGET_USD", day)):
        if amount is not None and amount <= 0:
            hint = "Write US dollars above 0, as in `2.50`, or unset it for no limit."
            found.append(Error(f"{name} is no sum of money that can be spent.", hint=hint, id="dispatchsim.E012"))
    if not found and call is not None and day is not None and call > day:
        hint = "A call sets its whole budget aside: raise the day's budget, or lower that of a call."
        found.append(
            Error("DISPATCHSIM_CALL_BUDGET_USD is above DISPATCHSIM_DAY_BUDGET_USD.", hint=hint, id="dispatchsim.E012")
        )
    return found


@register()
def check_tracing(**_context: object) -> list[CheckMessage]:
    """Refuse half of Langfuse's keys: who set one wants traces."""
    if bool(settings.LANGFUSE_PUBLIC_KEY) == bool(settings.LANGFUSE_SECRET_KEY):
        return []
    missing = "LANGFUSE_SECRET_KEY" if settings.LANGFUSE_PUBLIC_KEY else "LANGFUSE_PUBLIC_KEY"
    hint = "Set both keys of the Langfuse project, or neither for no traces."
    return [Error(f"{missing} is missing beside its other half.", hint=hint, id="dispatchsim.E014")]


@register()
def check_voice_model(**_context: object) -> list[CheckMessage]:
    """Refuse a system in which nobody could speak."""
    if settings.OPENAI_API_KEY or settings.REHEARSAL_API_KEY:
        return []
    return [
        Error(
            "Neither OPENAI_API_KEY nor REHEARSAL_API_KEY is set, so no voice model can be used.",
            hint="Start with `make run`, which makes the rehearsal key, or set OPENAI_API_KEY.",
            id="dispatchsim.E008",
        )
    ]


@register(Tags.security)
def check_exposure(**_context: object) -> list[CheckMessage]:
    """Warn of settings that contradict each other about who can reach the system."""
    found: list[CheckMessage] = []
    outside = [host for host in settings.ALLOWED_HOSTS if host not in LOOPBACK]
    if settings.DEBUG and outside:
        hint = "Unset DEBUG, or leave only localhost in ALLOWED_HOSTS: error pages show settings and code."
        found.append(Warning(f"DEBUG is on for {', '.join(outside)}.", hint=hint, id="dispatchsim.W101"))
    host = _host_of(settings.DISPATCHSIM_WEB_URL)
    if host and not _is_allowed(host):
        hint = f"Add {host} to ALLOWED_HOSTS, or agents that report there and people are refused."
        found.append(
            Warning("The host of DISPATCHSIM_WEB_URL is not in ALLOWED_HOSTS.", hint=hint, id="dispatchsim.W102")
        )
    return found


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # E002 tells of it
        return ""


def _is_allowed(host: str) -> bool:
    """Compare as Django does: exact, `*`, or a leading dot for subdomains."""
    for allowed in settings.ALLOWED_HOSTS:
        pattern = allowed.lower().strip("[]")
        if pattern in ("*", host) or (pattern.startswith(".") and (host.endswith(pattern) or host == pattern[1:])):
            return True
    return False


@register()
def check_data_folder(**_context: object) -> list[CheckMessage]:
    """Refuse a data folder that cannot be written."""
    folder: Path = settings.DISPATCHSIM_DATA_DIR
    nearest = next((path for path in (folder, *folder.parents) if path.exists()), Path("/"))
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"The data folder {folder} cannot be written.",
            hint="Set DISPATCHSIM_DATA_DIR to a folder of your own, or give this one to the user who runs the system.",
            id="dispatchsim.E010",
        )
    ]


@register(Tags.database)
def check_sqlite(*, databases: Sequence[str] | None = None, **_context: object) -> list[CheckMessage]:
    """Warn, where databases are checked, of SQLite before 3.51.3: its WAL can, rarely, corrupt a database."""
    is_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if not databases or not is_sqlite or sqlite3.sqlite_version_info >= SQLITE_WITHOUT_WAL_BUG:
        return []
    return [
        Warning(
            f"SQLite {sqlite3.sqlite_version} has a rare bug that can corrupt a database in WAL mode.",
            hint="Python with SQLite 3.51.3 or newer is free of it; or use Postgres by DATABASE_URL. Keep backups.",
            id="dispatchsim.W201",
        )
    ]
