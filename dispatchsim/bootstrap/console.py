"""What set-up says: one line a step, with time and progress, on a terminal and in a log alike."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dispatchsim.bootstrap.errors import SetupError

TICK_S = 0.2
PLAIN_PROGRESS_S = 15.0  # without a terminal a line this often shows that it is alive
SPINNER = "|/-\\"
RED, GREEN, BOLD, DIM, RESET = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[2m", "\x1b[0m"


def is_terminal() -> bool:
    """Whether a person's terminal shows what we print."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def paint(text: str, code: str) -> str:
    """Colour a text where colours are wanted."""
    return f"{code}{text}{RESET}" if is_terminal() and not os.environ.get("NO_COLOR") else text


def say(text: str = "") -> None:
    """Print one line now, even into a pipe."""
    print(text, flush=True)


def report(error: SetupError) -> None:
    """Print what is wrong and what to do."""
    for line in error.tail:
        say(paint(f"    {line}", DIM))
    say(paint(f"✗ {error.message}", RED))
    if error.hint:
        say(f"  {error.hint}")
    if error.log:
        say(f"  The whole output is in {error.log}")


class Step:
    """One long step under way."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._detail = ""
        self._started = self._said = time.monotonic()
        self._done = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        if is_terminal():
            self._ticker.start()
        else:
            say(f"· {title}")

    def progress(self, detail: str) -> None:
        """Tell how far the step is."""
        self._detail = detail
        if not is_terminal() and time.monotonic() - self._said >= PLAIN_PROGRESS_S:
            self._said = time.monotonic()
            say(f"  {self._title}: {detail} ({self.elapsed_s:.0f} s)")

    def finish(self, *, is_good: bool) -> None:
        """Close the step with its time."""
        self._done.set()
        if self._ticker.is_alive():
            self._ticker.join()
        mark = paint("✓", GREEN) if is_good else paint("✗", RED)
        start = "\r\x1b[K" if is_terminal() else ""
        say(f"{start}{mark} {self._title} ({self.elapsed_s:.1f} s)")

    @property
    def elapsed_s(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self._started

    def _tick(self) -> None:
        beat = 0
        while not self._done.wait(TICK_S):
            beat += 1
            columns = os.get_terminal_size().columns if sys.stdout.isatty() else 80
            line = f"{SPINNER[beat % len(SPINNER)]} {self._title} ({self.elapsed_s:.0f} s) {self._detail}"
            print(f"\r\x1b[K{line[: columns - 1]}", end="", flush=True)


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show a long step while it runs."""
    current = Step(title)
    try:
        yield current
    except BaseException:
        current.finish(is_good=False)
        raise
    current.finish(is_good=True)
