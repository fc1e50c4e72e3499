"""The verbs behind `make`: set up what is missing, then hand over."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from dispatchsim.bootstrap import checks, secrets
from dispatchsim.bootstrap.browser import ensure_chromium
from dispatchsim.bootstrap.console import report, say
from dispatchsim.bootstrap.errors import SetupError
from dispatchsim.bootstrap.locking import only_one
from dispatchsim.bootstrap.media_server import ensure_server
from dispatchsim.bootstrap.node import ensure_node_modules
from dispatchsim.bootstrap.paths import BUILD, ROOT, VENV_PYTHON, data_dir
from dispatchsim.bootstrap.ports import check_ports
from dispatchsim.bootstrap.python import ensure_packages, keep_bytecode

INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended


def run(arguments: list[str]) -> int:
    """Run one verb; return the exit code."""
    verbs: dict[str, Callable[[list[str]], int]] = {
        "run": run_stack,
        "test": lambda rest: run_with_tests("pytest", rest),
        "bench": lambda rest: run_with_tests("tests.bench", rest),
        "check": lambda _rest: run_tool(checks.check),
        "fix": lambda _rest: run_tool(checks.fix),
        "lock": lambda _rest: run_tool(checks.lock),
    }
    if not arguments or arguments[0] not in verbs:
        say(f"usage: python3 -m dispatchsim.bootstrap {{{','.join(verbs)}}}")
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    keep_bytecode(os.environ)
    try:
        return verbs[arguments[0]](arguments[1:])
    except SetupError as error:
        report(error)
        return 1
    except KeyboardInterrupt:
        say("\nStopped. Run the same command again: it goes on where it stopped.")
        return INTERRUPTED


def run_stack(rest: list[str]) -> int:
    """Set up what is missing, then become `manage.py up`."""
    if not (data_dir(os.environ) / "run.json").exists():  # else a crashed run may hold them; `up` ends it first
        check_ports(os.environ)  # before minutes of set-up, not after
    set_up(for_tests=False)
    secrets.prepare()
    return _become([VENV_PYTHON, ROOT / "manage.py", "up", *rest])


def run_with_tests(module: str, rest: list[str]) -> int:
    """Set up what tests need, browser and LiveKit server included, then become this module."""
    set_up(for_tests=True)
    os.environ["LIVEKIT_SERVER_BIN"] = str(ensure_server())
    os.environ["CHROMIUM_BIN"] = str(ensure_chromium())
    return _become([VENV_PYTHON, "-m", module, *rest])


def run_tool(tool: Callable[[], int]) -> int:
    """Set up the packages, then run a tool on the code."""
    with only_one(BUILD / "setup.lock", waiting_for="another set-up"):
        ensure_packages(for_tests=True)
        ensure_node_modules()
    return tool()


def set_up(*, for_tests: bool) -> None:
    """Bring packages, JavaScript and LiveKit server up to what the locks name."""
    with only_one(BUILD / "setup.lock", waiting_for="another set-up"):
        ensure_packages(for_tests=for_tests)
        ensure_node_modules()
        if not os.environ.get("LIVEKIT_URL"):
            os.environ["LIVEKIT_SERVER_BIN"] = str(ensure_server())


def _become(command: list[str | Path]) -> NoReturn:
    """Replace this process: Ctrl-C and exit code then belong to what runs."""
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir(ROOT)
    os.execv(command[0], [str(word) for word in command])  # noqa: S606  (our own Python)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
