"""A machine without a free core: a call is launched all the same."""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from tests.live.stack import SHORT_SCENARIO, Stack

BUSY_S = 90  # the loops end by themselves, whatever becomes of the test
TALK_S = 45
SDK_LIMIT = 70  # percent of CPU above which an agent server turns jobs away, if it is not told otherwise
SDK_SAMPLES, SDK_SAMPLE_S = 5, 0.5  # of which it takes the mean
SPIN = f"import time; end = time.monotonic() + {BUSY_S}\nwhile time.monotonic() < end: pass"


@contextmanager
def busy_machine() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Keep every core busy for a bounded time."""
    loops = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(os.cpu_count() or 1)]
    try:
        yield loops
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def test_a_call_is_launched_while_every_core_is_busy(stack: Stack) -> None:
    """F2: agent servers do not turn a call away for the machine's load."""
    with busy_machine() as loops:
        # Twice the SDK's own samples: by then the agent servers have seen nothing else for as long as they look back.
        samples = [psutil.cpu_percent(interval=SDK_SAMPLE_S) for _ in range(2 * SDK_SAMPLES)]
        conversation_id = stack.api.create(SHORT_SCENARIO)
        status = stack.api.wait_for_turns(conversation_id, 2, limit_s=TALK_S)
        are_still_busy = all(loop.poll() is None for loop in loops)

    stack.api.post(f"conversations/{conversation_id}/end")
    end = stack.api.wait_for_end(conversation_id)

    assert statistics.mean(samples[-SDK_SAMPLES:]) > SDK_LIMIT, samples
    assert are_still_busy
    assert (status["status"], status["turns"] >= 2) == ("live", True), status
    assert end["end_reason"] == "person_ended"
