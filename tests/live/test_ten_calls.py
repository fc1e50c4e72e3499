"""Ten calls, three at a time, each to its own end: run by `make test-live`."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.live.stack import SHORT_SCENARIO, Stack

CALLS, AT_ONCE = 10, 3


@pytest.mark.soak
def test_ten_unobserved_calls_end_by_themselves(stack: Stack) -> None:
    def hold(_: int) -> dict[str, Any]:
        return stack.api.wait_for_end(stack.api.create(SHORT_SCENARIO))

    with ThreadPoolExecutor(AT_ONCE) as callers:
        ends = list(callers.map(hold, range(CALLS)))

    assert [(end["status"], end["end_reason"]) for end in ends] == [("ended", "agent_hung_up")] * CALLS
    assert all(end["turns"] >= 8 for end in ends)
