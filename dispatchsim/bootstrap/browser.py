"""Chromium for the tests that listen as a person does: the machine's, else Playwright's, else Debian's."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from dispatchsim.bootstrap.console import step
from dispatchsim.bootstrap.errors import SetupError
from dispatchsim.bootstrap.paths import VENV_PYTHON
from dispatchsim.bootstrap.shell import run_logged

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
VERSION_WAIT_S = 30.0  # a cold start from a slow disk
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as driver:
    print(driver.chromium.executable_path)
"""


def ensure_chromium(environ: Mapping[str, str] | None = None) -> Path:
    """Find a Chromium that starts, else install one, else say what to do. Never go on without."""
    environ = os.environ if environ is None else environ
    if named := environ.get("CHROMIUM_BIN"):
        if starts(named):
            return Path(named)
        raise SetupError(f"CHROMIUM_BIN names {named}, which does not start.", hint="Mend it, or unset it.")
    found = _find_system() or _find_playwright() or _install_playwright() or _install_debian()
    if found is None:
        raise SetupError(
            "The tests need Chromium, and none was found or could be installed.",
            hint="Install Chromium or Chrome, or set CHROMIUM_BIN to one. On Debian: apt-get install chromium",
        )
    return found


def starts(program: str | Path) -> bool:
    """Whether the program runs and tells its version; a stub that only points to a shop does not."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, check=False, timeout=VERSION_WAIT_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _find_system() -> Path | None:
    places = [shutil.which(name) for name in NAMES]
    places += MAC_PLACES if sys.platform == "darwin" else ()
    return next((Path(place) for place in places if place and starts(place)), None)


def _find_playwright() -> Path | None:
    done = subprocess.run([VENV_PYTHON, "-c", ASK_PLAYWRIGHT], capture_output=True, text=True, check=False)
    place = done.stdout.strip()
    return Path(place) if place and starts(place) else None


def _install_playwright() -> Path | None:
    try:
        with step("Chromium from Playwright"):
            run_logged(
                [VENV_PYTHON, "-m", "playwright", "install", "chromium"],
                log="playwright.log",
                failure="Playwright could not fetch its Chromium",
            )
    except SetupError:
        return None  # the next source is tried; the last one tells what to do
    return _find_playwright()


def _install_debian() -> Path | None:
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        return None
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    failure = "Debian's Chromium could not be installed"
    with step("Chromium from Debian") as current:
        run_logged([apt, "update", "-q"], log="apt-update.log", failure=failure, environ=environ)
        run_logged(
            [apt, "install", "-q", "-y", "--no-install-recommends", "chromium"],
            log="apt.log",
            failure=failure,
            environ=environ,
            on_line=current.progress,
        )
    return _find_system()
