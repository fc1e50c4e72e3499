"""The web part stops cleanly while it is busy answering."""

import signal
import threading
from http.client import HTTPException
from urllib.request import urlopen

import pytest

from tests.live.stack import AGENT_SERVERS, Stack

READERS = 3


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_the_web_part_stops_cleanly_with_requests_in_flight(own_stack: Stack, by: signal.Signals) -> None:
    """Requests wait for LiveKit on threads while the server's loop goes: it must neither hang nor crash."""
    own_stack.start("media", "web")
    own_stack.wait_ready(without=("voice_model", *AGENT_SERVERS, "supervisor"))
    is_over, answered = threading.Event(), threading.Semaphore(0)
    readers = [threading.Thread(target=_read, args=(own_stack, is_over, answered)) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for _ in range(5 * READERS):
        assert answered.acquire(timeout=20)

    codes = own_stack.stop("web", by=by)
    is_over.set()
    for reader in readers:
        reader.join()

    assert codes == {"web": 0}


def _read(stack: Stack, is_over: threading.Event, answered: threading.Semaphore) -> None:
    while not is_over.is_set():
        try:
            urlopen(f"{stack.web_url}/readyz", timeout=5).read()
        except (OSError, HTTPException):
            if stack.processes.get("web") is None:
                return
        answered.release()
