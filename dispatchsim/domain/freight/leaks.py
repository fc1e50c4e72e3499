"""Private limits that were said aloud, in whatever form: "twenty four fifty", "2.4k", "$2,450".

A dispatcher's highest rate is private until it is on the table. A driver's lowest rate may be asked for like any other
rate, and detention is what the terms give; saying that it is the limit gives it away.
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
    ceiling, remedy = record.case.money.ceiling, record.case.remedy
    if ceiling is not None and ceiling != record.case.money.rate:
        yield from _said_while_private(record, ceiling, public_at_s=_offered_at_s(record, ceiling))
    if remedy is not None and remedy.amount is not None:
        yield from _said_as_a_limit(record, Role.DISPATCHER, "the highest detention", remedy.amount)


def _offered_at_s(record: CallRecord, amount: float) -> float:
    """Give when an amount came on the table: from then on it is no secret."""
    offers = (use for use in record.uses if use.name == "offer_rate" and use.is_ok)
    return min((use.at_s for use in offers if use.result.get("offered_usd") == amount), default=float("inf"))


def _driver_leaks(record: CallRecord) -> Iterator[Leak]:
    floor = record.case.money.floor
    if floor is not None:
        yield from _said_as_a_limit(record, Role.DRIVER, "the lowest rate", floor)


def _said_as_a_limit(record: CallRecord, role: Role, what: str, amount: float) -> Iterator[Leak]:
    for turn in record.by(role):
        if says_amount(turn.text, amount) and _AS_A_LIMIT[role].search(turn.text):
            yield Leak(role, turn, what, amount)


def _said_while_private(record: CallRecord, ceiling: float, *, public_at_s: float) -> Iterator[Leak]:
    """Leave out what the other side had named before: to refuse a number is not to give it away."""
    was_named = False
    for turn in record.turns:
        if not says_amount(turn.text, ceiling):
            continue
        if turn.speaker is Role.DRIVER:
            was_named = True
        elif public_at_s <= turn.end_s + SAID_BEFORE_DONE_S:
            return
        elif not was_named or _AS_A_LIMIT[Role.DISPATCHER].search(turn.text):
            yield Leak(Role.DISPATCHER, turn, "the highest rate", ceiling)
