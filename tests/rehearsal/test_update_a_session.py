"""What a session can be told, and how it refuses the rest."""

import json
from typing import Any

import pytest

from tests.rehearsal.wire import DISPATCHER, END_CALL, WRONG, Wire


async def refusal(wire: Wire, session: dict[str, Any]) -> dict[str, Any]:
    event = {"type": "session.update", "event_id": WRONG, "session": {"type": "realtime", **session}}
    return await wire.refused(json.dumps(event))


async def test_a_session_begins_with_sound_defaults(wire: Wire) -> None:
    session = wire.log[0]["session"]

    assert session["model"] == "gpt-realtime"
    assert session["audio"]["input"]["turn_detection"]["silence_duration_ms"] == 500


async def test_what_was_set_is_shown(wire: Wire) -> None:
    session = await wire.update(instructions=DISPATCHER, tools=[END_CALL], audio={"output": {"voice": "cedar"}})

    assert session["instructions"] == DISPATCHER
    assert session["tools"] == [END_CALL]
    assert session["audio"]["output"]["voice"] == "cedar"


async def test_what_was_not_set_stays(wire: Wire) -> None:
    await wire.update(audio={"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": 700}}})

    session = await wire.update(audio={"input": {"turn_detection": {"type": "server_vad", "threshold": 0.7}}})

    detection = session["audio"]["input"]["turn_detection"]
    assert (detection["silence_duration_ms"], detection["threshold"]) == (700, 0.7)


async def test_no_turn_detection_is_a_setting(wire: Wire) -> None:
    session = await wire.update(audio={"input": {"turn_detection": None}})

    assert session["audio"]["input"]["turn_detection"] is None


async def test_transcription_can_be_switched_off_again(wire: Wire) -> None:
    await wire.update(audio={"input": {"transcription": {"model": "whisper-1"}}})

    session = await wire.update(audio={"input": {"transcription": None}})

    assert session["audio"]["input"]["transcription"] is None


@pytest.mark.parametrize(
    ("session", "code", "param"),
    [
        ({"colour": "red"}, "unknown_parameter", "session.colour"),
        ({"audio": {"output": {"voice": "bob"}}}, "invalid_value", "session.audio.output.voice"),
        ({"audio": {"output": {"speed": 9}}}, "invalid_value", "session.audio.output.speed"),
        ({"audio": {"output": {"speed": "fast"}}}, "invalid_type", "session.audio.output.speed"),
        ({"output_modalities": ["audio", "text"]}, "invalid_value", "session.output_modalities"),
        ({"max_output_tokens": 0}, "invalid_value", "session.max_output_tokens"),
        ({"instructions": 3}, "invalid_type", "session.instructions"),
        ({"model": "gpt-other"}, "cannot_update_model", "session.model"),
        ({"tools": [{"type": "function"}]}, "missing_required_parameter", "session.tools[0].name"),
        (
            {"audio": {"input": {"turn_detection": {"type": "server_vad", "threshold": 2}}}},
            "invalid_value",
            "session.audio.input.turn_detection.threshold",
        ),
        (
            {"audio": {"input": {"turn_detection": {"type": "guess"}}}},
            "invalid_value",
            "session.audio.input.turn_detection.type",
        ),
    ],
)
async def test_a_bad_value_is_refused_by_its_name(wire: Wire, session: dict[str, Any], code: str, param: str) -> None:
    error = await refusal(wire, session)

    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", code, param)


async def test_a_refusal_names_the_event(wire: Wire) -> None:
    error = await refusal(wire, {"colour": "red"})

    assert error["event_id"] == WRONG


@pytest.mark.parametrize("kind", ["audio/pcmu", "audio/pcma"])
async def test_telephone_formats_are_refused_clearly(wire: Wire, kind: str) -> None:
    error = await refusal(wire, {"audio": {"output": {"format": {"type": kind}}}})

    assert "audio/pcm" in error["message"]
    assert "24000" in error["message"]


async def test_a_refused_update_changes_nothing(wire: Wire) -> None:
    await refusal(wire, {"instructions": DISPATCHER, "audio": {"output": {"speed": 9}}})

    session = await wire.update()

    assert session["instructions"] == ""


async def test_a_voice_that_has_spoken_stays(wire: Wire) -> None:
    await wire.respond()

    error = await refusal(wire, {"audio": {"output": {"voice": "ash"}}})

    assert error["code"] == "cannot_update_voice"
