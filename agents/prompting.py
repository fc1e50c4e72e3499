"""What an agent is told in the middle of a call, beside its own prompt, and when.

A side note follows the prompt as a section of its own, so that the part stays as it was.
"""

OPENER_PATIENCE_S = 8.0  # silence after which the opener speaks again
OTHER_PATIENCE_S = 12.0  # and the other one: never both at once, and before the web side calls it dead air
BROKEN_SILENCE = (
    "# The line is silent\n"
    "Nobody has said anything for several seconds. Say your last point again in other words, "
    "or ask whether the other one is still there."
)


def build_wrap_up(turns_left: int) -> str:
    """Tell that the call must come to its end."""
    return (
        "# Wrap up now\n"
        f"This call is about to reach its longest length: {turns_left} turns are left for both of you together. "
        "Raise nothing new. Say in one short sentence where things stand, and say goodbye."
    )


class SilenceWatch:
    """Notice that a call which had begun has been silent for too long; tell it once for each silence."""

    def __init__(self, *, is_opener: bool) -> None:
        self._patience_s = OPENER_PATIENCE_S if is_opener else OTHER_PATIENCE_S
        self._silent_since: float | None = None
        self._is_told = False

    def on_tick(self, now: float, *, is_silent: bool) -> bool:
        """Take whether nobody speaks or is about to; True when this side must break the silence."""
        if not is_silent:
            self._silent_since, self._is_told = None, False
            return False
        if self._silent_since is None:
            self._silent_since = now
        if self._is_told or now - self._silent_since < self._patience_s:
            return False
        self._is_told = True
        return True
