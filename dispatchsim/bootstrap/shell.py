"""Run one outside command: output into a log file, line by line to whoever counts, no orphan left."""

import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dispatchsim.bootstrap.errors import SetupError
from dispatchsim.bootstrap.paths import BUILD

TAIL_LINES = 12
STOP_S = 5.0  # how long a cancelled command may tidy up
# What pip, npm and go print when there is no way to their registry.
NO_NETWORK = (
    "Temporary failure in name resolution",
    "Name or service not known",
    "nodename nor servname",
    "Failed to establish a new connection",
    "NewConnectionError",
    "Network is unreachable",
    "Connection refused",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ETIMEDOUT",
    "no such host",
    "i/o timeout",
    "dial tcp",
)


def run_logged(
    command: Sequence[str | Path],
    *,
    log: str,
    failure: str,
    hint: str = "",
    cwd: Path | None = None,
    environ: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] = lambda _line: None,
) -> None:
    """Run a command to its end; raise SetupError with the last lines when it fails."""
    path = BUILD / "logs" / log
    path.parent.mkdir(parents=True, exist_ok=True)
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    with path.open("w", encoding="utf-8") as file:
        code = _follow(command, cwd=cwd, environ=environ, on_line=lambda line: _note(line, file.write, tail, on_line))
    if code != 0:
        raise explain(failure, hint=hint, tail=tuple(tail), text=path.read_text(encoding="utf-8"), log=path)


def explain(failure: str, *, hint: str, tail: tuple[str, ...], text: str, log: Path) -> SetupError:
    """Tell a missing network from a broken build."""
    if any(sign in text for sign in NO_NETWORK):
        return SetupError(
            f"{failure}: there is no way to the package registry.",
            hint="Check the network or the proxy settings and run the same command again; it goes on where it stopped.",
            tail=tail[-3:],
            log=log,
        )
    return SetupError(f"{failure}.", hint=hint or "Mend what the lines above say and run again.", tail=tail, log=log)


def _note(line: str, write: Callable[[str], object], tail: deque[str], on_line: Callable[[str], None]) -> None:
    write(line + "\n")
    if line.strip():
        tail.append(line)
        on_line(line)


def _follow(
    command: Sequence[str | Path],
    *,
    cwd: Path | None,
    environ: Mapping[str, str] | None,
    on_line: Callable[[str], None],
) -> int:
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=cwd,
        env=dict(environ) if environ is not None else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # a cancelled build takes its compilers with it
    )
    try:
        for line in process.stdout or ():
            on_line(line.rstrip())
        return process.wait()
    finally:
        _end(process)
        if process.stdout:
            process.stdout.close()


def _end(process: subprocess.Popen[str]) -> None:
    """Stop the command and all that it started, when it was cancelled."""
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
