"""The hearing process: `python -m rehearsal.hearing.worker` recognises for some sessions, told by frames on its stdin.

Recognition holds Python's lock while it works, so it must not run in the process that serves the calls. The process
ends when its stdin does: it never outlives the server, however that ends.
"""

import json
import os
import signal
import struct
import sys
from typing import BinaryIO

from rehearsal.hearing.heard import NOTHING, Heard
from rehearsal.hearing.recogniser import Recogniser

HEADER = struct.Struct(">cIII")  # what it is, session, utterance, length of the payload
PREPARE, FEED, FINISH, FORGET = b"p", b"f", b"e", b"x"


def main() -> None:
    """Serve until the other side is gone."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C goes to the whole group; the server ends this by closing stdin
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing that a library prints may get between the answers
    try:
        serve(sys.stdin.buffer, answers)
    except (BrokenPipeError, EOFError):
        return


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Follow requests in order; only FINISH is answered."""
    ears: dict[int, Recogniser] = {}
    told: dict[int, str] = {}
    while True:
        kind, session, utterance, payload = _read(requests)
        if kind == PREPARE:
            told[session] = payload.decode("utf-8", "replace")
            ears[session] = Recogniser(told[session])
        elif kind == FEED:
            ears[session].feed(payload)
        elif kind == FORGET:
            ears.pop(session, None)
        else:
            heard = ears[session].finish() if session in ears else NOTHING
            answers.write(pack(FINISH, session, utterance, json.dumps(_to_json(heard)).encode()))
            answers.flush()


def pack(kind: bytes, session: int, utterance: int, payload: bytes) -> bytes:
    """Give one frame."""
    return HEADER.pack(kind, session, utterance, len(payload)) + payload


def _read(requests: BinaryIO) -> tuple[bytes, int, int, bytes]:
    kind, session, utterance, size = HEADER.unpack(_exactly(requests, HEADER.size))
    return kind, session, utterance, _exactly(requests, size)


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
