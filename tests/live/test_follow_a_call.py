"""One call, launched from a terminal and followed in every way there is: JSON lines, a socket, rooms, and a page.

Five people listen at once; none sees another, and the agents see none of them.
"""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.live.browser import chromium, listener
from tests.live.room_observer import HeardSide, RoomObserver
from tests.live.stack import SHORT_SCENARIO, Stack

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]

OTHERS = 4  # besides the one in the browser
CALL_LIMIT_S = 180.0
LEAST_SOUND = 1e-4  # mean power of a turn that was heard; speech has twenty times as much, a decoder's noise far less
ON_THE_WAY_S = 1.5  # sound arrives later than the turn's times say
LEAST_TURNS = 2  # of the four of each side; one may go before an observer is there, and one when it leaves


@dataclass(frozen=True)
class Heard:
    """What one observer got of a call."""

    joins: dict[str, int]  # identity → how often it was seen to join
    sides: dict[str, HeardSide]

    def power_of(self, turns: list[dict[str, Any]], side: str, zero: float) -> list[float]:
        """Mean power of each turn of a side while its sound came; `zero` is the clock's start.

        A busy machine lets an observer in late, and takes up its last sound after the room is closed.
        """
        heard = self.sides[side]
        since, until = (heard.blocks[0][0], heard.blocks[-1][0]) if heard.blocks else (0.0, 0.0)
        spans = [(zero + turn["start_s"], zero + turn["end_s"]) for turn in turns if turn["speaker"] == side.lower()]
        return [
            _power(heard.between(start, end + ON_THE_WAY_S)) for start, end in spans if since < start and end < until
        ]


def _power(sound: NDArray[np.int16]) -> float:
    return float(np.mean((sound / 32768) ** 2)) if sound.size else 0.0


@dataclass(frozen=True)
class Frames:
    """What came through a socket: the last state of each turn by seq, and all partial texts."""

    turns: dict[int, dict[str, Any]]
    words: list[dict[str, Any]]


@dataclass(frozen=True)
class Followed:
    """A call that is over, as each of its followers had it."""

    status: dict[str, Any]
    transcript: list[dict[str, Any]]
    exit_code: int
    lines: list[dict[str, Any]]  # what `converse --json` printed
    complaints: str
    frames: Frames
    heard: list[Heard]
    page_text: list[tuple[str, str]]
    page_problems: list[str]

    @property
    def text(self) -> list[tuple[str, str]]:
        """Speaker and text of each turn, as the API has them."""
        return [(turn["speaker"], turn["text"]) for turn in self.transcript]


@pytest.fixture(scope="module")
def followed(stack: Stack) -> Iterator[Followed]:
    """Hold the call to its end."""
    with chromium() as browser, listener(browser, stack) as opened, ThreadPoolExecutor(3) as threads:
        process = stack.popen("manage.py", "converse", SHORT_SCENARIO, "--json", "--seed", "5")
        assert process.stdout is not None
        first_line = process.stdout.readline()
        call = json.loads(first_line)["conversation_id"]
        printed = threads.submit(_read_to_the_end, process)
        frames = threads.submit(_follow_socket, stack, call)
        others = threads.submit(asyncio.run, _listen_together(stack, call))
        opened.page.goto(f"{stack.web_url}/conversations/{call}/")
        expect(opened.page.locator("html[data-tracks='2']")).to_be_attached(timeout=30_000)
        expect(opened.page.locator("[data-over]")).to_be_visible(timeout=CALL_LIMIT_S * 1000)
        rest, complaints = printed.result()
        yield Followed(
            status=stack.api.status(call),
            transcript=stack.api.turns(call),
            exit_code=process.returncode,
            lines=[json.loads(line) for line in (first_line + rest).splitlines()],
            complaints=complaints,
            frames=frames.result(),
            heard=others.result(),
            page_text=opened.transcript(),
            page_problems=opened.problems,
        )


def _read_to_the_end(process: subprocess.Popen[str]) -> tuple[str, str]:
    return process.communicate(timeout=CALL_LIMIT_S)


def _follow_socket(stack: Stack, call: str) -> Frames:
    found = Frames({}, [])
    token = {"Authorization": f"Bearer {stack.environ['DISPATCHSIM_API_TOKEN']}"}
    with connect(_socket_address(stack, call), additional_headers=token) as socket:
        while True:
            frame = json.loads(socket.recv(timeout=CALL_LIMIT_S))
            if frame["type"] == "turn":
                found.turns[frame["seq"]] = frame["turn"]
            if frame["type"] == "words":
                found.words.append(frame)
            if frame["type"] == "status" and frame["status"] in ("ended", "failed"):
                return found


def _socket_address(stack: Stack, call: str) -> str:
    return f"{stack.web_url.replace('http', 'ws')}/ws/conversations/{call}/"


async def _listen_together(stack: Stack, call: str) -> list[Heard]:
    return list(await asyncio.gather(*(_listen(stack, call) for _ in range(OTHERS))))


async def _listen(stack: Stack, call: str) -> Heard:
    access = await asyncio.to_thread(stack.api.post, f"conversations/{call}/token")
    observer = RoomObserver()
    await observer.join(access["livekit_url"], access["token"])
    try:
        await asyncio.wait_for(observer.closed.wait(), CALL_LIMIT_S)
    finally:
        await observer.leave()
    return Heard(joins=dict(observer.joins), sides=observer.sides)


def test_the_call_is_held_to_its_end(followed: Followed) -> None:
    assert (followed.status["status"], followed.status["end_reason"]) == ("ended", "agent_hung_up")
    assert len(followed.transcript) >= 8
    assert all(turn["is_final"] for turn in followed.transcript)


def test_a_script_gets_the_whole_call_as_json_and_exit_code_0(followed: Followed) -> None:
    said = [(line["speaker"], line["text"]) for line in followed.lines if line["type"] == "turn"]

    assert (followed.exit_code, followed.complaints) == (0, "")
    assert said == followed.text
    assert (followed.lines[-1]["type"], followed.lines[-1]["completed"]) == ("end", True)


def test_a_socket_client_reads_every_turn_as_the_transcript_has_it(followed: Followed) -> None:
    """Without LiveKit."""
    turns = followed.frames.turns

    assert [turns[turn["seq"]]["text"] for turn in followed.transcript] == [text for _, text in followed.text]


def test_a_socket_client_reads_words_while_they_are_spoken(followed: Followed) -> None:
    whole = {turn["seq"]: turn["text"] for turn in followed.transcript}
    partial = [frame for frame in followed.frames.words if 0 < len(frame["text"]) < len(whole[frame["seq"]])]

    assert len({frame["seq"] for frame in partial}) >= len(whole) // 2, "text came in whole turns only"
    assert all(whole[frame["seq"]].startswith(frame["text"]) for frame in partial)


def test_a_page_that_comes_later_reads_the_whole_call(followed: Followed) -> None:
    assert followed.page_text == followed.text
    assert followed.page_problems == []


def test_five_observers_hear_a_whole_call_each_hidden_from_the_others(stack: Stack, followed: Followed) -> None:
    zero = stack.floor_opened_at(followed.status)
    assert [one.joins for one in followed.heard] == [{"Dispatcher": 1, "Driver": 1}] * OTHERS
    for side in ("Dispatcher", "Driver"):
        powers = [one.power_of(followed.transcript, side, zero) for one in followed.heard]
        assert min(map(len, powers)) >= LEAST_TURNS, powers
        assert min(min(turns) for turns in powers) > LEAST_SOUND, powers


def test_a_socket_without_a_sign_in_is_refused(stack: Stack, followed: Followed) -> None:
    address = _socket_address(stack, followed.status["conversation_id"])

    with pytest.raises((InvalidStatus, ConnectionClosed)), connect(address) as socket:
        socket.recv(timeout=10)
