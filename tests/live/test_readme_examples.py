"""The examples of the README, run as they stand there: a person's shell, another address."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.live.client import wait_until
from tests.live.stack import Stack
from tests.readme import find_blocks

ADDRESS = "http://127.0.0.1:8000"  # of the README; every stack of the tests has another
CURLS = [text for block in find_blocks("sh", "curl ") for text in block.split("\n\n")]
LIMIT_S = 60


@pytest.fixture
def shell(stack: Stack) -> dict[str, str]:
    """What a person's shell has after the `export` of the README."""
    return {"PATH": os.environ["PATH"], "DISPATCHSIM_API_TOKEN": stack.environ["DISPATCHSIM_API_TOKEN"]}


def run_curl(stack: Stack, shell: dict[str, str], example: str) -> Any:
    assert ADDRESS in example
    done = subprocess.run(
        ["sh", "-c", example.replace(ADDRESS, stack.web_url)],
        env=shell,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    return json.loads(done.stdout)


def list_calls(stack: Stack) -> set[str]:
    return {call["conversation_id"] for call in stack.api.get("conversations?page_size=100")["items"]}


def test_there_is_an_example_with_curl_for_the_library_and_one_for_a_launch() -> None:
    assert [example.split("/api/v1/")[1].split()[0] for example in CURLS] == ["scenarios", "conversations/create"]


def test_the_first_example_with_curl_lists_the_library(stack: Stack, shell: dict[str, str]) -> None:
    listed = run_curl(stack, shell, CURLS[0])

    assert "chicken-to-dallas" in {scenario["slug"] for scenario in listed["items"]}


def test_the_second_example_with_curl_launches_one_call_however_often(stack: Stack, shell: dict[str, str]) -> None:
    before = list_calls(stack)

    answers = [run_curl(stack, shell, CURLS[1]) for _ in range(2)]

    for room in {answer["room_id"] for answer in answers}:
        stack.api.post(f"conversations/{room}/end")
        stack.api.wait_for_end(room)
    assert {answer["room_id"] for answer in answers} == list_calls(stack) - before
    assert [bool(answer["token"]) for answer in answers] == [True, True]


def test_the_example_in_python_goes_from_launch_to_transcript(stack: Stack, shell: dict[str, str]) -> None:
    (example,) = find_blocks("python", "urllib")
    before = list_calls(stack)
    assert ADDRESS in example

    script = subprocess.Popen(
        [sys.executable, "-c", example.replace(ADDRESS, stack.web_url)],
        env=shell,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        (room,) = wait_until(lambda: list_calls(stack) - before, bool, limit_s=LIMIT_S, what="the example's call")
        stack.api.wait_for_turns(room, 3)
        stack.api.post(f"conversations/{room}/end")  # the test need not hear all of it
        printed, complaints = script.communicate(timeout=LIMIT_S)
    finally:
        script.kill()

    sentence, *lines = printed.splitlines()
    said = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
    assert (script.returncode, complaints, sentence) == (0, "", stack.api.status(room)["sentence"])
    assert said == [(turn["speaker"], turn["text"]) for turn in stack.api.turns(room)]
    assert all(text for _, text in said[:2])
