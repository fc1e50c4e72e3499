"""Secrets of an installation: made at first start, kept in the data folder, mode 0600."""

import os
import secrets
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from dispatchsim.bootstrap.paths import data_dir

NAMES = ("SECRET_KEY", "LIVEKIT_API_SECRET", "REHEARSAL_API_KEY", "DISPATCHSIM_AGENTS_KEY")
LENGTH_BYTES = 48  # 64 characters; JWT libraries warn below 32 bytes, Django below 50 characters


def secrets_file(environ: Mapping[str, str]) -> Path:
    """Tell where the secrets of this environment's data folder are kept."""
    return data_dir(environ) / "secrets.env"


def read_secrets(path: Path) -> dict[str, str]:
    """Read `NAME=value` lines; an absent file holds nothing."""
    if not path.is_file():
        return {}
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() in NAMES and value.strip()}


def load(environ: MutableMapping[str, str] | None = None) -> None:
    """Put kept secrets into the environment; what is set there already wins."""
    environ = os.environ if environ is None else environ
    for name, value in read_secrets(secrets_file(environ)).items():
        if not environ.get(name):
            environ[name] = value


def explain_unprepared(environ: Mapping[str, str]) -> str:
    """Say in a line that this environment has no prepared data folder, and what to do; empty where it has one."""
    if secrets_file(environ).is_file() or environ.get("SECRET_KEY"):
        return ""
    return (
        f"Nothing is set up in {data_dir(environ)}: start with `make run`, "
        "or set DISPATCHSIM_DATA_DIR (and PORT) to those of the system that you mean."
    )


def prepare(environ: MutableMapping[str, str] | None = None) -> Path:
    """Make the secrets that are missing, keep them, and load them. Returns the file."""
    environ = os.environ if environ is None else environ
    path = secrets_file(environ)
    path.parent.mkdir(parents=True, exist_ok=True)
    known = read_secrets(path)
    missing = [name for name in NAMES if name not in known]
    if missing:
        _write(path, known | {name: secrets.token_urlsafe(LENGTH_BYTES) for name in missing})
    path.chmod(0o600)
    load(environ)
    return path


def _write(path: Path, values: Mapping[str, str]) -> None:
    """Replace the file in one step: a crash leaves the old one or the new one, never half."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={values[name]}\n" for name in NAMES if name in values)
    draft.replace(path)
