"""A websocket client without LiveKit gets the whole transcript."""

import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.live.stack import SHORT_SCENARIO, Stack

END_LIMIT_S = 180.0


def _follow(stack: Stack, conversation_id: str) -> tuple[dict[int, dict[str, Any]], list[dict[str, Any]]]:
    """Read the socket until the call is over: the last state of each turn, and all partial texts."""
    turns: dict[int, dict[str, Any]] = {}
    words: list[dict[str, Any]] = []
    address = f"{stack.web_url.replace('http', 'ws')}/ws/conversations/{conversation_id}/"
    token = {"Authorization": f"Bearer {stack.environ['DISPATCHSIM_API_TOKEN']}"}
    with connect(address, additional_headers=token) as socket:
        while True:
            frame = json.loads(socket.recv(timeout=END_LIMIT_S))
            if frame["type"] == "turn":
                turns[frame["seq"]] = frame["turn"]
            if frame["type"] == "words":
                words.append(frame)
            if frame["type"] == "status" and frame["status"] in ("ended", "failed"):
                return turns, words


def test_a_socket_client_reads_every_turn_as_the_transcript_has_it(stack: Stack) -> None:
    conversation_id = stack.api.create(SHORT_SCENARIO)

    turns, words = _follow(stack, conversation_id)

    transcript = stack.api.turns(conversation_id)
    assert len(transcript) >= 8
    assert [turns[turn["seq"]]["text"] for turn in transcript] == [turn["text"] for turn in transcript]
    assert all(turn["is_final"] for turn in transcript)
    whole = {turn["seq"]: turn["text"] for turn in transcript}
    partial = [frame for frame in words if 0 < len(frame["text"]) < len(whole[frame["seq"]])]
    assert len({frame["seq"] for frame in partial}) >= len(transcript) // 2, "text came in whole turns only"
    assert all(whole[frame["seq"]].startswith(frame["text"]) for frame in partial)


def test_a_socket_without_a_sign_in_is_refused(stack: Stack) -> None:
    conversation_id = stack.api.create(SHORT_SCENARIO)
    address = f"{stack.web_url.replace('http', 'ws')}/ws/conversations/{conversation_id}/"

    with pytest.raises((InvalidStatus, ConnectionClosed)), connect(address) as socket:
        socket.recv(timeout=10)

    stack.api.post(f"conversations/{conversation_id}/end")
    stack.api.wait_for_end(conversation_id)
