"""The backend's library, agent servers and LiveKit in memory; and signals that go back to whom they belong."""

import signal
from collections.abc import Iterator

import pytest

from tests.backend.conftest import agent_servers, launch, launching_call, library, live_call, rehearsal_model, rooms

__all__ = ["agent_servers", "launch", "launching_call", "library", "live_call", "rehearsal_model", "rooms"]


@pytest.fixture
def signals() -> Iterator[None]:
    """Give the signals back to whom they belong."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
