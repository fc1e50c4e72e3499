"""A second try at an answer that failed, or was lost with its connection: soon, unless somebody speaks before.

peer stops ──► answer fails ──► 1 s ──► asked for again ──► fails ──► 2 s ──► again; the watch gives up at the third
"""

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 4.0


class SecondTry:
    """Remembers that an answer is owed. The clock comes in as an argument."""

    def __init__(self) -> None:
        self._due_at: float | None = None
        self._wait_s = FIRST_WAIT_S

    def on_failed(self, now: float) -> None:
        """Note that the answer failed."""
        self._due_at = now + self._wait_s
        self._wait_s = min(2 * self._wait_s, LONGEST_WAIT_S)

    def on_tick(self, now: float, *, is_silent: bool) -> bool:
        """Tell whether to ask for the answer again; a voice, of whichever side, makes that needless."""
        if self._due_at is None:
            return False
        if not is_silent:
            self._due_at, self._wait_s = None, FIRST_WAIT_S
            return False
        if now < self._due_at:
            return False
        self._due_at = None
        return True
