"""Giving way when both sides begin at once: without it two models cut each other off for ever.

own turn   ▁▆▇ cut                      (begins, hears the peer, falls silent)
peer       ▁▆▇ cut ····  ▆▇▆▇▆▇▆        (the same; the one who opened the call begins again)
own answer           ✗ taken back, once;  after PATIENCE_S without the peer it is given after all

Only the side that did not open the call gives way. The clock comes in as an argument.
"""

SHORT_S = 1.6  # both turns are cut so early when they began together: onset, network and the ears of the model
YIELD_S = 2.5  # an answer that is begun within this after the collision is taken back
PATIENCE_S = 3.0  # then the peer did not begin again


class GivingWay:
    """Watches one side for turns that began together with the peer's."""

    def __init__(self, *, is_opener: bool) -> None:
        self._is_opener = is_opener
        self._is_cut = False
        self._peer_started_at: float | None = None
        self._yields_until = 0.0
        self._speaks_at: float | None = None

    def on_peer_started(self, now: float) -> None:
        """Note that the peer speaks."""
        self._peer_started_at = now
        self._speaks_at = None
        self._yields_until = 0.0

    def on_own_turn_ended(self, *, played_s: float, is_interrupted: bool) -> None:
        """Note how far the own turn came."""
        self._is_cut = is_interrupted and played_s < SHORT_S

    def on_peer_stopped(self, now: float, *, silence_s: float) -> None:
        """Note that the peer fell silent `silence_s` ago."""
        started_at, self._peer_started_at = self._peer_started_at, None
        was_cut, self._is_cut = self._is_cut, False
        if self._is_opener or not was_cut or started_at is None:
            return
        if now - silence_s - started_at < SHORT_S:
            self._yields_until = now + YIELD_S

    def on_response_created(self, now: float) -> bool:
        """Tell whether this answer must be taken back."""
        if now >= self._yields_until:
            return False
        self._yields_until = 0.0
        self._speaks_at = now + PATIENCE_S
        return True

    def on_tick(self, now: float) -> bool:
        """Tell whether to speak after all: the peer did not begin again."""
        if self._speaks_at is None or now < self._speaks_at:
            return False
        self._speaks_at = None
        return True
