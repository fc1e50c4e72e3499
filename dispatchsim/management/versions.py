"""Whether what is installed is what the locks name."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from dispatchsim.bootstrap.errors import SetupError
from dispatchsim.bootstrap.media_server import MODULE, find_server
from dispatchsim.management.doctoring import Finding, fail, ok, warn

OLDEST_PYTHON, NEWEST_TRIED = (3, 11), (3, 13)
KEY_PACKAGES = ("django", "channels", "daphne", "livekit", "livekit-agents", "livekit-api", "livekit-plugins-openai")
TOLD = 4  # differences named on a line
RUN_AGAIN = "Run `make run` again; it installs what the locks name."
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(?P<condition>;)?", re.MULTILINE)
VERSION_WAIT_S = 10.0


def check_python(version: tuple[int, int]) -> Finding:
    """Look at Python's own version."""
    told = f"{version[0]}.{version[1]}"
    if version < OLDEST_PYTHON:
        return fail("python", f"{told} is too old.", "Use 3.11 or newer: make run PYTHON=python3.12")
    if version > NEWEST_TRIED:
        return warn("python", f"{told} is newer than what this was tried with.", "If anything fails, use 3.13.")
    return ok("python", told)


def check_packages(lock: str, installed: Mapping[str, str]) -> Finding:
    """Compare the installed packages with a lock's text."""
    wrong: list[str] = []
    for name, versions, is_everywhere in read_pins(lock):
        found = installed.get(name)
        if found is None and is_everywhere:
            wrong.append(f"{name} is missing")
        elif found is not None and found not in versions:
            wrong.append(f"{name} is {found}, not {' or '.join(sorted(versions))}")
    if wrong:
        more = f" and {len(wrong) - TOLD} more" if len(wrong) > TOLD else ""
        return fail("packages", f"{'; '.join(wrong[:TOLD])}{more}.", RUN_AGAIN)
    told = ", ".join(f"{name} {installed[name]}" for name in KEY_PACKAGES if name in installed)
    return ok("packages", f"as locked: {told}")


def read_pins(lock: str) -> Iterator[tuple[str, set[str], bool]]:
    """Read name, versions and whether it is needed everywhere; a name may be pinned once per condition."""
    pins: dict[str, tuple[set[str], bool]] = {}
    for match in _PIN.finditer(lock):
        name = _normal(match["name"])
        versions, is_everywhere = pins.get(name, (set(), False))
        pins[name] = (versions | {match["version"]}, is_everywhere or not match["condition"])
    for name, (versions, is_everywhere) in pins.items():
        yield name, versions, is_everywhere


def installed_packages() -> dict[str, str]:
    """List what this Python has."""
    return {_normal(found.name): found.version for found in metadata.distributions() if found.name}


def check_media_server(wanted: str, *, is_elsewhere: bool) -> Finding:
    """Look for the LiveKit server program and ask for its version."""
    name = "livekit-server"
    if is_elsewhere:
        return ok(name, "not needed here: LIVEKIT_URL names one that runs elsewhere")
    try:
        program = find_server()
    except SetupError as error:
        return fail(name, error.message, error.hint)
    if program is None:
        return warn(name, "not built yet.", "`make run` builds it once, in some minutes.")
    found = ask_version(program)
    if found != wanted:
        return warn(name, f"{found or 'its version is unknown'}; tried with {wanted}.", f"It is {program}.")
    return ok(name, f"{found} ({program.name})")


def wanted_media_server(go_mod: str) -> str:
    """Read the server's version from the text of go.mod."""
    found = re.search(r"github\.com/livekit/livekit-server v(\S+)", go_mod)
    return found[1] if found else ""


def ask_version(program: Path) -> str:
    """Ask a LiveKit server for its version; empty when it does not tell."""
    try:
        done = subprocess.run(  # noqa: S603  (the program that would be started anyway)
            [program, "--version"], capture_output=True, text=True, check=False, timeout=VERSION_WAIT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+\.\d+\.\d+", done.stdout)
    return found[0] if found else ""


def check_scripts(root: Path) -> Finding:
    """Compare the page's LiveKit client with package.json."""
    name = "livekit-client"
    wanted = json.loads((root / "package.json").read_text(encoding="utf-8"))["dependencies"][name]
    try:
        text = (root / "node_modules" / name / "package.json").read_text(encoding="utf-8")
    except OSError:
        return fail(name, "not installed: pages could not play sound.", RUN_AGAIN)
    found = json.loads(text)["version"]
    return ok(name, found) if found == wanted else fail(name, f"{found}, not {wanted}.", RUN_AGAIN)


def check_versions(root: Path, *, has_own_media_server: bool) -> list[Finding]:
    """Look at everything that has a version."""
    lock = (root / "requirements.txt").read_text(encoding="utf-8")
    go_mod = (MODULE / "go.mod").read_text(encoding="utf-8")
    return [
        check_python((sys.version_info.major, sys.version_info.minor)),
        check_packages(lock, installed_packages()),
        check_scripts(root),
        check_media_server(wanted_media_server(go_mod), is_elsewhere=not has_own_media_server),
    ]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
