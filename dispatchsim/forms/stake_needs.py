"""What a call of a kind, and with an end, cannot do without."""

from collections.abc import Mapping

from django.utils.text import get_text_list

from dispatchsim.domain.freight.case import CallKind, FreightOutcome, StopKind
from dispatchsim.forms.stake_values import REMEDIES, STAKES, Value
from dispatchsim.templatetags.words import spelled

_BOOKING_ENDS = (FreightOutcome.BOOKED, FreightOutcome.DECLINED)
_ALWAYS = ("outcome", "reference", "commodity", "equipment", "weight_lb", "miles", "trailer", "position")
_OF_A_BOOKING = ("rate", "ceiling", "floor")
_OF_A_REPORT = ("by", "facts", "asks")
_MAY_BE_EMPTY = {"remedy_arrive_by_h"}


def find_missing(values: Mapping[str, Value]) -> dict[str, str]:
    """Name the values that are missing, each with who needs it, or an end that such a call cannot have."""
    if not values["kind"]:
        return {}
    kind, outcome = CallKind(str(values["kind"])), str(values["outcome"])
    is_booking = kind is CallKind.BOOKING
    if outcome and (outcome in _BOOKING_ENDS) != is_booking:
        ends = f"A booking ends as {get_text_list(list(map(spelled, _BOOKING_ENDS)), 'or')}"
        return {"outcome": f"{ends}." if is_booking else f"{ends}, and this is none."}
    needed = {*_ALWAYS, *_stops_needed(values), *(_OF_A_BOOKING if is_booking else _OF_A_REPORT)}
    needed |= {"decline_reason"} if outcome == FreightOutcome.DECLINED else set()
    for end, (_tool, names) in REMEDIES.items():
        needed |= set(names) - _MAY_BE_EMPTY if end == outcome else set()
    called = "A booking" if is_booking else f"A call about “{spelled(kind)}”"
    return {name: f"{called} needs it." for name in STAKES if name in needed and values[name] == ""}


def _stops_needed(values: Mapping[str, Value]) -> list[str]:
    """Take each stop whole, and one at least."""
    parts = {kind: [name for name in STAKES if name.startswith(f"{kind}_")] for kind in StopKind}
    begun = [kind for kind, names in parts.items() if any(values[name] != "" for name in names)]
    return [name for kind in begun or [StopKind.DELIVERY] for name in parts[kind]]
