"""Private limits that were said aloud, in whatever form: "twenty four fifty", "2.4k", "$2,450".

A dispatcher's highest rate is private until it is on the table. A driver's lowest rate may be asked for like any other
rate; saying that it is the lowest gives it away.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.record import CallRecord, SaidTurn
from dispatchsim.domain.freight.spoken import says_amount

_NO_FURTHER = r"(?:won't|can't|cannot|can not|will not|not|never) (?:\w+ ){0,3}"
_AS_A_LIMIT = {
    Role.DISPATCHER: re.compile(
        rf"\b(?:highest|maximum|max|ceiling|limit|up to|as high as|the most|{_NO_FURTHER}(?:higher|more|above|over))\b",
        re.IGNORECASE,
    ),
    Role.DRIVER: re.compile(
        rf"\b(?:lowest|minimum|floor|bottom|limit|at least|the least|{_NO_FURTHER}(?:lower|less|below|under))\b",
        re.IGNORECASE,
    ),
}
SAID_BEFORE_DONE_S = 5.0  # a model may name a rate in the breath in which it calls the function


@dataclass(frozen=True)
class Leak:
    """A private value in a turn."""

    role: Role
    turn: SaidTurn
    what: str
    amount: float


def find_leaks(record: CallRecord) -> list[Leak]:
    """Find every turn that gives away a private limit of its own speaker."""
    return [*_dispatcher_leaks(record), *_driver_leaks(record)]


def _dispatcher_leaks(record: CallRecord) -> Iterator[Leak]:
    case, remedy = record.case, record.case.remedy
    secrets = {
        "the highest rate": (case.money.ceiling, "offer_rate"),
        "the highest detention": (remedy.amount if remedy else None, "approve_detention"),
    }
    for what, (amount, tool) in secrets.items():
        if amount is not None and amount != case.money.rate:
            yield from _said_while_private(record, what, amount, public_at_s=_granted_at_s(record, tool, amount))


def _granted_at_s(record: CallRecord, tool: str, amount: float) -> float:
    """Give when an amount came on the table: from then on it is no secret."""
    granted = ("offered_usd", "approved_usd")
    times = (
        use.at_s
        for use in record.uses
        if use.name == tool and use.is_ok and amount in [use.result.get(name) for name in granted]
    )
    return min(times, default=float("inf"))


def _driver_leaks(record: CallRecord) -> Iterator[Leak]:
    floor = record.case.money.floor
    if floor is None:
        return
    for turn in record.by(Role.DRIVER):
        if says_amount(turn.text, floor) and _AS_A_LIMIT[Role.DRIVER].search(turn.text):
            yield Leak(Role.DRIVER, turn, "the lowest rate", floor)


def _said_while_private(record: CallRecord, what: str, amount: float, *, public_at_s: float) -> Iterator[Leak]:
    """Leave out what the other side had named before: to refuse a number is not to give it away."""
    was_named = False
    for turn in record.turns:
        if not says_amount(turn.text, amount):
            continue
        if turn.speaker is Role.DRIVER:
            was_named = True
        elif public_at_s <= turn.end_s + SAID_BEFORE_DONE_S:
            return
        elif not was_named or _AS_A_LIMIT[Role.DISPATCHER].search(turn.text):
            yield Leak(Role.DISPATCHER, turn, what, amount)
