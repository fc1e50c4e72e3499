"""Who speaks into the model's voice stops it."""

import base64

import pytest

from tests.rehearsal.wire import DISPATCHER, Wire, silence, speech, transcript_of

pytestmark = pytest.mark.asyncio(loop_scope="module")


def turn_detection(**settings: object) -> dict[str, object]:
    return {"input": {"turn_detection": {"type": "server_vad", **settings}}}


async def begin_to_speak(wire: Wire, **settings: object) -> None:
    await wire.update(instructions=DISPATCHER, audio=turn_detection(**settings))
    await wire.send("response.create")
    await wire.until("response.output_audio.delta")


async def test_speech_cancels_the_response(slow_shared_wire: Wire) -> None:
    await begin_to_speak(slow_shared_wire)

    await slow_shared_wire.hear(speech("Wait a moment please."))
    done = (await slow_shared_wire.until("response.done"))["response"]

    assert (done["status"], done["status_details"]["reason"]) == ("cancelled", "turn_detected")


async def test_an_interrupted_item_is_incomplete(slow_shared_wire: Wire) -> None:
    await begin_to_speak(slow_shared_wire)

    await slow_shared_wire.hear(speech("Wait a moment please."))
    done = (await slow_shared_wire.until("response.done"))["response"]

    assert done["output"][0]["status"] == "incomplete"


async def test_the_transcript_ends_where_the_sound_ends(slow_shared_wire: Wire) -> None:
    await begin_to_speak(slow_shared_wire)

    await slow_shared_wire.hear(speech("Wait a moment please."))
    done = (await slow_shared_wire.until("response.done"))["response"]

    assert "Hi Chris, this is Tim with dispatch.".startswith(transcript_of(done)[:12])
    assert len(transcript_of(done)) < 60


async def test_after_an_interruption_the_other_turn_is_answered(slow_shared_wire: Wire) -> None:
    await begin_to_speak(slow_shared_wire)

    await slow_shared_wire.hear(speech("Wait a moment please."))
    await slow_shared_wire.until("response.done")
    done = (await slow_shared_wire.until("response.done"))["response"]

    assert done["status"] == "completed"


async def test_without_interrupt_response_it_speaks_on_and_answers_then(slow_shared_wire: Wire) -> None:
    await begin_to_speak(slow_shared_wire, interrupt_response=False)

    await slow_shared_wire.hear(speech("Wait a moment please."))
    first = (await slow_shared_wire.until("response.done"))["response"]
    second = (await slow_shared_wire.until("response.done"))["response"]

    assert [first["status"], second["status"]] == ["completed", "completed"]


async def test_without_create_response_a_turn_is_only_noted(shared_wire: Wire) -> None:
    await shared_wire.update(instructions=DISPATCHER, audio=turn_detection(create_response=False))

    await shared_wire.hear(speech("Hello?") + silence(500))
    await shared_wire.until("conversation.item.done")
    await shared_wire.write("marker")

    assert "response.created" not in shared_wire.types()


async def test_silence_starts_nothing(shared_wire: Wire) -> None:
    await shared_wire.update(instructions=DISPATCHER)

    await shared_wire.hear(silence(4000))
    await shared_wire.write("marker")

    assert "input_audio_buffer.speech_started" not in shared_wire.types()


async def test_an_onset_is_told_with_its_padding(shared_wire: Wire) -> None:
    await shared_wire.update(audio=turn_detection(prefix_padding_ms=400))

    await shared_wire.hear(silence(2000) + speech("Hello, is anybody there?"))
    started = await shared_wire.until("input_audio_buffer.speech_started")

    assert 1950 <= started["audio_start_ms"] <= 2250


async def test_two_turns_in_one_append_are_two_turns(shared_wire: Wire) -> None:
    await shared_wire.update(instructions=DISPATCHER)
    both = speech("What's the commodity?") + speech("And the weight?")

    await shared_wire.send("input_audio_buffer.append", audio=base64.b64encode(both).decode())
    for _ in range(2):
        await shared_wire.until("input_audio_buffer.committed")

    assert shared_wire.types().count("input_audio_buffer.speech_started") == 2


async def test_semantic_detection_finds_turns_too(shared_wire: Wire) -> None:
    detection = {"type": "semantic_vad", "eagerness": "high"}
    await shared_wire.update(instructions=DISPATCHER, audio={"input": {"turn_detection": detection}})

    await shared_wire.hear(speech("What's the commodity?"))
    done = (await shared_wire.until("response.done"))["response"]

    assert "frozen chicken" in transcript_of(done)
