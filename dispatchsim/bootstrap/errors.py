"""What can go wrong before anything runs, told so that a person can act on it."""

from pathlib import Path


class SetupError(Exception):
    """A set-up that cannot go on: what is wrong, what to do, and where the whole output is."""

    def __init__(self, message: str, *, hint: str = "", tail: tuple[str, ...] = (), log: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.tail = tail
        self.log = log
