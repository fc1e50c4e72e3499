"""The parts of a stack: what is started, with which environment, and in which order it stops."""

import os
import signal
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dispatchsim.bootstrap.ports import LOOPBACK, Ports
from dispatchsim.management.leftovers import RUN_ID
from dispatchsim.management.processes import Part, StopPlan, StopStage

# What a program needs to run at all. Parts that hold no secret get this and what is theirs.
PLAIN = ("HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "TMPDIR", "TZ", "USER", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
# Agents never touch the database and never act for an operator.
WITHHELD_FROM_AGENTS = (
    *("DATABASE_URL", "REDIS_URL", "DISPATCHSIM_API_TOKEN"),
    *("LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY", "OTEL_EXPORTER_OTLP_HEADERS"),
)
DRAIN_GRACE_S = 10.0  # after a drain: what still runs is ended, sessions close, last reports are sent


@dataclass(frozen=True)
class Stack:
    """Where a stack runs and with what."""

    root: Path
    python: Path
    ports: Ports
    media_server: Path | None  # None: LIVEKIT_URL names one that runs elsewhere
    media_config: Path
    environ: Mapping[str, str]
    run_id: str


def new_run_id() -> str:
    """Make the mark that tells processes of this run from all others."""
    return uuid.uuid4().hex


def build_parts(stack: Stack) -> tuple[Part, ...]:
    """List the parts in the order in which they are started."""
    parts = [_media(stack), _rehearsal(stack), _web(stack), _manage(stack, "agents", "run_agents")]
    return tuple(part for part in (*parts, _manage(stack, "supervisor", "supervise")) if part)


def build_stop_plan() -> StopPlan:
    """Stop within 15 s. The supervisor ends the calls while agents and rooms are still there to be told.

    supervisor 5 s ─► agents 4 s ─► web, rehearsal, media 3 s, then whatever stayed is killed
    """
    return (
        StopStage(("supervisor",), signal.SIGINT, 5.0),
        StopStage(("agents",), signal.SIGINT, 4.0),
        StopStage(("web", "rehearsal", "media"), signal.SIGTERM, 3.0),
    )


def build_drain_plan(drain_s: float) -> StopPlan:
    """Let calls end by themselves for up to `drain_s`, with everything that they need still up; then stop.

    The supervisor is told first: what waits in the queue must not be started for agent servers that take nothing more.
    """
    return (StopStage(("supervisor", "agents"), signal.SIGTERM, drain_s + DRAIN_GRACE_S), *build_stop_plan())


def _web(stack: Stack) -> Part:
    command = [str(stack.python), "-m", "daphne", "-b", LOOPBACK, "-p", str(stack.ports.web), "-v", "0"]
    command += ["--no-server-name", "--application-close-timeout", "2", "dispatchsim.asgi:application"]
    return Part("web", command, _full(stack), stack.root)


def _media(stack: Stack) -> Part | None:
    if stack.media_server is None:
        return None
    command = [str(stack.media_server), "--config", str(stack.media_config)]
    return Part("media", command, _plain(stack), stack.root)


def _rehearsal(stack: Stack) -> Part | None:
    if stack.environ.get("REHEARSAL_URL"):
        return None
    command = [str(stack.python), "-m", "rehearsal", "--host", LOOPBACK, "--port", str(stack.ports.rehearsal)]
    key = {"REHEARSAL_API_KEY": stack.environ.get("REHEARSAL_API_KEY", "")}
    return Part("rehearsal", command, _plain(stack) | key, stack.root)


def _manage(stack: Stack, name: str, verb: str) -> Part:
    withheld = WITHHELD_FROM_AGENTS if name == "agents" else ()
    environ = {key: value for key, value in _full(stack).items() if key not in withheld}
    return Part(name, [str(stack.python), "manage.py", verb], environ, stack.root)


def _full(stack: Stack) -> dict[str, str]:
    return dict(stack.environ) | _common(stack)


def _plain(stack: Stack) -> dict[str, str]:
    return {name: stack.environ[name] for name in PLAIN if name in stack.environ} | _common(stack)


def _common(stack: Stack) -> dict[str, str]:
    """Give what every part gets; a proxy of the person's must not stand between parts on loopback."""
    listed = stack.environ.get("NO_PROXY") or stack.environ.get("no_proxy") or ""
    no_proxy = ",".join(filter(None, [listed, LOOPBACK, "localhost"]))
    return {"PYTHONUNBUFFERED": "1", RUN_ID: stack.run_id, "NO_PROXY": no_proxy, "no_proxy": no_proxy}


def path_of(program: str) -> Path:
    """Make a path absolute without following links: a virtual environment's Python is a link."""
    return Path(os.path.abspath(program))
