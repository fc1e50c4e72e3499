"""What `manage.py doctor` finds: one finding a line, each with what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    mark: Mark
    name: str
    detail: str
    todo: str = ""


def ok(name: str, detail: str) -> Finding:
    """Tell of something in order."""
    return Finding(Mark.OK, name, detail)


def warn(name: str, detail: str, todo: str) -> Finding:
    """Tell of something that works, or will, but not as well as it could."""
    return Finding(Mark.WARN, name, detail, todo)


def fail(name: str, detail: str, todo: str) -> Finding:
    """Tell of something with which no call can be held."""
    return Finding(Mark.FAIL, name, detail, todo)


def absent(name: str, detail: str, todo: str, *, is_running: bool) -> Finding:
    """Tell of a part that is not there: a failure only where the system is meant to run."""
    return fail(name, detail, todo) if is_running else warn(name, detail, todo)


def has_failed(findings: Iterable[Finding]) -> bool:
    """Tell whether anything would keep a call from being held."""
    return any(finding.mark is Mark.FAIL for finding in findings)
