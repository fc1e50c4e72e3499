"""The recogniser itself: real voices through Opus, real words out."""

import itertools
from functools import cache

import jiwer
import numpy as np
import pytest

from dispatchsim.domain.line import LineQuality
from rehearsal.dialogue.categories import CALL, LOAD, TRUCK
from rehearsal.hearing.corpus import words_of
from rehearsal.hearing.grammar import load_grammar
from rehearsal.hearing.process import LATEST_S
from rehearsal.hearing.recogniser import Recogniser
from rehearsal.hearing.worker import LateEar
from rehearsal.voice import speak
from tests.bench.telephone import say
from tests.rehearsal.wire import DISPATCHER, DRIVER, silence

VOICES = ("ash", "cedar", "coral", "marin")
# The dispatcher has these facts in its prompt.
KNOWN = (
    "What's the rate on this load?",
    "Okay, so that's frozen chicken, 42,000 pounds, for $2,450.",
    "Sounds good Tim, I'll take the load. Reference L-4471, is that right?",
    "Sorry, I didn't catch the pickup time. Can you say that again?",
)
# The driver has none of them.
UNKNOWN = (
    "The weight is 38,500 pounds.",
    "It pays 1,725 dollars, all in.",
    "It picks up in Omaha, Nebraska, tomorrow at 9:15 in the morning.",
    "The load number is 5 0 2 8 6.",
    "It delivers in Memphis, Tennessee, on Friday at noon.",
    "I've got a load of paper rolls, and it's 610 miles.",
)


def word_error_rate(
    told: str,
    texts: tuple[str, ...],
    *,
    voices: tuple[str, ...] = VOICES,
    line: LineQuality = LineQuality.CLEAR,
) -> float:
    said = [words_of(text) for text in texts]
    heard = [text for voice_name in voices for text in heard_of(told, texts, voice_name, line)]
    return float(jiwer.wer(said * len(voices), heard))


@cache
def heard_of(told: str, texts: tuple[str, ...], voice_name: str, line: LineQuality) -> list[str]:
    """Let one session hear some turns of one voice; two claims ask about the same on a clear line."""
    recogniser, heard = Recogniser(told), []
    for text in texts:
        recogniser.feed(say(text, voice_name, line))
        heard.append(recogniser.finish().text or "-")
    return heard


def test_facts_that_the_listener_knows_are_heard() -> None:
    assert word_error_rate(DISPATCHER, KNOWN) <= 0.05


def test_facts_that_only_the_speaker_knows_are_heard() -> None:
    assert word_error_rate(DRIVER, UNKNOWN) <= 0.15


def test_the_worse_the_line_the_more_words_go_wrong() -> None:
    """Of 128 words; espeak-ng's noise goes on from what it spoke before, so few words would be chance."""
    rates = [word_error_rate(DRIVER, UNKNOWN, voices=("ash", "coral"), line=line) for line in LineQuality]

    assert rates[0] < 0.05
    assert all(better + 0.02 < worse for better, worse in itertools.pairwise(rates)), rates
    assert rates[-1] < 0.5


@pytest.mark.parametrize("name", ["Szymanski", "Quillfeather", "Zoltanville"])
def test_a_name_that_no_dictionary_has_is_heard_when_it_was_told(name: str) -> None:
    recogniser = Recogniser(f"{DISPATCHER}\nshipper: {name} Foods\n")

    recogniser.feed(say(f"What's the address of {name} Foods?", "ash"))

    assert name.lower() in recogniser.finish().text.split()


def test_a_name_that_was_not_told_is_not_heard() -> None:
    recogniser = Recogniser(DISPATCHER)

    recogniser.feed(say("What's the address of Quillfeather Foods?", "ash"))

    assert "quillfeather" not in recogniser.finish().text


def test_a_word_that_ends_drawn_out_is_seldom_heard_with_an_eight() -> None:
    """Each sound is a little different from the last: a rate is claimed, not every single one."""
    texts = ("Okay. 8 pallets.", "Okay, 80 dollars an hour.", "What does it pay?")

    wrong = [(text, voice_name) for voice_name in VOICES for text in texts_misheard(texts, voice_name)]

    assert len(wrong) <= len(texts) * len(VOICES) // 4, wrong


def texts_misheard(texts: tuple[str, ...], voice_name: str) -> list[str]:
    greeting = "Hi Chris, this is Tim with dispatch."  # the voice is known from here on
    heard = heard_of(DRIVER, (greeting, *texts), voice_name, LineQuality.CLEAR)[1:]
    return [text for text, words in zip(texts, heard, strict=True) if words != words_of(text)]


def test_each_question_for_a_usual_fact_is_one_that_the_ears_expect() -> None:
    """One that the grammar does not have comes out as other words: `equipment` as `six with meant`."""
    expected = {way for template in load_grammar().sentences for way in load_grammar().fill(template, 1)}
    asked = {words_of(ask) for category in (*LOAD, *TRUCK, *CALL) for ask in category.asks}

    assert asked - expected == set()


@pytest.mark.parametrize("voice_name", VOICES)
def test_what_a_driver_is_asked_about_its_truck_is_heard(voice_name: str) -> None:
    heard = heard_of(
        DRIVER, ("It weighs 42,000 pounds. What equipment are you running?",), voice_name, LineQuality.CLEAR
    )

    assert "what equipment are you running" in heard[0]


def test_silence_is_no_words() -> None:
    recogniser = Recogniser(DISPATCHER)

    recogniser.feed(silence(3000))

    assert recogniser.finish().words == ()


def test_hiss_is_no_words() -> None:
    noise = np.random.default_rng(1).normal(0, 300, 24_000 * 2).astype("<i2").tobytes()
    recogniser = Recogniser(DISPATCHER)

    recogniser.feed(noise)

    assert recogniser.finish().text == ""


def test_nothing_fed_is_nothing_heard() -> None:
    assert Recogniser(DISPATCHER).finish().text == ""


def test_the_same_sound_gives_the_same_words_however_it_is_cut() -> None:
    pcm = silence(300) + speak("The pickup time is 7:30 in the morning.", voice="marin") + silence(500)
    whole, pieces = Recogniser(DISPATCHER), Recogniser(DISPATCHER)

    whole.feed(pcm)
    for start in range(0, len(pcm), 4800):
        pieces.feed(pcm[start : start + 4800])

    assert whole.finish().text == pieces.finish().text


def test_words_tell_how_sure_they_are() -> None:
    recogniser = Recogniser(DISPATCHER)

    recogniser.feed(say(KNOWN[0], "ash"))
    heard = recogniser.finish()

    assert all(0 <= word.confidence <= 1 for word in heard.words)
    assert 0 < heard.confidence <= 1


def told(text: str) -> LateEar:
    ear = LateEar(latest_s=LATEST_S)
    ear.prepare(text)
    return ear


def test_a_name_told_in_mid_utterance_is_heard_from_the_next_one_on() -> None:
    ear, first = told(DISPATCHER), say(KNOWN[0], "ash")

    ear.feed(first[:48_000], late_s=0.1)
    ear.prepare(f"{DISPATCHER}\nshipper: Quillfeather Foods\n")
    ear.feed(first[48_000:], late_s=0.1)
    before = ear.finish().text
    ear.feed(say("What's the address of Quillfeather Foods?", "ash"), late_s=0.1)

    assert before == words_of(KNOWN[0])
    assert "quillfeather" in ear.finish().text.split()


def test_a_voice_that_is_known_is_handed_on() -> None:
    first = Recogniser(DISPATCHER)
    first.feed(say(KNOWN[0], "ash"))
    first.finish()

    assert Recogniser(DRIVER, first.voice).voice == first.voice


def test_no_voice_is_known_before_the_first_utterance() -> None:
    assert Recogniser(DISPATCHER).voice is None


def test_an_utterance_that_begins_too_late_is_left_out_and_the_next_one_heard() -> None:
    ear, pcm = told(DISPATCHER), say(KNOWN[0], "ash")

    ear.feed(pcm, late_s=LATEST_S + 0.1)
    late = ear.finish()
    ear.feed(pcm, late_s=0.1)

    assert (late.text, ear.finish().text) == ("", words_of(KNOWN[0]))


def test_an_utterance_that_gets_late_while_it_is_spoken_is_heard() -> None:
    ear, pcm = told(DISPATCHER), say(KNOWN[0], "ash")

    ear.feed(pcm[:48_000], late_s=0.1)
    ear.feed(pcm[48_000:], late_s=LATEST_S + 0.1)

    assert ear.finish().text == words_of(KNOWN[0])
