"""What one side says reaches the other by its sound alone: a fact that is muted on its way must be asked for again."""

import base64
import json
import re
import time
from typing import Any

from tests.live.client import wait_until
from tests.live.realtime_proxy import realtime_proxy
from tests.live.stack import Stack
from tests.live.two_models import start_agent, start_second_rehearsal

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
        self.text = ""  # what was muted

    def watch_speaker(self, side: str, text: str) -> str:
        """Note what the speaker's model says."""
        event = json.loads(text) if side == "server" else {"type": ""}
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


def test_a_fact_that_is_muted_on_its_way_is_asked_for_again(own_stack: Stack) -> None:
    muted = MutedAnswer()
    own_stack.start("media", "rehearsal", "web", "supervisor")
    with (
        realtime_proxy(own_stack.rehearsal_url, muted.watch_speaker) as dispatchers,
        realtime_proxy(start_second_rehearsal(own_stack), muted.mute_listener) as drivers,
    ):
        start_agent(own_stack, "dispatcher", dispatchers.url)
        start_agent(own_stack, "driver", drivers.url)
        own_stack.wait_ready()
        conversation_id = own_stack.api.create(SCENARIO)

        told, answer = _wait_for_answer(own_stack, conversation_id)
        own_stack.api.post(f"conversations/{conversation_id}/end")
        own_stack.api.wait_for_end(conversation_id)
        own_stack.stop("agent-dispatcher", "agent-driver")

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
