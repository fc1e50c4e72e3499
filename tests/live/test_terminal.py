"""A call from a terminal beside a running stack, and the doctor's look at that stack."""

import json
import signal
import subprocess
import sys
from typing import Any

from tests.live.client import wait_until
from tests.live.stack import ROOT, SHORT_SCENARIO, Stack

CALL_LIMIT_S = 180
STOP_LIMIT_S = 20


def _converse(stack: Stack, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "converse", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=stack.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_script_gets_the_whole_call_as_json_and_exit_code_0(stack: Stack) -> None:
    process = _converse(stack, SHORT_SCENARIO, "--json", "--seed", "5")

    printed, complaints = process.communicate(timeout=CALL_LIMIT_S)

    lines: list[dict[str, Any]] = [json.loads(line) for line in printed.splitlines()]
    said = [(line["speaker"], line["text"]) for line in lines if line["type"] == "turn"]
    turns = stack.api.turns(lines[-1]["conversation_id"])
    assert (process.returncode, complaints) == (0, "")
    assert said == [(turn["speaker"], turn["text"]) for turn in turns]
    assert (lines[-1]["type"], lines[-1]["completed"]) == ("end", True)


def test_ctrl_c_ends_the_call_with_exit_code_130(stack: Stack) -> None:
    process = _converse(stack, "chicken-to-dallas", "--json")
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
