"""What the client is told of the words heard, and what the mind gets."""

import pytest

from tests.rehearsal.wire import DISPATCHER, Json, Wire, silence, speech

pytestmark = pytest.mark.asyncio(loop_scope="module")
PREFIX = "conversation.item.input_audio_transcription"


def transcribing(model: str = "gpt-4o-mini-transcribe", **settings: object) -> Json:
    return {"input": {"transcription": {"model": model, **settings}}}


async def test_a_turn_is_transcribed(shared_wire: Wire) -> None:
    await shared_wire.update(instructions=DISPATCHER, audio=transcribing())

    await shared_wire.hear(speech("What's the commodity?"))
    completed = await shared_wire.until(f"{PREFIX}.completed")

    assert completed["transcript"] == "what's the commodity"
    assert completed["item_id"] == next(
        event["item_id"] for event in shared_wire.log if event["type"] == "input_audio_buffer.committed"
    )


async def test_the_words_come_as_a_delta_first(shared_wire: Wire) -> None:
    await shared_wire.update(instructions=DISPATCHER, audio=transcribing())

    await shared_wire.hear(speech("What's the commodity?"))
    delta = await shared_wire.until(f"{PREFIX}.delta")
    completed = await shared_wire.until(f"{PREFIX}.completed")

    assert delta["delta"] == completed["transcript"]


async def test_usage_adds_up(shared_wire: Wire) -> None:
    await shared_wire.update(instructions=DISPATCHER, audio=transcribing(prompt="Freight."))

    await shared_wire.hear(speech("What's the commodity?"))
    usage = (await shared_wire.until(f"{PREFIX}.completed"))["usage"]

    assert usage["type"] == "tokens"
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert usage["input_token_details"]["audio_tokens"] > 10


async def test_whisper_is_billed_by_time(shared_wire: Wire) -> None:
    await shared_wire.update(instructions=DISPATCHER, audio=transcribing("whisper-1"))

    await shared_wire.hear(speech("What's the commodity?"))
    usage = (await shared_wire.until(f"{PREFIX}.completed"))["usage"]

    assert usage["type"] == "duration"
    assert usage["seconds"] == pytest.approx(1.7, abs=0.7)


async def test_turns_are_transcribed_in_order(shared_wire: Wire) -> None:
    await shared_wire.update(instructions=DISPATCHER, audio=transcribing())

    await shared_wire.hear(speech("What's the commodity?") + speech("And what about the rate?"))
    texts = [(await shared_wire.until(f"{PREFIX}.completed"))["transcript"] for _ in range(2)]

    assert texts == ["what's the commodity", "and what about the rate"]


async def test_an_answer_comes_after_its_question_was_heard(shared_wire: Wire) -> None:
    await shared_wire.update(instructions=DISPATCHER, audio=transcribing())
    await shared_wire.hear(speech("What's the weight?"))
    await shared_wire.until(f"{PREFIX}.completed")  # the hearing process is up from here on
    if "response.done" not in shared_wire.types():
        await shared_wire.until("response.done")
    begin = len(shared_wire.log)

    await shared_wire.hear(speech("What's the commodity?"))
    await shared_wire.until("response.done")

    kinds = shared_wire.types()[begin:]
    assert kinds.index(f"{PREFIX}.completed") < kinds.index("response.output_item.added")


async def test_the_words_stay_with_the_item(shared_wire: Wire) -> None:
    await shared_wire.update(instructions=DISPATCHER, audio=transcribing())
    await shared_wire.hear(speech("What's the commodity?"))
    item_id = (await shared_wire.until(f"{PREFIX}.completed"))["item_id"]

    await shared_wire.send("conversation.item.retrieve", item_id=item_id)
    item = (await shared_wire.until("conversation.item.retrieved"))["item"]

    assert item["content"][0]["transcript"] == "what's the commodity"


async def test_silence_that_is_committed_is_told_as_not_transcribed(shared_wire: Wire) -> None:
    await shared_wire.update(audio={"input": {"transcription": {"model": "whisper-1"}, "turn_detection": None}})

    await shared_wire.hear(silence(1000))
    await shared_wire.send("input_audio_buffer.commit")
    failed = await shared_wire.until(f"{PREFIX}.failed")

    assert failed["error"]["code"] == "audio_unintelligible"


async def test_what_the_client_commits_is_heard_too(shared_wire: Wire) -> None:
    audio = {"input": {"transcription": {"model": "whisper-1"}, "turn_detection": None}}
    await shared_wire.update(instructions=DISPATCHER, audio=audio)

    await shared_wire.hear(speech("What's the commodity?"))
    await shared_wire.send("input_audio_buffer.commit")

    assert (await shared_wire.until(f"{PREFIX}.completed"))["transcript"] == "what's the commodity"


async def test_what_was_cleared_is_not_heard(shared_wire: Wire) -> None:
    audio = {"input": {"transcription": {"model": "whisper-1"}, "turn_detection": None}}
    await shared_wire.update(instructions=DISPATCHER, audio=audio)
    await shared_wire.hear(speech("What's the weight?"))
    await shared_wire.send("input_audio_buffer.clear")

    await shared_wire.hear(speech("What's the commodity?"))
    await shared_wire.send("input_audio_buffer.commit")

    assert (await shared_wire.until(f"{PREFIX}.completed"))["transcript"] == "what's the commodity"


async def test_a_word_of_the_transcription_prompt_is_known(shared_wire: Wire) -> None:
    await shared_wire.update(instructions=DISPATCHER, audio=transcribing(prompt="Quillfeather Foods in Springdale."))

    await shared_wire.hear(speech("Is that Quillfeather Foods?"))

    assert "quillfeather" in (await shared_wire.until(f"{PREFIX}.completed"))["transcript"]


async def test_without_transcription_nothing_is_told_of_the_words(shared_wire: Wire) -> None:
    await shared_wire.update(instructions=DISPATCHER)

    await shared_wire.hear(speech("What's the commodity?"))
    await shared_wire.until("response.done")

    assert not [kind for kind in shared_wire.types() if kind.startswith(PREFIX)]
