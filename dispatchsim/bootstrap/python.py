"""The virtual environment and its locked packages."""

import os
import re
import subprocess
import venv
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from dispatchsim.bootstrap.console import Step, step
from dispatchsim.bootstrap.errors import SetupError
from dispatchsim.bootstrap.paths import BUILD, ROOT, VENV
from dispatchsim.bootstrap.shell import run_logged
from dispatchsim.bootstrap.stamps import Stamp, digest

# A person's own pip habits that break installs into a virtual environment.
HARMFUL = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIREMENT", "PIP_CONSTRAINT", "PYTHONPATH", "PYTHONHOME")
VENV_HINT = (
    "On Debian and Ubuntu: apt-get install python3-venv. Elsewhere: a Python from python.org, brew, pyenv or uv."
)


def ensure_packages(*, for_tests: bool) -> None:
    """Make `.venv` and install what the locks name, unless that is done already."""
    ensure_venv(VENV)
    if for_tests:
        install(VENV, ROOT / "requirements-dev.txt", title="Python packages for tests")
        locked_stamp(VENV, ROOT / "requirements.txt").write()  # the dev lock holds all of the other one
    else:
        install(VENV, ROOT / "requirements.txt", title="Python packages")


def ensure_venv(folder: Path) -> None:
    """Make a virtual environment; one that is broken or half made is made again."""
    if is_sound(folder):
        return
    with step(f"Virtual environment {folder.name}"):
        try:
            venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(folder)
        except (subprocess.CalledProcessError, ImportError, OSError) as error:
            raise SetupError(f"The virtual environment could not be made: {error}", hint=VENV_HINT) from error
    finished_mark(folder).write()


def is_sound(folder: Path) -> bool:
    """Whether the environment was made to its end, and its Python still starts and is new enough."""
    probe = "import sys; assert sys.version_info >= (3, 11)"
    if not finished_mark(folder).is_current():
        probe += "; import pip._internal.cli.main"  # made by other hands: fine when its pip is whole
    try:
        done = subprocess.run([folder / "bin" / "python", "-I", "-c", probe], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def finished_mark(folder: Path) -> Stamp:
    """Tell the stamp of an environment that was made to its end."""
    return Stamp(folder / "stamp-venv", "finished")


def locked_stamp(folder: Path, lock: Path) -> Stamp:
    """Tell the stamp that says: this lock is installed in that environment."""
    return Stamp(folder / f"stamp-{lock.stem}", digest([lock]))


def install(folder: Path, lock: Path, *, title: str) -> None:
    """Install a hashed lock into an environment, once."""
    stamp = locked_stamp(folder, lock)
    if stamp.is_current():
        return
    stamp.remove()
    command = [str(folder / "bin" / "python"), "-I", "-m", "pip", "install", "--require-hashes", "--no-input"]
    with step(title) as current:
        run_logged(
            [*command, "--progress-bar", "off", "--disable-pip-version-check", "--retries", "3", "-r", str(lock)],
            log=f"pip-{lock.stem}.log",
            failure=f"{title} could not be installed",
            hint="Run again; when it stays, remove the folder .venv and run again.",
            environ=clean_environ(os.environ),
            on_line=PipProgress(current, total=count_locked(lock)),
        )
    stamp.write()


def keep_bytecode(environ: MutableMapping[str, str], folder: Path = BUILD / "bytecode") -> None:
    """Let Python compile each module once, also for a person who wants no bytecode beside the sources.

    All parts of a running system would compile thousands of modules at each start: half of the time that it takes.
    """
    if environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        environ.setdefault("PYTHONPYCACHEPREFIX", str(folder))


def count_locked(lock: Path) -> int:
    """Count the packages of a lock."""
    return len(re.findall(r"^\S+==", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))


def clean_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Keep the machine's pip configuration, drop what would install elsewhere."""
    return {name: value for name, value in environ.items() if name not in HARMFUL}


class PipProgress:
    """Turns pip's lines into `12/96 livekit`, without what the lock holds for other systems: pip names that first."""

    _IGNORED = re.compile(r"^Ignoring \S+: markers ")
    _COLLECTED = re.compile(r"^(?:Collecting|Requirement already satisfied:) ([^=<>~ ]+)==")

    def __init__(self, current: Step, *, total: int) -> None:
        self._step = current
        self._total = total
        self._count = 0

    def __call__(self, line: str) -> None:
        """Read one line of pip."""
        if self._IGNORED.match(line):
            self._total -= 1
        elif found := self._COLLECTED.match(line):
            self._count += 1
            self._step.progress(f"{self._count}/{self._total} {found[1]}")
        elif line.startswith("Installing collected packages"):
            self._step.progress(f"unpacking {self._count} packages")
