"""Faults that the rehearsal model plays by name: for a whole server, or for a session by its model, `rehearsal:NAME`.

What is said (a mind that goes wrong, in this file):
goodbye-loop         says goodbye again and again and never hangs up
echo                 says what the other side says, line for line
silence              says its first line, then answers with nothing
lost-answer          answers with nothing once, after its first line; the next time it speaks again
mute                 answers with nothing from the beginning
both-greet           the one who opens the call begins late, when the other one has just given up waiting
server-error         fails once, after its first line
rate-limit           fails every response, its limit being reached
quota                fails every response, its money being spent

Who gets in (`rehearsal.server`):
bad-key              refuses the connection with 401, and quotes the key
too-many-requests    refuses the connection with 429
down                 refuses the connection with 500
accept-and-close     takes the connection and closes it, again and again
expire               ends each session after a few seconds, as an hour does

What is sent (`rehearsal.sabotage`):
stall                falls silent in the middle of a response, the connection open
malformed            mixes in frames that are broken, unknown, repeated, late or huge
no-done              never says that a response is done
barge-in-storm       hears the other side begin to speak every 200 ms
late-transcription   tells what was heard five seconds later
no-transcription     never tells what was heard
empty-transcription  tells that nothing was heard
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from rehearsal.mind import Reply, Situation, decide
from rehearsal.part import find_part
from rehearsal.script import Act, Line, Step

OPENING_DELAY_S = 6.05  # the other side of a call waits six seconds
EXPIRES_AFTER_S = 5.0
GOODBYES = ("Okay, goodbye.", "All right, bye now.", "Take care, goodbye.", "Thanks, bye bye.")
ECHOES = (
    "Hello, can you hear me on this line?",
    "I have a load of paper towels going out tomorrow.",
    "The weight on this load is twelve thousand pounds.",
    "The pickup is in Reno tomorrow at nine.",
)
NOTHING = Reply(None)
_PREFIX = "rehearsal:"


class Fault(StrEnum):
    """Names of the faults."""

    GOODBYE_LOOP = "goodbye-loop"
    ECHO = "echo"
    SILENCE = "silence"
    LOST_ANSWER = "lost-answer"
    MUTE = "mute"
    BOTH_GREET = "both-greet"
    SERVER_ERROR = "server-error"
    RATE_LIMIT = "rate-limit"
    QUOTA = "quota"
    BAD_KEY = "bad-key"
    TOO_MANY_REQUESTS = "too-many-requests"
    DOWN = "down"
    ACCEPT_AND_CLOSE = "accept-and-close"
    EXPIRE = "expire"
    STALL = "stall"
    MALFORMED = "malformed"
    NO_DONE = "no-done"
    BARGE_IN_STORM = "barge-in-storm"
    LATE_TRANSCRIPTION = "late-transcription"
    NO_TRANSCRIPTION = "no-transcription"
    EMPTY_TRANSCRIPTION = "empty-transcription"


def find_fault(model: str) -> Fault | None:
    """Read the fault from a model's name, as in `rehearsal:stall`; None where it names none."""
    return next((fault for fault in Fault if model == _PREFIX + fault.value), None)


def names_unknown_fault(model: str) -> bool:
    """Whether a model's name asks for a fault that is not one; a slip must not become a call without a fault."""
    return model.startswith(_PREFIX) and find_fault(model) is None


@dataclass
class FaultyMind:
    """Decides for one session; without a fault of its own it decides as the mind does."""

    fault: Fault | None = None
    _replies: int = field(default=0, init=False)

    def decide(self, situation: Situation) -> Reply:
        """Decide what a response consists of."""
        number, self._replies = self._replies, self._replies + 1
        play = _PLAYS.get(self.fault)
        return decide(situation) if play is None else play(situation, number)


def _say_goodbye(_: Situation, number: int) -> Reply:
    return Reply(Line(Step(Act.BYE), (GOODBYES[number % len(GOODBYES)],)))


def _repeat(_: Situation, number: int) -> Reply:
    return Reply(Line(Step(Act.FACT, number), (ECHOES[number % len(ECHOES)],)))


def _fall_silent(situation: Situation, number: int) -> Reply:
    return decide(situation) if number == 0 else NOTHING


def _lose_an_answer(situation: Situation, number: int) -> Reply:
    return NOTHING if number == 1 else decide(situation)


def _be_mute(_situation: Situation, _number: int) -> Reply:
    return NOTHING


def _begin_late(situation: Situation, number: int) -> Reply:
    reply, part = decide(situation), find_part(situation.instructions)
    is_opening = number == 0 and part is not None and part.opens_the_call
    return Reply(reply.line, reply.call, delay_s=OPENING_DELAY_S) if is_opening else reply


def _fail_once(situation: Situation, number: int) -> Reply:
    return Reply(None, failure="server_error") if number == 1 else decide(situation)


def _be_limited(_situation: Situation, _number: int) -> Reply:
    return Reply(None, failure="rate_limit_exceeded")


def _be_out_of_money(_situation: Situation, _number: int) -> Reply:
    return Reply(None, failure="insufficient_quota")


_PLAYS: dict[Fault | None, Callable[[Situation, int], Reply]] = {
    Fault.GOODBYE_LOOP: _say_goodbye,
    Fault.ECHO: _repeat,
    Fault.SILENCE: _fall_silent,
    Fault.LOST_ANSWER: _lose_an_answer,
    Fault.MUTE: _be_mute,
    Fault.BOTH_GREET: _begin_late,
    Fault.SERVER_ERROR: _fail_once,
    Fault.RATE_LIMIT: _be_limited,
    Fault.QUOTA: _be_out_of_money,
}
