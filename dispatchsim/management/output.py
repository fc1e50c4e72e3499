"""What a running stack prints: one prefixed line at a time; routine lines go to log files alone."""

import re
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from dispatchsim.bootstrap.console import BOLD, RED, RESET, is_terminal, paint
from dispatchsim.gateways.logs import hide_parts

WIDTH = 10  # of the longest part's name, and one space
COLOURS = ("\x1b[36m", "\x1b[35m", "\x1b[33m", "\x1b[34m", "\x1b[32m")
# Levels that nobody must act on; what each job process warns of while it still imports its libraries; and that a job
# waits for its process, which the SDK is making: one that cannot be made is an error of its own.
ROUTINE = re.compile(
    r"\blevel=(?:debug|info)\b|^\S+ \S+ (?:DEBUG|INFO)\b|event loop blocked for \d{1,3}ms"
    r"|\bWARNING +livekit\.agents: no warmed process available for job, waiting for one to be created\b"
)
# LiveKit's native part takes the end of its connection for a fault when the agent hangs up. Once the job has said that
# it leaves, that is no news; before, the connection was lost in mid-call, and it is shown.
LEAVING = re.compile(r" INFO +agents\.call: leaving\b.*\bjob_id=(\S+)")
CHANNEL_CLOSED = re.compile(r" ERROR +livekit: .* publisher data channel '\w+' closed unexpectedly\b.*\bjob_id=(\S+)")
REMEMBERED_JOBS = 100  # that have left; their last lines follow within a second


class StackOutput:
    """Prints lines of the parts and keeps all of them in `<logs>/<part>.log`.

    A line that cannot be written, for the disk is full or nobody reads any more, is dropped: to fail
    over it would stop the part that says it.
    """

    def __init__(self, logs: Path, names: tuple[str, ...], stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._files = {name: _open_log(logs / f"{name}.log") for name in names}
        self._colours = dict(zip(names, COLOURS, strict=False))
        self._is_shown = True
        self._failed: set[str] = set()  # parts whose last line did not get into their log
        self._left: deque[str] = deque(maxlen=REMEMBERED_JOBS)

    def say(self, name: str, line: str) -> None:
        """Print a line of a part, or of the manager when `name` is empty."""
        if not name:
            self._print(paint(line, RED) if "stopped" in line or "ended by" in line else line)
            return
        line = hide_parts(line)
        self._keep(name, line)
        if not self._is_routine(line):
            self._print(f"{paint(f'{name:<{WIDTH}}', self._colours.get(name, RESET))} {clean(line)}")

    def _is_routine(self, line: str) -> bool:
        """Tell whether nobody needs to see a line; the log has it in any case."""
        if leaving := LEAVING.search(line):
            self._left.append(leaving[1])
        closed = CHANNEL_CLOSED.search(line)
        return ROUTINE.search(line) is not None or (closed is not None and closed[1] in self._left)

    def close(self) -> None:
        """Close the log files."""
        for file in self._files.values():
            with suppress(OSError):  # what is still buffered may find no room either
                file.close()

    def _keep(self, name: str, line: str) -> None:
        """Write a line into the part's log; tell of it when that begins to fail."""
        file = self._files[name]
        try:
            file.write(line + "\n")
            file.flush()
            self._failed.discard(name)
        except OSError as error:
            if name not in self._failed:
                self._failed.add(name)
                self._print(paint(f"The log of {name} cannot be written, and lines are lost: {error}", RED))

    def _print(self, text: str) -> None:
        was_shown, self._is_shown = self._is_shown, False
        try:
            print(text, file=self._stream, flush=True)
            self._is_shown = True
        except OSError as error:
            for name in self._files if was_shown else ():
                self._keep(name, f"What is printed reaches nobody, and is lost but for this log: {error}")


def clean(line: str) -> str:
    """Take out control characters: what agents and models write must not steer the terminal."""
    return "".join(character if character.isprintable() or character == "\t" else "·" for character in line)


def box(title: str, rows: list[tuple[str, str]]) -> str:
    """Draw the closing box; rows are label and text, never wrapped, so that links stay whole."""
    lines = [f"{label:<14}{text}" if label else text for label, text in rows]
    width = max(len(line) for line in [title, *lines])
    heading = paint(title, BOLD) + " " * (width - len(title))
    body = [heading, " " * width, *(f"{line:<{width}}" for line in lines)]
    if not is_terminal():
        return "\n".join(["", title, *(f"  {line}" for line in lines), ""])
    edge = "─" * (width + 2)
    return "\n".join([f"╭{edge}╮", *(f"│ {line} │" for line in body), f"╰{edge}╯"])


def _open_log(path: Path) -> TextIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.replace(path.with_suffix(".log.1"))  # the run before this one
    return path.open("w", encoding="utf-8", errors="replace")
