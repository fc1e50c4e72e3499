"""Reconcile rows and rooms: what is late is done again, what is gone is ended with a reason."""

from datetime import datetime


def reconcile_once(now: datetime) -> None:
    """Look once at every unfinished conversation and at LiveKit's rooms."""
    raise NotImplementedError
