"""Stamps: what a finished step was made from, so that the next run can leave it out."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest(files: Iterable[Path], *facts: str) -> str:
    """Hash the contents of files, and facts such as a Python version."""
    sha = hashlib.sha256()
    for file in files:
        sha.update(file.read_bytes() if file.is_file() else b"absent")
        sha.update(b"\0")
    for fact in facts:
        sha.update(fact.encode() + b"\0")
    return sha.hexdigest()


class Stamp:
    """One finished step. It is taken away before the step is redone, so half a step leaves none."""

    def __init__(self, path: Path, value: str) -> None:
        self._path = path
        self._value = value

    def is_current(self) -> bool:
        """Whether the step was finished with the same inputs."""
        return self._path.is_file() and self._path.read_text(encoding="utf-8").strip() == self._value

    def remove(self) -> None:
        """Forget the step, before it is begun again."""
        self._path.unlink(missing_ok=True)

    def write(self) -> None:
        """Remember the step as finished."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(self._value + "\n", encoding="utf-8")
