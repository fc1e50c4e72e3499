"""Which frames of the voice model pass to the plugin."""

import json
from typing import Any

import pytest

from agents.frame_gate import FrameGate
from tests.agents.fakes import read_recording

WHERE = {"response_id": "r1", "item_id": "i1"}


def frame(kind: str, **fields: Any) -> str:
    return json.dumps({"type": kind, **fields})


@pytest.mark.parametrize(
    "text", ["", "not JSON", "[1]", "null", "7", "{}", '{"type": 7}', '{"type": "response.done"', "[" * 100_000]
)
def test_what_is_no_event_is_dropped(text: str) -> None:
    assert not FrameGate().pass_on(text)


def test_an_event_that_nobody_knows_passes() -> None:
    assert FrameGate().pass_on(frame("weather.updated"))


def test_an_event_passes_once() -> None:
    gate, text = FrameGate(), frame("session.updated", event_id="e1")

    assert [gate.pass_on(text), gate.pass_on(text)] == [(text,), ()]


def test_a_response_begins_once() -> None:
    gate = FrameGate()

    begun = [gate.pass_on(frame("response.created", event_id=f"e{n}", response={"id": "r1"})) for n in range(2)]

    assert [len(frames) for frames in begun] == [1, 0]


@pytest.mark.parametrize(
    "fields", [{}, {"item_id": "i1"}, {"delta": "AAAA"}, {"item_id": 5, "delta": "AAAA"}, {"item_id": "i1", "delta": 5}]
)
def test_a_piece_of_sound_without_its_parts_is_dropped(fields: dict[str, Any]) -> None:
    assert not FrameGate().pass_on(frame("response.output_audio.delta", response_id="r1", **fields))


@pytest.mark.parametrize(
    "end",
    [
        frame("response.output_audio.done", **WHERE),
        frame("response.output_item.done", response_id="r1", item={"id": "i1"}),
        frame("response.done", response={"id": "r1"}),
    ],
)
def test_sound_after_its_end_is_dropped(end: str) -> None:
    gate, delta = FrameGate(), frame("response.output_audio.delta", **WHERE, delta="AAAA")

    assert [gate.pass_on(delta), gate.pass_on(end), gate.pass_on(delta)] == [(delta,), (end,), ()]


def test_words_may_come_after_the_sound_is_complete() -> None:
    gate = FrameGate()
    gate.pass_on(frame("response.output_audio.done", **WHERE))

    assert gate.pass_on(frame("response.output_audio_transcript.delta", **WHERE, delta="load"))


def test_every_event_of_a_recorded_session_passes() -> None:
    gate = FrameGate()
    events = [record.event for record in read_recording("exchange.jsonl") if record.sender == "server"]

    frames = [json.dumps(event) for event in events]
    assert [passed for frame in frames for passed in gate.pass_on(frame)] == frames


def test_a_response_whose_end_was_lost_is_ended_by_the_next() -> None:
    gate = FrameGate()
    gate.pass_on(frame("response.created", response={"id": "r1"}))

    end, begin = gate.pass_on(frame("response.created", response={"id": "r2"}))

    assert (json.loads(end)["type"], json.loads(end)["response"]["id"]) == ("response.done", "r1")
    assert json.loads(begin)["response"]["id"] == "r2"


def test_the_end_that_comes_after_the_next_has_begun_counts_for_nothing() -> None:
    gate = FrameGate()
    for response in ("r1", "r2"):
        gate.pass_on(frame("response.created", response={"id": response}))

    assert gate.pass_on(frame("response.done", response={"id": "r1"})) == ()
