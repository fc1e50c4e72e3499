"""A call from a terminal beside a running stack, and the doctor's look at that stack."""

import json
import signal

from tests.live.client import wait_until
from tests.live.stack import Stack

STOP_LIMIT_S = 20


def test_ctrl_c_ends_the_call_with_exit_code_130(stack: Stack) -> None:
    process = stack.popen("manage.py", "converse", "chicken-to-dallas", "--json")
    assert process.stdout is not None
    conversation_id = json.loads(process.stdout.readline())["conversation_id"]
    stack.api.wait_for_turns(conversation_id, 1)

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=STOP_LIMIT_S)

    status = stack.api.status(conversation_id)
    assert process.returncode == 130
    assert (status["status"], status["end_reason"]) == ("ended", "person_ended")


def test_the_doctor_hears_a_tone_through_a_running_stack(stack: Stack) -> None:
    printed = wait_until(
        lambda: stack.manage("doctor"), lambda text: "0 to mend" in text, limit_s=30, what="nothing to mend"
    )

    assert "a tone came through" in printed
