"""Every environment variable that the agents read, in one place."""

import os
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

from dispatchsim.domain.conversation import VoiceProvider

# What job processes must never see: they get LiveKit's and the model's keys and their brief.
WITHHELD_FROM_JOBS = (
    "SECRET_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "DISPATCHSIM_API_TOKEN",
    "DISPATCHSIM_AGENTS_KEY",
    "LANGFUSE_PUBLIC_KEY",
    "LANGFUSE_SECRET_KEY",
    "OTEL_EXPORTER_OTLP_HEADERS",
)


# Values that must never be written down; logs mask them.
SECRETS = ("OPENAI_API_KEY", "REHEARSAL_API_KEY", "LIVEKIT_API_SECRET", "DISPATCHSIM_AGENTS_KEY")


class ConfigError(Exception):
    """A variable is missing or cannot be used; the message names it and says what to do."""


@dataclass(frozen=True)
class ServerConfig:
    """What an agent server needs to register with LiveKit and with the web side."""

    livekit_url: str
    livekit_api_key: str
    livekit_api_secret: str = field(repr=False)
    web_url: str
    agents_key: str = field(repr=False)
    drain_s: float


@dataclass(frozen=True)
class VoiceEndpoint:
    """Where one voice provider is reached."""

    base_url: str
    api_key: str = field(repr=False)


def read_server_config(environ: Mapping[str, str] = os.environ) -> ServerConfig:
    """Read what the server needs; raise ConfigError for what is missing."""
    port = _read_port(environ)
    return ServerConfig(
        livekit_url=environ.get("LIVEKIT_URL") or f"ws://127.0.0.1:{port + 1}",
        livekit_api_key=environ.get("LIVEKIT_API_KEY") or "dispatchsim",
        livekit_api_secret=_require(environ, "LIVEKIT_API_SECRET"),
        web_url=(environ.get("DISPATCHSIM_WEB_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        agents_key=_require(environ, "DISPATCHSIM_AGENTS_KEY"),
        drain_s=_read_seconds(environ, "DISPATCHSIM_DRAIN_S", default=30.0),
    )


def read_voice_endpoint(provider: VoiceProvider, environ: Mapping[str, str] = os.environ) -> VoiceEndpoint:
    """Read address and key of one voice provider; raise ConfigError for a missing key."""
    if provider is VoiceProvider.OPENAI:
        base_url = environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
        return VoiceEndpoint(base_url=base_url, api_key=_require(environ, "OPENAI_API_KEY"))
    base_url = environ.get("REHEARSAL_URL") or f"http://127.0.0.1:{_read_port(environ) + 3}/v1"
    return VoiceEndpoint(base_url=base_url, api_key=_require(environ, "REHEARSAL_API_KEY"))


def read_data_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Read where this installation keeps its data; None when the agents were not told."""
    value = environ.get("DISPATCHSIM_DATA_DIR")
    return Path(value).resolve() if value else None


def read_secrets(environ: Mapping[str, str] = os.environ) -> frozenset[str]:
    """Return the values that logs must mask."""
    return frozenset(value for name in SECRETS if (value := environ.get(name)))


def prepare_job_environment(environ: MutableMapping[str, str] = os.environ) -> None:
    """Take out what jobs must not see and set what keeps them small; call after reading the config."""
    for name in WITHHELD_FROM_JOBS:
        environ.pop(name, None)
    # Local voice activity and end-of-turn models are not used here and cost 250 MB.
    environ.setdefault("LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE", "0")


def _require(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise ConfigError(
            f"{name} is not set. `manage.py up` makes it; started by hand, it must be in the environment."
        )
    return value


def _read_port(environ: Mapping[str, str]) -> int:
    value = environ.get("PORT") or "8000"
    if not value.isdigit():
        raise ConfigError(f"PORT is {value!r}, not a number.")
    return int(value)


def _read_seconds(environ: Mapping[str, str], name: str, *, default: float) -> float:
    value = environ.get(name) or str(default)
    try:
        return max(0.0, float(value))
    except ValueError as error:
        raise ConfigError(f"{name} is {value!r}, not a number of seconds.") from error
