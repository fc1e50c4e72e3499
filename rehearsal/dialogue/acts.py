"""Dialogue acts: what a stretch of speech does, whoever says it."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is done with words."""

    GREET = "greet"
    OFFER = "offer"  # a load, before its rate is named
    REPORT = "report"  # what a call is made about
    ASK = "ask"
    TELL = "tell"
    LACK = "lack"  # a fact that was asked for and is not known
    PROPOSE = "propose"  # the dispatcher names a rate
    COUNTER = "counter"  # the driver asks for another one; without an amount: for more
    ACCEPT = "accept"
    DECLINE = "decline"
    READ_BACK = "read back"
    CONFIRM = "confirm"
    CORRECT = "correct"
    BOOKED = "booked"
    SETTLE = "settle"  # what was done about a report
    REQUEST = "request"  # what a report asks for
    DELIVER = "deliver"  # what the driver will do: papers, status
    CLARIFY = "clarify"  # asks to hear it again
    HERE = "here"  # asks whether the other one is there, or says so
    ACKNOWLEDGE = "acknowledge"
    APOLOGISE = "apologise"
    WAIT = "wait"  # gives the other side the word
    CLOSE = "close"


@dataclass(frozen=True)
class Act:
    """One act. `key` names a fact, `value` is in written form, `amount` is in US dollars."""

    kind: Kind
    key: str = ""
    value: str = ""
    amount: int | None = None
    flag: str = ""  # what distinguishes it within its kind, as in `final`
