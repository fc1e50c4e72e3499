"""One set-up at a time: a lock file that the system lets go of when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dispatchsim.bootstrap.console import say


@contextmanager
def only_one(path: Path, *, waiting_for: str) -> Iterator[None]:
    """Hold the lock file; say so while another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not _try(file.fileno()):
            file.seek(0)
            holder = file.read().strip() or "unknown"
            say(f"· Waiting for {waiting_for} (process {holder})")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
