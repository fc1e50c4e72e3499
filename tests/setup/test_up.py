"""`manage.py up`: one command to a running stack, one signal to nothing left."""

import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.live.client import wait_until
from tests.live.process_tree import descendants, wait_gone
from tests.live.stack import SHORT_SHEET, Stack
from tests.setup.fresh_clone import LINK, check_link

START_S = 120.0  # only turns a hang into a failure
STOP_S = 25.0  # its plan waits for 12 of the 15 s that it promises; the rest is for a machine that others use too
UP = (sys.executable, "manage.py", "up")


@pytest.mark.live
@pytest.mark.enable_socket
def test_up_starts_everything_refuses_a_second_one_and_leaves_nothing_after_ctrl_c(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    stack.start_command("up", UP, stack.environ)
    try:
        check_link(wait_for_link(stack))
        assert stack.missing() == set()

        elsewhere = {"DISPATCHSIM_DATA_DIR": str(tmp_path / "elsewhere")}
        stack.start_command("second", UP, stack.environ | elsewhere)
        assert stack.processes["second"].wait(START_S) == 1
        assert f"Port {stack.ports.web}, for the web pages, is in use" in stack.log("second")

        call = stack.api.create({"title": "A short load", "load_sheet": SHORT_SHEET})
        wait_until(lambda: stack.api.status(call), lambda told: told["status"] == "live", limit_s=60, what="the call")
        family = descendants(stack.processes["up"].pid)
        began = time.monotonic()
        codes = stack.stop("up", by=signal.SIGINT)
        took_s = time.monotonic() - began

        wait_gone(family, limit_s=1)  # all of them are gone before it is itself
        assert codes == {"up": 0}, stack.log("up")
        assert took_s < STOP_S
        assert stack.query("SELECT status, end_reason FROM dispatchsim_conversation") == [("ended", "stopped")]
    finally:
        stack.close()


def wait_for_link(stack: Stack) -> str:
    """Wait until the sign-in link is printed."""

    def look() -> re.Match[str] | None:
        assert stack.processes["up"].poll() is None, stack.log("up")
        return LINK.search(stack.log("up"))

    found = wait_until(look, bool, limit_s=START_S, what="the sign-in link")
    assert found
    return found[0]
