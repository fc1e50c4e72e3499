"""Faults that the rehearsal model plays on demand, by name: what goes wrong between two real models.

goodbye-loop  says goodbye again and again and never hangs up
echo          says what the other side says, line for line
silence       says its first line, then answers with nothing
lost-answer   answers with nothing once, after its first line; the next time it speaks again
mute          answers with nothing from the beginning
both-greet    the one who opens the call begins late, when the other one has just given up waiting
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from rehearsal.mind import Reply, Situation, decide
from rehearsal.part import find_part
from rehearsal.script import Act, Line, Step

OPENING_DELAY_S = 6.05  # the other side of a call waits six seconds
GOODBYES = ("Okay, goodbye.", "All right, bye now.", "Take care, goodbye.", "Thanks, bye bye.")
ECHOES = (
    "Hello, can you hear me on this line?",
    "I have a load of paper towels going out tomorrow.",
    "The weight on this load is twelve thousand pounds.",
    "The pickup is in Reno tomorrow at nine.",
)
NOTHING = Reply(None)


class Fault(StrEnum):
    """Names of the faults."""

    GOODBYE_LOOP = "goodbye-loop"
    ECHO = "echo"
    SILENCE = "silence"
    LOST_ANSWER = "lost-answer"
    MUTE = "mute"
    BOTH_GREET = "both-greet"


@dataclass
class FaultyMind:
    """Decides for one session; without a fault it decides as the mind does."""

    fault: Fault | None = None
    _replies: int = field(default=0, init=False)

    def decide(self, situation: Situation) -> Reply:
        """Decide what a response consists of."""
        number, self._replies = self._replies, self._replies + 1
        return decide(situation) if self.fault is None else _PLAYS[self.fault](situation, number)


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


_PLAYS: dict[Fault, Callable[[Situation, int], Reply]] = {
    Fault.GOODBYE_LOOP: _say_goodbye,
    Fault.ECHO: _repeat,
    Fault.SILENCE: _fall_silent,
    Fault.LOST_ANSWER: _lose_an_answer,
    Fault.MUTE: _be_mute,
    Fault.BOTH_GREET: _begin_late,
}
