"""A machine without a free core: a call is launched all the same."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.live.stack import SHORT_SCENARIO, Stack

BUSY_S = 45  # the loops end by themselves, whatever becomes of the test
SPIN = f"import time; end = time.monotonic() + {BUSY_S}\nwhile time.monotonic() < end: pass"


@contextmanager
def busy_machine() -> Iterator[None]:
    """Keep every core busy for a bounded time."""
    loops = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def test_a_call_is_launched_while_every_core_is_busy(stack: Stack) -> None:
    """F2: agent servers do not turn a call away for the machine's load."""
    with busy_machine():
        conversation_id = stack.api.create(SHORT_SCENARIO)
        status = stack.api.wait_for_turns(conversation_id, 2, limit_s=BUSY_S)

    stack.api.post(f"conversations/{conversation_id}/end")
    end = stack.api.wait_for_end(conversation_id)

    assert (status["status"], status["turns"] >= 2) == ("live", True), status
    assert end["end_reason"] == "person_ended"
