"""`python3 -m dispatchsim.bootstrap VERB`: finds a Python that is new enough, then hands over to `cli`.

This file alone must be readable by old Pythons, so that they can say what is missing.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
NEWEST_TRIED = (3, 13)  # newer ones may lack wheels: they are used when nothing else is there
PROBE = "import sys, venv, ensurepip; print(sys.version_info[0], sys.version_info[1])"


def main() -> None:
    """Run `cli` here, or in another Python of this machine."""
    here = sys.version_info[:2]
    if OLDEST <= here <= NEWEST_TRIED or os.environ.get("DISPATCHSIM_PYTHON_CHOSEN"):
        from dispatchsim.bootstrap.cli import run  # noqa: PLC0415  (an old Python could not read it)

        sys.exit(run(sys.argv[1:]))
    chosen = choose()
    if not chosen:
        sys.exit(
            "Dispatchsim needs Python 3.11 or newer, with venv; this is %d.%d and no other was found on PATH.\n"  # noqa: UP031
            "Install one (Debian: apt-get install python3 python3-venv; macOS: brew install python@3.13),\n"
            "or name one: make run PYTHON=/path/to/python3.12" % here
        )
    environ = dict(os.environ, DISPATCHSIM_PYTHON_CHOSEN="1")
    os.execve(chosen, [chosen, "-m", "dispatchsim.bootstrap"] + sys.argv[1:], environ)  # noqa: RUF005, S606


def choose() -> str:
    """Find the best other Python on PATH; an empty text when there is none."""
    names = ["python3.13", "python3.12", "python3.11", "python3", "python3.14", "python3.15"]
    for name in names:
        place = shutil.which(name)
        if place and version_of(place) >= OLDEST:
            return place
    return ""


def version_of(place: str) -> tuple:  # type: ignore[type-arg]
    """Ask a Python for its version; (0, 0) when it does not start or lacks venv."""
    try:
        answer = subprocess.run([place, "-c", PROBE], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return (0, 0)
    numbers = answer.stdout.decode().split()
    return (int(numbers[0]), int(numbers[1])) if answer.returncode == 0 and len(numbers) == 2 else (0, 0)


if __name__ == "__main__":
    main()
