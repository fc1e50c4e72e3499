"""The hearing process: `python -m rehearsal.hearing.worker` recognises for some sessions, told by frames on its stdin.

Recognition holds Python's lock while it works, so it must not run in the process that serves the calls. The process
ends when its stdin does: it never outlives the server, however that ends.

On a machine that is too busy the frames wait. An utterance that begins too late to be answered is left out, so that the
next one is heard in time.
"""

import json
import os
import signal
import struct
import sys
import time
from typing import BinaryIO

from rehearsal.hearing.adapted import adapted_means
from rehearsal.hearing.heard import NOTHING, Heard
from rehearsal.hearing.language import build_language
from rehearsal.hearing.recogniser import Recogniser

HEADER = struct.Struct(">cdIII")  # what it is, when it was sent, session, utterance, length of the payload
LATEST_S = 5.0  # that an utterance is begun after it was spoken: no answer waits longer for it
PREPARE, FEED, FINISH, FORGET = b"p", b"f", b"e", b"x"


def main() -> None:
    """Serve until the other side is gone."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C goes to the whole group; the server ends this by closing stdin
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing that a library prints may get between the answers
    warm_up()
    try:
        serve(sys.stdin.buffer, answers)
    except (BrokenPipeError, EOFError):
        return


def warm_up() -> None:
    """Do what every session needs before the first one comes: half a second of work."""
    build_language("")
    adapted_means()


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Follow requests in order; only FINISH is answered."""
    ears: dict[int, LateEar] = {}
    while True:
        kind, sent_at, session, utterance, payload = _read(requests)
        if kind == PREPARE:
            ears[session] = LateEar(Recogniser(payload.decode("utf-8", "replace")))
        elif kind == FEED:
            ears[session].feed(payload, late_s=time.monotonic() - sent_at)
        elif kind == FORGET:
            ears.pop(session, None)
        else:
            heard = ears[session].finish() if session in ears else NOTHING
            answers.write(pack(FINISH, session, utterance, json.dumps(_to_json(heard)).encode()))
            answers.flush()


class LateEar:
    """Leaves out utterances whose beginning comes too late."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self._is_heard: bool | None = None  # None between utterances

    def feed(self, pcm: bytes, *, late_s: float) -> None:
        """Listen, or do not."""
        if self._is_heard is None:
            self._is_heard = late_s <= LATEST_S
        if self._is_heard:
            self._recogniser.feed(pcm)

    def finish(self) -> Heard:
        """End the utterance."""
        is_heard, self._is_heard = self._is_heard, None
        return self._recogniser.finish() if is_heard else NOTHING


def pack(kind: bytes, session: int, utterance: int, payload: bytes) -> bytes:
    """Give one frame, with the time of the clock that all processes of a machine share."""
    return HEADER.pack(kind, time.monotonic(), session, utterance, len(payload)) + payload


def _read(requests: BinaryIO) -> tuple[bytes, float, int, int, bytes]:
    kind, sent_at, session, utterance, size = HEADER.unpack(_exactly(requests, HEADER.size))
    return kind, sent_at, session, utterance, _exactly(requests, size)


def _exactly(requests: BinaryIO, size: int) -> bytes:
    data = requests.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _to_json(heard: Heard) -> dict[str, object]:
    words = [[word.text, round(word.confidence, 4)] for word in heard.words]
    return {"text": heard.text, "confidence": round(heard.confidence, 4), "words": words}


if __name__ == "__main__":
    main()
