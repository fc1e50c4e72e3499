"""How a persona takes and holds the floor: pauses, hesitation, "mm-hm" while the other side talks, cutting in."""

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import yaml
from django.conf import settings

from rehearsal.audio import duration_ms
from rehearsal.config import BACKCHANNEL_MS
from rehearsal.delivery import BACKCHANNELS, Delivery, find_delivery
from rehearsal.interjecting import Interjection, Interjections
from rehearsal.voice import VOICE_NAMES, speak
from tests.rehearsal.wire import (
    DISPATCHER,
    Json,
    Running,
    Wire,
    open_wire,
    running_server,
    silence,
    speech,
    spoken_audio,
    transcript_of,
)

LONG = (
    "So I am sitting here at the receiver in Memphis since six this morning and they told me that the dock is full "
    "and that nobody knows when it will be free again and the guard sent me to the back lot."
)
LISTENER = DISPATCHER + "\n# Who you are\nWhile others talk, you say mm-hm now and then.\n"
INTERRUPTER = DISPATCHER + "\n# Who you are\nYou cut in when somebody goes on for long.\n"
in_one_loop = pytest.mark.asyncio(loop_scope="module")  # with the server that they share


def habits(slug: str) -> Delivery:
    path = settings.BASE_DIR / "dispatchsim" / "library" / "personas" / f"{slug}.yaml"
    persona = yaml.safe_load(path.read_text())
    return find_delivery(f"{persona['title']}\n{persona['character']}")


@pytest.mark.parametrize(
    ("slug", "known"),
    [
        ("tim", set()),
        ("chris", set()),
        ("rosa", set()),
        ("dana", {"hastens"}),
        ("andre", {"hastens"}),
        ("gus", {"hastens", "cuts_in"}),
        ("earl", {"thinks", "hesitates"}),
        ("mei", {"hesitates"}),
        ("priya", {"listens"}),
        ("walt", {"thinks", "hesitates", "listens"}),
    ],
)
def test_each_persona_of_the_library_has_the_habits_that_its_character_tells(slug: str, known: set[str]) -> None:
    delivery = habits(slug)

    assert {
        name for name in ("thinks", "hastens", "hesitates", "listens", "cuts_in") if getattr(delivery, name)
    } == known


@pytest.mark.parametrize(
    ("character", "habit"),
    [
        ("You are tired.", "thinks"),
        ("You are slow.", "thinks"),
        ("You hate waiting.", "hastens"),
        ("You have no patience.", "hastens"),
    ],
)
def test_pace_is_known_by_what_people_write(character: str, habit: str) -> None:
    assert getattr(find_delivery(character), habit)


@pytest.mark.parametrize(
    "character", ["You never interrupt.", "You do not cut in.", "You are never in a hurry, and not slow either.", ""]
)
def test_what_a_character_does_not_do_is_no_habit(character: str) -> None:
    assert find_delivery(character) == Delivery()


def test_the_same_seed_gives_the_same_manner() -> None:
    one, same, other = (find_delivery("slowly, mm-hm, cuts in", seed=seed) for seed in ("1", "1", "2"))

    def course(delivery: Delivery) -> list[float | None]:
        return [
            time_s
            for turn in range(20)
            for time_s in (
                delivery.answer_pause_s(turn), delivery.backchannel_after_s(turn), delivery.cuts_in_after_s(turn)
            )
        ]  # fmt: skip

    assert course(one) == course(same) != course(other)


def test_who_thinks_first_waits_before_an_answer() -> None:
    assert 0.35 <= find_delivery("You speak slowly.").answer_pause_s(1) <= 0.8


def test_who_thinks_breathes_longer_between_sentences_than_who_hastens() -> None:
    thinks, plain, hastens = (find_delivery(text).breath_s for text in ("slowly", "", "quick"))

    assert thinks > plain > hastens


def test_who_is_unsure_stops_before_some_numbers_and_changes_no_word() -> None:
    unsure = find_delivery("You are nervous.", seed="1")
    sentences = [f"It weighs {weight},000 pounds." for weight in range(20, 45)]

    aloud = [unsure.with_hesitation(sentence) for sentence in sentences]

    assert 0 < sum(spoken != sentence for spoken, sentence in zip(aloud, sentences, strict=True)) < len(sentences)
    assert [spoken.replace("weighs, ", "weighs ") for spoken in aloud] == sentences


def test_a_turn_gets_one_backchannel_and_one_cut_at_most() -> None:
    interjections = Interjections()
    interjections.configure(find_delivery("You say uh-huh, and you interrupt.", seed="1"))

    kinds = []
    for _ in range(20):
        interjections.on_onset()
        kinds.append([kind for ms in range(0, 12_000, 100) if (kind := interjections.on_speech(ms, now_ms=ms))])

    assert all(len(turn) == len(set(turn)) for turn in kinds)
    assert {kind for turn in kinds for kind in turn} == set(Interjection)


@pytest.mark.parametrize("voice_name", VOICE_NAMES)
def test_a_backchannel_is_too_short_to_stop_anybody(voice_name: str) -> None:
    assert max(duration_ms(speak(words, voice=voice_name)) for words in BACKCHANNELS) < BACKCHANNEL_MS


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tolerant_server() -> AsyncIterator[Running]:
    async with running_server(tolerates_ms=BACKCHANNEL_MS, pace=4.0) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def tolerant_wire(tolerant_server: Running) -> AsyncIterator[Wire]:
    """A session as calls have it: a short sound does not stop it while its voice plays."""
    async with open_wire(tolerant_server) as wire:
        yield wire


async def begin_to_speak(wire: Wire, **listening: object) -> None:
    await wire.update(instructions=DISPATCHER, audio={"input": listening})
    await wire.send("response.create")
    await wire.until("response.output_audio.delta")


@in_one_loop
@pytest.mark.parametrize("words", BACKCHANNELS)
async def test_a_backchannel_does_not_stop_who_speaks(tolerant_wire: Wire, words: str) -> None:
    await begin_to_speak(tolerant_wire)

    await tolerant_wire.hear(speech(words))
    done = (await tolerant_wire.until("response.done"))["response"]

    assert (done["status"], "input_audio_buffer.speech_started" in tolerant_wire.types()) == ("completed", False)


@in_one_loop
async def test_a_backchannel_at_the_very_end_of_a_turn_is_not_answered(tolerant_wire: Wire) -> None:
    await tolerant_wire.update(instructions=DISPATCHER)
    await tolerant_wire.respond()

    await tolerant_wire.hear(silence(100) + speech("Right."))
    await tolerant_wire.write("marker")

    assert "input_audio_buffer.speech_started" not in tolerant_wire.types()


@in_one_loop
async def test_who_means_to_be_heard_still_is(tolerant_wire: Wire) -> None:
    await begin_to_speak(tolerant_wire)

    await tolerant_wire.hear(speech("Wait, that is the wrong load."))
    done = (await tolerant_wire.until("response.done"))["response"]

    assert done["status_details"]["reason"] == "turn_detected"


@in_one_loop
async def test_what_is_said_over_ones_own_voice_is_heard_from_its_first_word(tolerant_wire: Wire) -> None:
    await begin_to_speak(tolerant_wire, transcription={"model": "whisper-1"})

    await tolerant_wire.hear(speech("What's the rate on this load?") + silence(500))
    heard = await tolerant_wire.until("conversation.item.input_audio_transcription.completed")

    assert heard["transcript"] == "what's the rate on this load"


async def hear_long_turns(server: Running, instructions: str, count: int) -> list[Json]:
    """Let a session hear long turns; give what it told until it had answered as often."""
    async with open_wire(server) as wire:
        await wire.update(instructions=instructions)
        for number in range(count):
            await wire.hear(speech(LONG) + silence(500))
            while len(answers_in(wire.log)) <= number:
                await wire.receive()
        return wire.log


def answers_in(log: list[Json]) -> list[Json]:
    return [event for event in log if event["type"] == "response.done" and event["response"]["conversation_id"]]


def turn_lengths_s(log: list[Json]) -> list[float]:
    """Give how long the turns of the other side were for the session."""
    started = [event["audio_start_ms"] for event in log if event["type"] == "input_audio_buffer.speech_started"]
    stopped = [event["audio_end_ms"] for event in log if event["type"] == "input_audio_buffer.speech_stopped"]
    return [(end - start) / 1000 for start, end in zip(started, stopped, strict=False)]


@in_one_loop
async def test_who_listens_is_heard_to_while_the_other_talks_and_takes_no_turn(shared_server: Running) -> None:
    log = await hear_long_turns(shared_server, LISTENER, 2)

    responses = [event["response"] for event in log if event["type"] == "response.done"]
    murmurs = [response for response in responses if response["conversation_id"] is None]
    assert {transcript_of(murmur) for murmur in murmurs} <= set(BACKCHANNELS)
    assert 1 <= len(murmurs) <= 2
    assert len(turn_lengths_s(log)) == 2


@in_one_loop
async def test_who_cuts_in_takes_the_floor_before_the_other_is_done(shared_server: Running) -> None:
    plain, cut = [await hear_long_turns(shared_server, instructions, 2) for instructions in (DISPATCHER, INTERRUPTER)]

    assert min(turn_lengths_s(cut)) < 5.6 < min(turn_lengths_s(plain))


@in_one_loop
async def test_a_pause_before_an_answer_is_taken(shared_server: Running) -> None:
    thinker = DISPATCHER + "\n# Who you are\nYou speak slowly and think out loud.\n"
    async with open_wire(shared_server) as wire:
        await wire.update(instructions=thinker)
        await wire.write("What's the commodity?")
        began = time.monotonic()
        await wire.send("response.create")
        await wire.until("response.output_audio.delta")

        assert time.monotonic() - began >= 0.35
        assert spoken_audio(wire.log)
