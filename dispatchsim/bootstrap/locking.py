"""One process at a time: a lock file that the system lets go of when its holder dies."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dispatchsim.bootstrap.console import say


@contextmanager
def only_one(path: Path, *, waiting_for: str) -> Iterator[None]:
    """Hold the lock file; say so while another process holds it."""
    with holding(path, when_held=lambda holder: say(f"· Waiting for {waiting_for} (process {holder})")):
        yield


@contextmanager
def holding(path: Path, *, when_held: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock file; where another process does, its id is told first, and whoever is told may raise or wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not _try(file.fileno()):
            file.seek(0)
            when_held(file.read().strip() or "unknown")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def find_holder(path: Path) -> str:
    """Tell which process holds the lock file; empty where none does."""
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8") as file:
        return "" if _try(file.fileno()) else file.read().strip() or "unknown"


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
