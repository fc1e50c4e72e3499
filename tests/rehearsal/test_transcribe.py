"""What the client is told of the words heard, and what the mind gets."""

import asyncio

import psutil
import pytest

from rehearsal import voice
from rehearsal.hearing.process import HearingProcess
from tests.rehearsal.wire import DISPATCHER, Json, Wire, silence, speech

PREFIX = "conversation.item.input_audio_transcription"


def transcribing(model: str = "gpt-4o-mini-transcribe", **settings: object) -> Json:
    return {"input": {"transcription": {"model": model, **settings}}}


async def test_a_turn_is_transcribed(wire: Wire) -> None:
    await wire.update(instructions=DISPATCHER, audio=transcribing())

    await wire.hear(speech("What's the commodity?"))
    completed = await wire.until(f"{PREFIX}.completed")

    assert completed["transcript"] == "what's the commodity"
    assert completed["item_id"] == next(
        event["item_id"] for event in wire.log if event["type"] == "input_audio_buffer.committed"
    )


async def test_the_words_come_as_a_delta_first(wire: Wire) -> None:
    await wire.update(instructions=DISPATCHER, audio=transcribing())

    await wire.hear(speech("What's the commodity?"))
    delta = await wire.until(f"{PREFIX}.delta")
    completed = await wire.until(f"{PREFIX}.completed")

    assert delta["delta"] == completed["transcript"]


async def test_usage_adds_up(wire: Wire) -> None:
    await wire.update(instructions=DISPATCHER, audio=transcribing(prompt="Freight."))

    await wire.hear(speech("What's the commodity?"))
    usage = (await wire.until(f"{PREFIX}.completed"))["usage"]

    assert usage["type"] == "tokens"
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["input_token_details"]["audio_tokens"] > 10


async def test_whisper_is_billed_by_time(wire: Wire) -> None:
    await wire.update(instructions=DISPATCHER, audio=transcribing("whisper-1"))

    await wire.hear(speech("What's the commodity?"))
    usage = (await wire.until(f"{PREFIX}.completed"))["usage"]

    assert usage["type"] == "duration"
    assert usage["seconds"] == pytest.approx(1.7, abs=0.7)


async def test_turns_are_transcribed_in_order(wire: Wire) -> None:
    await wire.update(instructions=DISPATCHER, audio=transcribing())

    await wire.hear(speech("What's the commodity?") + speech("And what about the rate?"))
    texts = [(await wire.until(f"{PREFIX}.completed"))["transcript"] for _ in range(2)]

    assert texts == ["what's the commodity", "and what about the rate"]


async def test_an_answer_comes_after_its_question_was_heard(wire: Wire) -> None:
    await wire.update(instructions=DISPATCHER, audio=transcribing())
    await wire.hear(speech("What's the weight?"))
    await wire.until(f"{PREFIX}.completed")  # the hearing process is up from here on
    if "response.done" not in wire.types():
        await wire.until("response.done")
    begin = len(wire.log)

    await wire.hear(speech("What's the commodity?"))
    await wire.until("response.done")

    kinds = wire.types()[begin:]
    assert kinds.index(f"{PREFIX}.completed") < kinds.index("response.output_item.added")


async def test_the_words_stay_with_the_item(wire: Wire) -> None:
    await wire.update(instructions=DISPATCHER, audio=transcribing())
    await wire.hear(speech("What's the commodity?"))
    item_id = (await wire.until(f"{PREFIX}.completed"))["item_id"]

    await wire.send("conversation.item.retrieve", item_id=item_id)
    item = (await wire.until("conversation.item.retrieved"))["item"]

    assert item["content"][0]["transcript"] == "what's the commodity"


async def test_silence_that_is_committed_is_told_as_not_transcribed(wire: Wire) -> None:
    await wire.update(audio={"input": {"transcription": {"model": "whisper-1"}, "turn_detection": None}})

    await wire.hear(silence(1000))
    await wire.send("input_audio_buffer.commit")
    failed = await wire.until(f"{PREFIX}.failed")

    assert failed["error"]["code"] == "audio_unintelligible"


async def test_what_the_client_commits_is_heard_too(wire: Wire) -> None:
    audio = {"input": {"transcription": {"model": "whisper-1"}, "turn_detection": None}}
    await wire.update(instructions=DISPATCHER, audio=audio)

    await wire.hear(speech("What's the commodity?"))
    await wire.send("input_audio_buffer.commit")

    assert (await wire.until(f"{PREFIX}.completed"))["transcript"] == "what's the commodity"


async def test_what_was_cleared_is_not_heard(wire: Wire) -> None:
    audio = {"input": {"transcription": {"model": "whisper-1"}, "turn_detection": None}}
    await wire.update(instructions=DISPATCHER, audio=audio)
    await wire.hear(speech("What's the weight?"))
    await wire.send("input_audio_buffer.clear")

    await wire.hear(speech("What's the commodity?"))
    await wire.send("input_audio_buffer.commit")

    assert (await wire.until(f"{PREFIX}.completed"))["transcript"] == "what's the commodity"


async def test_a_word_of_the_transcription_prompt_is_known(wire: Wire) -> None:
    await wire.update(instructions=DISPATCHER, audio=transcribing(prompt="Quillfeather Foods in Springdale."))

    await wire.hear(speech("Is that Quillfeather Foods?"))

    assert "quillfeather" in (await wire.until(f"{PREFIX}.completed"))["transcript"]


async def test_without_transcription_nothing_is_told_of_the_words(wire: Wire) -> None:
    await wire.update(instructions=DISPATCHER)

    await wire.hear(speech("What's the commodity?"))
    await wire.until("response.done")

    assert not [kind for kind in wire.types() if kind.startswith(PREFIX)]


async def test_a_hearing_process_that_dies_is_replaced() -> None:
    hearing = HearingProcess()
    ear = hearing.open_ear()
    ear.prepare(DISPATCHER)
    pcm = silence(300) + voice.speak("What's the commodity?", voice="ash") + silence(500)
    try:
        ear.feed(pcm)
        await asyncio.wait_for(ear.finish(), 30)
        ear.feed(pcm)
        lost = ear.finish()
        for child in psutil.Process().children():
            if "rehearsal.hearing.worker" in child.cmdline():
                child.kill()
        lost_heard = await asyncio.wait_for(lost, 30)
        while hearing.is_up:
            await asyncio.sleep(0.01)

        ear.feed(pcm)
        heard = await asyncio.wait_for(ear.finish(), 30)
    finally:
        await hearing.close()

    assert lost_heard.text in ("", "what's the commodity")
    assert heard.text == "what's the commodity"


async def test_closing_leaves_no_process() -> None:
    hearing = HearingProcess()
    hearing.warm_up()

    await hearing.close()

    assert not [child for child in psutil.Process().children() if "rehearsal.hearing.worker" in child.cmdline()]
