"""Haggling over the rate, inside limits that are never said: each side's steps, by patience and seed."""

from dataclasses import dataclass

from rehearsal.dialogue.acts import Act, Kind
from rehearsal.dialogue.moves import seeded
from rehearsal.dialogue.numbers import values_of
from rehearsal.dialogue.state import State

MAX_ODD = 4  # amounts that are asked about before they are taken as they were heard
_ROUND_USD = 25
_FINE_USD = 5  # where there is little between the rates
_NEAR_USD = 75  # a difference that the last word may bridge


@dataclass(frozen=True)
class Bid:
    """A rate to be named, and how: open, up, agree, final, again."""

    amount: int
    flag: str


def money(text: str) -> int | None:
    """Read a limit such as `1,450 dollars`."""
    values = values_of(text)
    return round(values[0]) if values else None


def dispatcher_bid(state: State, *, opening: int, ceiling: int) -> Bid:
    """Decide what the dispatcher names next, after what the driver asked for."""
    offer = state.my_amounts[-1] if state.my_amounts else None
    asked = state.their_amounts[-1] if state.their_amounts else None
    if offer is None:
        return Bid(opening, "open")
    if (asked is not None and asked <= offer) or not state.has(Kind.COUNTER):
        return Bid(offer, "again")  # who asks to hear it again has not asked for more
    steps = _dispatcher_steps(state, opening, ceiling)
    later = [step for step in steps if step > offer]
    planned = later[0] if later else offer
    if asked is not None and asked <= ceiling and (asked <= planned + _ROUND_USD or len(later) <= 1):
        return Bid(asked, "agree")
    if later:
        return Bid(planned, "up" if len(later) > 1 else "last")
    if asked is not None and offer < ceiling and asked - ceiling <= _NEAR_USD:
        return Bid(ceiling, "final")
    return Bid(offer, "final")


def _dispatcher_steps(state: State, opening: int, ceiling: int) -> list[int]:
    grain = _grain(ceiling - opening)
    top = max(opening, ceiling - grain)
    count = 2 + round(state.manner.patience + seeded(state, "rounds"))
    first = 0.35 + 0.25 * seeded(state, "first step")
    shares = [first + (1 - first) * step / (count - 1) for step in range(count)] if count > 1 else [1.0]
    return sorted({_rounded(opening + (top - opening) * share, grain, most=top) for share in shares})


def driver_ask(state: State, *, floor: int, offered: int) -> int:
    """Decide what the driver asks for: down from a first wish, always above the lowest rate."""
    grain = _grain(max(floor // 20, 10))
    wish = max(floor, offered) * (1.04 + 0.06 * seeded(state, "wish") + 0.04 * state.manner.thrift)
    lowest = max(floor, offered) + grain
    rounds = max(1, len(state.my_amounts))
    share = max(0.0, 1 - len(state.my_amounts) / (_rounds_of_driver(state) - 1)) if rounds else 1.0
    wanted = lowest + (wish - lowest) * share
    before = state.my_amounts[-1] if state.my_amounts else None
    amount = _rounded(wanted, grain, most=10**9)
    return max(min(amount, before) if before is not None else amount, lowest)


def _rounds_of_driver(state: State) -> int:
    """Give after how many wishes the driver is down to little more than its lowest rate."""
    return 3 + round(seeded(state, "driver rounds") + state.manner.thrift)


def tries_for_more(state: State) -> bool:
    """Tell whether the driver asks for more although the rate would do."""
    return seeded(state, "tries") < 0.25 + 0.6 * state.manner.thrift


def _grain(span: int) -> int:
    return _ROUND_USD if span >= 4 * _ROUND_USD else _FINE_USD


def _rounded(amount: float, grain: int, *, most: int) -> int:
    return min(most, round(amount / grain) * grain)


def is_other_rate(act: Act, offer: int | None) -> bool:
    """Tell whether somebody named another rate than the one that was offered."""
    if act.amount is None or offer is None or act.amount == offer:
        return False
    return act.amount >= offer / 3 or "did you say" in act.value
