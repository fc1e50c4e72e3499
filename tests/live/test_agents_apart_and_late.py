"""Agents that share nothing, and that come later than their call.

Each agent server is a process by itself on a process of the voice model by itself: what one side says reaches the other
by its sound alone. Agent servers are there once they have come to LiveKit. These are started early, so that a busy
machine has imported them in time, and the way there is opened late.
"""

import asyncio
import base64
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from dispatchsim.bootstrap.ports import next_free_block
from tests.live.client import wait_until
from tests.live.forwarder import Forwarder, forwarder
from tests.live.realtime_proxy import RealtimeProxy, RecordedSession, realtime_proxy
from tests.live.room_observer import RoomObserver
from tests.live.stack import AGENT_SERVERS, SHORT_SCENARIO, Stack
from tests.protocol_checker import ProtocolChecker

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]

LATE_S = 6.0
IMPORTED_S = 120.0
CONNECT_S = 15.0
QUESTIONS = {
    "12,000": r"\b(weight|weigh|heavy)\b.*\?",
    "340": r"\b(miles|far|long)\b.*\?",
}  # by what they are after
SCENARIO = {"opener": "driver", "load_sheet": "weight: 12,000 pounds\nmiles: 340"}  # the driver asks for each
BYTES_PER_S = 48_000
ON_THE_WAY_S = 2.0  # from the model through the room to the other model, on a busy machine
CALL_LIMIT_S = 60.0


class MutedAnswer:
    """Gives the listener's model silence for sound while the speaker says its second turn.

    The speaker's model sends words and sound faster than they are played, so both are known before they are heard.
    """

    def __init__(self) -> None:
        self._turns = 0
        self._until = 0.0
        self.is_on = False
        self.text = ""  # what was muted

    def watch_speaker(self, side: str, text: str) -> str:
        """Note what the speaker's model says."""
        event = json.loads(text) if side == "server" and self.is_on else {"type": ""}
        self._turns += event["type"] == "response.created"
        if self._turns != 2:
            return text
        if event["type"] == "response.created":
            self._until = time.monotonic() + ON_THE_WAY_S
        elif event["type"] == "response.output_audio_transcript.delta":
            self.text += event["delta"]
        elif event["type"] == "response.output_audio.delta":
            self._until += len(base64.b64decode(event["delta"])) / BYTES_PER_S
        return text

    def mute_listener(self, side: str, text: str) -> str:
        """Put silence in the place of sound."""
        if side != "client" or time.monotonic() > self._until:
            return text
        event = json.loads(text)
        if event["type"] != "input_audio_buffer.append":
            return text
        silence = bytes(len(base64.b64decode(event["audio"])))
        return json.dumps({**event, "audio": base64.b64encode(silence).decode()})


def start_second_rehearsal(stack: Stack) -> str:
    """Start another process of the rehearsal model, and give its address."""
    port = next_free_block(stack.ports.web)
    command = [sys.executable, "-m", "rehearsal", "--host", "127.0.0.1", "--port", str(port)]
    stack.start_command("rehearsal-2", command, stack.environ)
    return f"http://127.0.0.1:{port}/v1"


def start_agent(stack: Stack, role: str, rehearsal_url: str, way: Forwarder) -> None:
    """Start the agent server of one role alone, on this voice model, which comes to LiveKit by this way."""
    stack.start_command(
        f"agent-{role}",
        [sys.executable, "-m", f"agents.{role}_agent", "start"],
        stack.environ
        | {
            "REHEARSAL_URL": rehearsal_url,
            "LIVEKIT_URL": f"ws://127.0.0.1:{way.port}",
            "LIVEKIT_API_KEY": "dispatchsim",
            "DISPATCHSIM_WEB_URL": stack.web_url,
        },
    )


@dataclass(frozen=True)
class Apart:
    """Agent servers with a way to LiveKit each, and a voice model each behind a proxy that writes along."""

    stack: Stack
    ways: tuple[Forwarder, Forwarder]  # shut at first
    proxies: tuple[RealtimeProxy, RealtimeProxy]
    muted: MutedAnswer


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, prepared: Stack) -> Iterator[Apart]:
    """Start everything at once, and wait until nothing is missing but that the agent servers come to LiveKit."""
    muted = MutedAnswer()
    with (
        Stack(tmp_path_factory.mktemp("apart")).running(prepared) as stack,
        realtime_proxy(stack.rehearsal_url, muted.watch_speaker) as dispatchers,
        realtime_proxy(start_second_rehearsal(stack), muted.mute_listener) as drivers,
        forwarder() as dispatchers_way,
        forwarder() as drivers_way,
    ):
        stack.start("media", "rehearsal", "web", "supervisor")
        start_agent(stack, "dispatcher", dispatchers.url, dispatchers_way)
        start_agent(stack, "driver", drivers.url, drivers_way)
        stack.wait_ready(without=AGENT_SERVERS)
        ways = (dispatchers_way, drivers_way)
        wait_until(lambda: [way.connections for way in ways], all, limit_s=IMPORTED_S, what="both agent servers")
        yield Apart(stack, ways, (dispatchers, drivers), muted)
        stack.stop("agent-dispatcher", "agent-driver")


@dataclass(frozen=True)
class LateCall:
    """A call that was launched, and observed, before there was an agent server."""

    took_s: float  # from the agent servers' registration until both agents were in the room
    jobs: dict[str, int]
    end: dict[str, Any]
    observer: RoomObserver
    sessions: list[RecordedSession]


@pytest.fixture(scope="module")
def late_call(apart: Apart) -> LateCall:
    """Hold the call whose agent servers come six seconds after the launch."""
    assert apart.stack.missing() == set(AGENT_SERVERS)
    return asyncio.run(_hold_late(apart))


async def _hold_late(apart: Apart) -> LateCall:
    stack = apart.stack
    created = stack.api.post("conversations/create", {"scenario": SHORT_SCENARIO})
    observer = RoomObserver()
    await observer.join(created["livekit_url"], created["token"])

    await asyncio.sleep(LATE_S)  # the fault itself: six seconds without an agent server
    for way in apart.ways:
        way.open(stack.ports.media)
    await asyncio.to_thread(stack.wait_ready)
    registered_at = time.monotonic()
    await asyncio.to_thread(
        wait_until,
        lambda: stack.api.status(created["conversation_id"]),
        lambda status: status["status"] == "live",
        limit_s=CONNECT_S,
        what="both agents",
    )
    took_s = time.monotonic() - registered_at
    await asyncio.to_thread(stack.api.wait_for_turns, created["conversation_id"], 4)
    jobs = await stack.count_jobs(created["room_id"])
    end = await asyncio.to_thread(stack.api.wait_for_end, created["conversation_id"])
    await observer.leave()
    return LateCall(took_s, jobs, end, observer, [session for proxy in apart.proxies for session in proxy.sessions])


def test_a_call_launched_before_its_agent_servers_connects_by_itself(late_call: LateCall) -> None:
    """F1: agent servers come 6 s after the launch; exactly one agent per role."""
    assert late_call.took_s < CONNECT_S
    assert late_call.jobs == {"dispatcher": 1, "driver": 1}
    assert late_call.observer.joins == {"Dispatcher": 1, "Driver": 1}
    assert late_call.end["status"] == "ended"


def test_an_observer_who_comes_before_the_agents_is_not_taken_for_the_peer(late_call: LateCall) -> None:
    """F8: each agent links to its peer and hears it."""
    assert (late_call.end["status"], late_call.end["end_reason"]) == ("ended", "agent_hung_up")
    assert late_call.end["turns"] >= 8
    assert all(side.energy()[-1].total > 0 for side in late_call.observer.sides.values())


def test_agents_on_two_rehearsal_processes_hold_a_call_that_keeps_to_the_protocol(late_call: LateCall) -> None:
    """Sessions share nothing: each side knows only its instructions and what it hears."""
    sessions = late_call.sessions

    assert (late_call.end["status"], late_call.end["end_reason"]) == ("ended", "agent_hung_up"), late_call.end
    assert late_call.end["turns"] >= 8
    assert len(sessions) == 2
    wait_until(lambda: [session.is_over for session in sessions], all, limit_s=10.0, what="both sessions to be closed")
    for session in sessions:
        _assert_kept_to_the_protocol(session)


def _assert_kept_to_the_protocol(session: RecordedSession) -> None:
    checker = ProtocolChecker()
    for side, text in session.frames:
        (checker.client_event if side == "client" else checker.server_event)(json.loads(text))
    checker.assert_clean()


@pytest.mark.usefixtures("late_call")  # since then the agent servers are there
def test_a_fact_that_is_muted_on_its_way_is_asked_for_again(apart: Apart) -> None:
    muted, api = apart.muted, apart.stack.api
    muted.is_on = True
    conversation_id = api.create(SCENARIO)

    told, answer = _wait_for_answer(apart.stack, conversation_id)
    api.post(f"conversations/{conversation_id}/end")
    api.wait_for_end(conversation_id)

    fact = next(fact for fact in QUESTIONS if fact in told["text"])
    assert (told["text"], told["heard_as"]) == (muted.text, None)
    assert fact not in answer["text"]
    assert re.search(QUESTIONS[fact], answer["text"]), answer["text"]


def _wait_for_answer(stack: Stack, conversation_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the dispatcher's second turn, and what the driver says after it."""

    def look() -> list[dict[str, Any]]:
        turns = [turn for turn in stack.api.turns(conversation_id) if turn["is_final"]]
        told = [turn for turn in turns if turn["speaker"] == "dispatcher"][1:2]
        return told + [turn for turn in turns if told and turn["seq"] > told[0]["seq"]]

    seen = wait_until(look, lambda found: len(found) > 1, limit_s=CALL_LIMIT_S, what="an answer to the muted turn")
    return seen[0], next(turn for turn in seen[1:] if turn["speaker"] == "driver")
