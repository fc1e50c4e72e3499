"""The values of a scenario's freight that have a field of their own: read from its YAML, and written back into it."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.freight.case import CallKind, DeclineReason, FreightOutcome, StopKind
from dispatchsim.models.freight_text import FIELD, as_mapping, read_mapping, write_freight
from dispatchsim.models.yaml_edits import edit_yaml

Value = str | float  # an empty text: not written
Document = dict[str, Any]


class Shape(StrEnum):
    """How a value is written."""

    NUMBER = "number"
    TEXT = "text"
    NAMES = "names"  # a list, shown with commas
    YES = "yes"  # true, shown as “yes”; left out: no


@dataclass(frozen=True)
class Stake:
    """Where a value stands. A stop is found by its kind: the first of it."""

    path: tuple[str, ...]
    shape: Shape = Shape.TEXT
    among: type[StrEnum] | None = None


def _stake(path: str, shape: Shape = Shape.TEXT, among: type[StrEnum] | None = None) -> Stake:
    return Stake(tuple(path.split(".")), shape, among)


STAKES = {
    "reference": _stake("load.reference"),
    "commodity": _stake("load.commodity"),
    "weight_lb": _stake("load.weight_lb", Shape.NUMBER),
    "equipment": _stake("load.equipment"),
    "hazmat": _stake("load.hazmat", Shape.YES),
    "miles": _stake("load.miles", Shape.NUMBER),
    "pickup_place": _stake("stops.pickup.place"),
    "pickup_window": _stake("stops.pickup.window"),
    "pickup_arrive_by_h": _stake("stops.pickup.arrive_by_h", Shape.NUMBER),
    "delivery_place": _stake("stops.delivery.place"),
    "delivery_window": _stake("stops.delivery.window"),
    "delivery_arrive_by_h": _stake("stops.delivery.arrive_by_h", Shape.NUMBER),
    "rate": _stake("money.rate", Shape.NUMBER),
    "ceiling": _stake("money.ceiling", Shape.NUMBER),
    "floor": _stake("money.floor", Shape.NUMBER),
    "trailer": _stake("driver.equipment"),
    "position": _stake("driver.position"),
    "deadhead_miles": _stake("driver.deadhead_miles", Shape.NUMBER),
    "max_deadhead_miles": _stake("driver.max_deadhead_miles", Shape.NUMBER),
    "delay_h": _stake("driver.delay_h", Shape.NUMBER),
    "driving_left_h": _stake("driver.driving_left_h", Shape.NUMBER),
    "duty_left_h": _stake("driver.duty_left_h", Shape.NUMBER),
    "cycle_left_h": _stake("driver.cycle_left_h", Shape.NUMBER),
    "hazmat_endorsement": _stake("driver.hazmat_endorsement", Shape.YES),
    "kind": _stake("report.kind", among=CallKind),
    "by": _stake("report.by", among=Role),
    "facts": _stake("report.facts"),
    "asks": _stake("report.asks"),
    "outcome": _stake("truth.outcome", among=FreightOutcome),
    "decline_reason": _stake("truth.decline_reason", among=DeclineReason),
    "required_facts": _stake("truth.required_facts", Shape.NAMES),
    "remedy_stop": _stake("report.remedy.stop", among=StopKind),
    "remedy_window": _stake("report.remedy.window"),
    "remedy_arrive_by_h": _stake("report.remedy.arrive_by_h", Shape.NUMBER),
    "remedy_hours": _stake("report.remedy.hours", Shape.NUMBER),
    "remedy_amount": _stake("report.remedy.amount", Shape.NUMBER),
    "incident_kind": _stake("report.remedy.incident_kind", among=CallKind),
}
# The tool that brings an outcome about, and what it needs.
REMEDIES = {
    FreightOutcome.RESCHEDULED: ("reschedule_appointment", ("remedy_stop", "remedy_window", "remedy_arrive_by_h")),
    FreightOutcome.DETENTION_APPROVED: ("approve_detention", ("remedy_hours", "remedy_amount")),
    FreightOutcome.INCIDENT_OPENED: ("open_incident", ("incident_kind",)),
}
_ORDER = ("load", "stops", "money", "driver", "report", "truth")


def read_stakes(text: str) -> dict[str, Value]:
    """Read every value that has a field; what is not there, or is of another sort, is empty."""
    try:
        document = read_mapping(text) if text.strip() else {}
    except InvalidInputError:  # told when it is checked
        document = {}
    values = {name: _show(_find(document, stake.path), stake) for name, stake in STAKES.items()}
    if document and document.get("report") is None:
        values["kind"] = CallKind.BOOKING.value
    return values


def kind_of_stop(text: str, at: int) -> str:
    """Tell the kind of a stop that is the first of it; empty for all others."""
    stops = read_mapping(text).get("stops")
    stop = stops[at] if isinstance(stops, list) and at < len(stops) else None
    kind = stop.get("kind") if isinstance(stop, dict) else None
    return str(kind) if kind is not None and _find(stops, (kind,)) is stop else ""


def write_stakes(text: str, values: Mapping[str, Value]) -> str:
    """Write the values that differ into the YAML, and leave all else in it as it is. Raises InvalidInputError."""
    if not values["kind"]:
        return ""
    had = read_mapping(text) if text.strip() else {}
    before = read_stakes(text)
    wanted = deepcopy(had) or {part: {} for part in _ORDER}
    _settle_kind_and_outcome(wanted, values, before)
    for name in _names_that_count(values):
        if values[name] != before[name] or _find(wanted, STAKES[name].path) is None:
            _put(wanted, STAKES[name].path, _plain(values[name], STAKES[name].shape))
    _tidy(wanted)
    if not had or as_mapping(text) is not None:
        return write_freight(wanted)
    changed = edit_yaml(text, wanted)
    if changed is None:
        raise InvalidInputError(
            "The fields cannot be written into this YAML without losing what its author wrote around them.",
            field=FIELD,
            hint="Change the values here.",
        )
    return changed


def _names_that_count(values: Mapping[str, Value]) -> list[str]:
    """Leave out what belongs to another kind of call, or to another end of it."""
    others = [names for outcome, (_tool, names) in REMEDIES.items() if values["outcome"] != outcome]
    left_out = {"kind", *(name for names in others for name in names)}
    is_booking = values["kind"] == CallKind.BOOKING
    return [
        name
        for name, stake in STAKES.items()
        if name not in left_out and not (is_booking and stake.path[0] == "report")
    ]


def _settle_kind_and_outcome(document: Document, values: Mapping[str, Value], before: Mapping[str, Value]) -> None:
    """Bring in line what hangs together: a booking reports nothing, and an outcome has its tool."""
    if values["kind"] == CallKind.BOOKING:
        document.pop("report", None)
    elif values["kind"] != before["kind"]:
        _put(document, STAKES["kind"].path, values["kind"])
    if values["outcome"] != FreightOutcome.DECLINED:
        _put(document, STAKES["decline_reason"].path, None)
    if values["kind"] == CallKind.BOOKING or values["outcome"] == before["outcome"]:
        return
    tool = next((tool for outcome, (tool, _names) in REMEDIES.items() if outcome == values["outcome"]), None)
    _put(document, ("report", "remedy"), {"tool": tool} if tool else None)


def _find(document: object, path: tuple[str, ...]) -> object:
    for part in path:
        if isinstance(document, list):
            document = next((one for one in document if isinstance(one, dict) and one.get("kind") == part), None)
        else:
            document = document.get(part) if isinstance(document, dict) else None
    return document


def _put(document: Document, path: tuple[str, ...], value: object) -> None:
    """Set a value, or take it out with None. Raises InvalidInputError where something else stands in its way."""
    *parents, last = path
    for at, part in enumerate(parents):
        if value is None and _find(document, (part,)) is None:
            return
        document = _enter(document, part, ".".join(parents[: at + 1]))
    if value is None:
        document.pop(last, None)
    else:
        document[last] = value


def _enter(parent: Any, part: str, place: str) -> Any:
    """Give a part of the document, made where there is none."""
    found = _find(parent, (part,))
    if found is None and isinstance(parent, list):
        found = {"kind": part}
        parent.insert(0 if part == StopKind.PICKUP else len(parent), found)
    elif not found:
        found = parent[part] = [] if part == "stops" else {}
    if not isinstance(found, list if part == "stops" else dict):
        raise InvalidInputError(f"`{place}` is not what it should be.", field=FIELD, hint="Mend it here first.")
    return found


def _tidy(document: Document) -> None:
    """Take out what has become empty."""
    stops = document.get("stops")
    if isinstance(stops, list):
        document["stops"] = [stop for stop in stops if not isinstance(stop, dict) or set(stop) != {"kind"}]
    for part in ("money", "report"):
        if document.get(part) == {}:
            del document[part]


def _show(value: object, stake: Stake) -> Value:
    """Give a value as its field has it."""
    if stake.shape is Shape.YES:
        return "yes" if value is True else ""
    if stake.shape is Shape.NUMBER:
        return _number(value)
    if stake.shape is Shape.NAMES:
        return ", ".join(str(one) for one in value) if isinstance(value, list) else ""
    shown = str(value).strip() if isinstance(value, str | int | float) else ""
    return shown if stake.among is None or shown in list(stake.among) else ""


def _number(value: object) -> Value:
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return ""
    return "" if number is None else _whole(number)


def _whole(number: float) -> float:
    return int(number) if number.is_integer() else number


def _plain(value: Value, shape: Shape) -> object:
    """Give a value as YAML has it; None: not at all."""
    if value == "":
        return None
    if shape is Shape.YES:
        return True
    if shape is Shape.NAMES:
        return [name for part in str(value).split(",") if (name := part.strip())]
    return _whole(value) if isinstance(value, float) else value
