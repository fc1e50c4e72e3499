"""The hearing process: `python -m rehearsal.hearing.worker LATEST_S` recognises for some sessions, told by frames.

Recognition holds Python's lock while it works, so it must not run in the process that serves the calls. The process
ends when its stdin does: it never outlives the server, however that ends.

On a machine that is too busy the frames wait. An utterance that begins later than LATEST_S after it was spoken is left
out, so that the next one is heard in time.
"""

import json
import logging
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import BinaryIO, NamedTuple, Protocol, TypeVar

from rehearsal.hearing.adapted import adapted_means
from rehearsal.hearing.heard import NOTHING, Heard
from rehearsal.hearing.language import build_language
from rehearsal.hearing.recogniser import Recogniser

logger = logging.getLogger("rehearsal")

HEADER = struct.Struct(">cdIII")  # what it is, when it was sent, session, utterance, length of the payload
PREPARE, FEED, FINISH, FORGET = b"p", b"f", b"e", b"x"


class Requests(Protocol):
    """Frames from the other side, in order."""

    def is_idle(self) -> bool:
        """Whether none waits."""

    def next(self) -> "Request":
        """Wait for one; raises EOFError when no more will come."""


class Request(NamedTuple):
    """One frame."""

    kind: bytes
    sent_at: float
    session: int
    utterance: int = 0
    payload: bytes = b""


Build = Callable[[str, str | None], Recogniser]  # from what was told, and the voice if it is known


def main() -> None:
    """Serve until the other side is gone."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C goes to the whole group; the server ends this by closing stdin
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing that a library prints may get between the answers
    warm_up()
    try:
        serve(PipedRequests(sys.stdin.fileno()), answers, latest_s=float(sys.argv[1]))
    except (BrokenPipeError, EOFError):
        return


def warm_up() -> None:
    """Do what every session needs before the first one comes: half a second of work."""
    build_language("")
    adapted_means()


def serve(requests: Requests, answers: BinaryIO, build: Build = Recogniser, *, latest_s: float) -> None:
    """Follow requests in order; only FINISH is answered."""
    ears: dict[int, LateEar] = {}
    while True:
        behind = next((ear for ear in ears.values() if ear.may_learn), None)
        if behind is not None and requests.is_idle():
            _guarded(behind, behind.learn)
            continue
        request = requests.next()
        if request.kind == FORGET:
            ears.pop(request.session, None)
            continue
        ear = ears.setdefault(request.session, LateEar(build, latest_s=latest_s))
        heard = _guarded(ear, partial(_follow, request, ear)) or NOTHING
        if request.kind == FINISH:
            payload = json.dumps(_to_json(heard)).encode()
            answers.write(pack(FINISH, request.session, request.utterance, payload))
            answers.flush()


_T = TypeVar("_T")


def _guarded(ear: "LateEar", work: Callable[[], _T]) -> _T | None:
    """Do the work of one session; what goes wrong in it costs that session an utterance, and the others nothing."""
    try:
        return work()
    except Exception as error:  # outermost loop of the process: the other sessions live on
        logger.error("hearing failed error=%s", type(error).__name__)  # without the message: it may hold words
        ear.fail()
        return None


def _follow(request: Request, ear: "LateEar") -> Heard:
    if request.kind == PREPARE:
        ear.prepare(request.payload.decode("utf-8", "replace"))
    elif request.kind == FEED:
        ear.feed(request.payload, late_s=time.monotonic() - request.sent_at)
    elif request.kind == FINISH:
        return ear.finish()
    return NOTHING


class LateEar:
    """Leaves out utterances whose beginning comes too late, and learns what is told anew between two utterances.

    A model takes up to a second to build: it is built while nothing else is to be done, at the latest when the next
    utterance begins. Nothing is built ahead for a session that was told nothing: its instructions are on their way.
    """

    def __init__(self, build: Build = Recogniser, *, latest_s: float) -> None:
        self._build = build
        self._latest_s = latest_s
        self._recogniser: Recogniser | None = None
        self._told = ""
        self._is_behind = True  # of what it was told
        self._has_failed = False  # then it tries again at the next utterance only
        self._is_heard: bool | None = None  # None between utterances

    @property
    def may_learn(self) -> bool:
        """Whether there is something to learn, and now is the time."""
        return self._is_behind and bool(self._told) and self._is_heard is None and not self._has_failed

    def prepare(self, told: str) -> None:
        """Know this from the next utterance on."""
        self._is_behind = self._is_behind or told != self._told
        self._told = told

    def fail(self) -> None:
        """Leave the rest of the utterance out, and begin anew with the next one."""
        self._recogniser, self._is_behind, self._has_failed = None, True, True
        self._is_heard = None if self._is_heard is None else False

    def learn(self) -> None:
        """Build the model of what was told; the speaker stays the same."""
        voice = None if self._recogniser is None else self._recogniser.voice
        self._recogniser = self._build(self._told, voice)
        self._is_behind = self._has_failed = False

    def feed(self, pcm: bytes, *, late_s: float) -> None:
        """Listen, or do not."""
        if self._is_heard is None:
            self._is_heard = late_s <= self._latest_s
            if self._is_heard and self._is_behind:
                self.learn()
        if self._is_heard and self._recogniser is not None:
            self._recogniser.feed(pcm)

    def finish(self) -> Heard:
        """End the utterance."""
        is_heard, self._is_heard = self._is_heard, None
        return self._recogniser.finish() if is_heard and self._recogniser is not None else NOTHING


class PipedRequests:
    """Frames from a pipe, read without a buffer: what waits is seen in the pipe alone."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def is_idle(self) -> bool:
        """Whether nothing waits in the pipe; its end counts as something."""
        return not select.select([self._descriptor], [], [], 0)[0]

    def next(self) -> Request:
        """Read one frame."""
        kind, sent_at, session, utterance, size = HEADER.unpack(self._exactly(HEADER.size))
        return Request(kind, sent_at, session, utterance, self._exactly(size))

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = os.read(self._descriptor, size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)


def pack(kind: bytes, session: int, utterance: int, payload: bytes) -> bytes:
    """Give one frame, with the time of the clock that all processes of a machine share."""
    return HEADER.pack(kind, time.monotonic(), session, utterance, len(payload)) + payload


def _to_json(heard: Heard) -> dict[str, object]:
    words = [[word.text, round(word.confidence, 4)] for word in heard.words]
    return {"text": heard.text, "confidence": round(heard.confidence, 4), "words": words}


if __name__ == "__main__":
    main()
