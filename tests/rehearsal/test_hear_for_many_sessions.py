"""The hearing worker: what it builds, and when, and what one session may do to another."""

import io
import json
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.hearing.heard import Heard, HeardWord
from rehearsal.hearing.process import LATEST_S
from rehearsal.hearing.recogniser import Recogniser
from rehearsal.hearing.worker import FEED, FINISH, FORGET, HEADER, PREPARE, PipedRequests, Request, pack, serve

BROKEN = b"breaks the decoder"
IDLE = None  # nothing waits


class FakeRecogniser(Recogniser):
    """Hears how many bytes it was fed."""

    def __init__(self, vocabulary_text: str, voice: str | None = None) -> None:
        self.told = vocabulary_text
        self._voice = voice
        self._fed = 0

    @property
    def voice(self) -> str | None:
        return self._voice

    def feed(self, pcm16_24k: bytes) -> None:
        if pcm16_24k == BROKEN:
            raise RuntimeError("decoder")
        self._voice = self._voice or "known"
        self._fed += len(pcm16_24k)

    def finish(self) -> Heard:
        text, self._fed = f"{self._fed} bytes by {self.told}", 0
        return Heard(text, 1.0, (HeardWord(text, 1.0),))


class FakeRequests:
    """Gives the frames of a script; at an IDLE of it nothing waits, once."""

    def __init__(self, *script: Request | None) -> None:
        self._script = list(script)

    def is_idle(self) -> bool:
        return bool(self._script) and self._script[0] is IDLE

    def next(self) -> Request:
        while self._script:
            request = self._script.pop(0)
            if request is not None:
                return request
        raise EOFError


class Worker:
    """Serves a script, and notes what it built."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.voices: list[str | None] = []

    def build(self, told: str, voice: str | None) -> Recogniser:
        self.events.append(f"builds {told}")
        if told == BROKEN.decode():
            raise RuntimeError("model")
        self.voices.append(voice)
        return FakeRecogniser(told, voice)

    def serve(self, *script: Request | None) -> list[str]:
        """Give the texts that were answered."""
        answers = io.BytesIO()
        with pytest.raises(EOFError):
            serve(FakeRequests(*script), answers, self.build, latest_s=LATEST_S)
        texts = [text for _, text in answered(answers.getvalue())]
        self.events += [f"hears {text}" for text in texts]
        return texts


def answered(data: bytes) -> Iterator[tuple[int, str]]:
    while data:
        _, _, session, _, size = HEADER.unpack(data[: HEADER.size])
        heard: dict[str, Any] = json.loads(data[HEADER.size : HEADER.size + size])
        yield session, heard["text"]
        data = data[HEADER.size + size :]


def request(kind: bytes, payload: bytes = b"", *, session: int = 1) -> Request:
    return Request(kind, time.monotonic(), session, payload=payload)


def test_a_new_prompt_in_mid_utterance_loses_nothing_of_it() -> None:
    heard = Worker().serve(
        request(PREPARE, b"sheet"),
        request(FEED, bytes(1000)),
        request(PREPARE, b"wrap up"),
        IDLE,
        request(FEED, bytes(100)),
        request(FINISH),
        request(FEED, bytes(10)),
        request(FINISH),
    )

    assert heard == ["1100 bytes by sheet", "10 bytes by wrap up"]


def test_a_new_prompt_keeps_the_voice_of_the_speaker() -> None:
    worker = Worker()

    worker.serve(
        request(PREPARE, b"sheet"), request(FEED, bytes(9)), request(FINISH), request(PREPARE, b"wrap up"), IDLE
    )

    assert worker.voices == [None, "known"]


def test_a_prompt_is_built_before_the_first_word_where_nothing_else_waits() -> None:
    worker = Worker()

    worker.serve(request(PREPARE, b"sheet"), IDLE)

    assert worker.events == ["builds sheet"]


def test_of_several_prompts_that_wait_the_last_is_built() -> None:
    worker = Worker()

    worker.serve(request(PREPARE, b"one"), request(PREPARE, b"two"), IDLE)

    assert worker.events == ["builds two"]


def test_nothing_is_built_ahead_for_an_empty_prompt() -> None:
    worker = Worker()

    worker.serve(request(PREPARE, b""), IDLE, request(PREPARE, b"sheet"), IDLE)

    assert worker.events == ["builds sheet"]


def test_a_session_that_was_told_nothing_is_heard() -> None:
    assert Worker().serve(request(FEED, bytes(5)), request(FINISH)) == ["5 bytes by "]


def test_the_same_prompt_again_is_not_built_again() -> None:
    worker = Worker()

    worker.serve(request(PREPARE, b"sheet"), IDLE, request(PREPARE, b"sheet"), IDLE)

    assert worker.events == ["builds sheet"]


def test_a_session_that_is_forgotten_is_built_no_more() -> None:
    worker = Worker()

    worker.serve(request(PREPARE, b"sheet"), request(FORGET), IDLE)

    assert worker.events == []


def test_frames_that_a_pipe_gives_in_pieces_are_whole() -> None:
    reading, writing = os.pipe()
    requests = PipedRequests(reading)
    sent = pack(FEED, 7, 0, bytes(range(200)))

    was_idle = requests.is_idle()
    with os.fdopen(writing, "wb", buffering=0) as pipe:
        pipe.write(sent)
        pipe.write(sent[:30])
    got = requests.next()

    assert was_idle
    assert (got.kind, got.session, got.payload) == (FEED, 7, bytes(range(200)))
    with pytest.raises(EOFError):
        requests.next()
    os.close(reading)


def test_a_session_whose_decoder_breaks_takes_no_other_with_it() -> None:
    heard = Worker().serve(
        request(FEED, bytes(3), session=2),
        request(FEED, BROKEN),
        request(FEED, bytes(7)),
        request(FINISH),
        request(FINISH, session=2),
    )

    assert heard == ["", "3 bytes by "]


def test_a_session_whose_decoder_broke_hears_its_next_utterance() -> None:
    heard = Worker().serve(
        request(PREPARE, b"sheet"),
        request(FEED, BROKEN),
        request(FINISH),
        request(FEED, bytes(4)),
        request(FINISH),
    )

    assert heard == ["", "4 bytes by sheet"]


def test_a_model_that_cannot_be_built_is_not_tried_again_before_the_next_utterance() -> None:
    worker = Worker()

    worker.serve(request(PREPARE, BROKEN), IDLE, IDLE, request(FEED, bytes(4)), request(FINISH))

    assert worker.events == ["builds breaks the decoder"] * 2 + ["hears "]
