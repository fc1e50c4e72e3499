"""What one side says reaches the other by its sound alone: two processes of the voice model, which share nothing."""

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
from tests.live.realtime_proxy import RealtimeProxy, RecordedSession, realtime_proxy
from tests.live.stack import AGENT_SERVERS, SHORT_SCENARIO, Stack
from tests.protocol_checker import ProtocolChecker

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]

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


def start_agent(stack: Stack, role: str, rehearsal_url: str) -> None:
    """Start the agent server of one role alone, on this voice model."""
    stack.start_command(
        f"agent-{role}",
        [sys.executable, "-m", f"agents.{role}_agent", "start"],
        stack.environ
        | {
            "REHEARSAL_URL": rehearsal_url,
            "LIVEKIT_URL": stack.livekit_url,
            "LIVEKIT_API_KEY": "dispatchsim",
            "DISPATCHSIM_WEB_URL": stack.web_url,
        },
    )


@dataclass(frozen=True)
class TwoModels:
    """A stack whose agents speak by two processes of the rehearsal model, each behind a proxy that writes along."""

    stack: Stack
    proxies: tuple[RealtimeProxy, RealtimeProxy]
    muted: MutedAnswer


@pytest.fixture(scope="module")
def two_models(tmp_path_factory: pytest.TempPathFactory, prepared: Stack) -> Iterator[TwoModels]:
    muted, parts = MutedAnswer(), ("media", "rehearsal", "web", "supervisor")
    with (
        Stack(tmp_path_factory.mktemp("two-models")).running(prepared, *parts, without=AGENT_SERVERS) as stack,
        realtime_proxy(stack.rehearsal_url, muted.watch_speaker) as dispatchers,
        realtime_proxy(start_second_rehearsal(stack), muted.mute_listener) as drivers,
    ):
        start_agent(stack, "dispatcher", dispatchers.url)
        start_agent(stack, "driver", drivers.url)
        stack.wait_ready()
        yield TwoModels(stack, (dispatchers, drivers), muted)
        stack.stop("agent-dispatcher", "agent-driver")


def test_agents_on_two_rehearsal_processes_hold_a_call_that_keeps_to_the_protocol(two_models: TwoModels) -> None:
    """Sessions share nothing: each side knows only its instructions and what it hears."""
    api = two_models.stack.api
    end = api.wait_for_end(api.create(SHORT_SCENARIO))

    assert (end["status"], end["end_reason"]) == ("ended", "agent_hung_up"), end
    assert end["turns"] >= 8
    sessions = [session for proxy in two_models.proxies for session in proxy.sessions]
    assert len(sessions) == 2
    wait_until(lambda: [session.is_over for session in sessions], all, limit_s=10.0, what="both sessions to be closed")
    for session in sessions:
        _assert_kept_to_the_protocol(session)


def _assert_kept_to_the_protocol(session: RecordedSession) -> None:
    checker = ProtocolChecker()
    for side, text in session.frames:
        (checker.client_event if side == "client" else checker.server_event)(json.loads(text))
    checker.assert_clean()


def test_a_fact_that_is_muted_on_its_way_is_asked_for_again(two_models: TwoModels) -> None:
    muted, api = two_models.muted, two_models.stack.api
    muted.is_on = True
    conversation_id = api.create(SCENARIO)

    told, answer = _wait_for_answer(two_models.stack, conversation_id)
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
