"""Freight cases that the tests share: a booking, and reports of each kind of remedy."""

from collections.abc import Mapping

from pydantic import JsonValue

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.case import FreightCase
from dispatchsim.domain.frozen import FrozenScenario

BOOKING: dict[str, JsonValue] = {
    "load": {
        "reference": "LD-4471",
        "commodity": "frozen chicken",
        "weight_lb": 42000,
        "equipment": "reefer",
        "length_ft": 53,
        "temperature_f": -10,
        "miles": 330,
    },
    "stops": [
        {
            "kind": "pickup",
            "place": "Springdale, Arkansas",
            "window": "tomorrow at 7 in the morning",
            "arrive_by_h": 14,
        },
        {
            "kind": "delivery",
            "place": "Dallas, Texas",
            "window": "the day after at 5 in the morning",
            "arrive_by_h": 36,
        },
    ],
    "money": {"rate": 1450, "ceiling": 1650, "floor": 1550},
    "driver": {
        "equipment": "reefer",
        "length_ft": 53,
        "position": "Fort Smith, Arkansas",
        "deadhead_miles": 60,
        "max_deadhead_miles": 150,
        "cycle_left_h": 52,
    },
    "truth": {"outcome": "booked", "required_facts": ["commodity", "weight", "pickup"]},
}
LATE: dict[str, JsonValue] = {
    "load": {
        "reference": "77142",
        "commodity": "paper rolls",
        "weight_lb": 44000,
        "equipment": "dry van",
        "miles": 480,
    },
    "stops": [
        {"kind": "pickup", "place": "Green Bay, Wisconsin", "window": "today at 10 in the morning", "arrive_by_h": 1},
        {"kind": "delivery", "place": "Columbus, Ohio", "window": "tomorrow at noon", "arrive_by_h": 27},
    ],
    "driver": {"equipment": "dry van", "position": "Interstate 43", "deadhead_miles": 50, "delay_h": 2.5},
    "report": {
        "by": "driver",
        "kind": "late",
        "facts": "where: Interstate 43 south of Green Bay\nlate by: about 3 hours",
        "asks": "find out whether the pickup can be moved, and to when",
        "remedy": {
            "tool": "reschedule_appointment",
            "stop": "pickup",
            "window": "this afternoon at 2",
            "arrive_by_h": 5,
        },
    },
    "truth": {"outcome": "rescheduled", "required_facts": ["late by", "new pickup time"]},
}
DETENTION: dict[str, JsonValue] = {
    "load": {
        "reference": "30955",
        "commodity": "canned food",
        "weight_lb": 39000,
        "equipment": "dry van",
        "miles": 210,
    },
    "stops": [
        {"kind": "delivery", "place": "Memphis, Tennessee", "window": "today at 6 in the morning", "arrive_by_h": 0}
    ],
    "money": {"detention_per_hour": 60, "detention_free_h": 2},
    "driver": {"equipment": "dry van", "position": "at the dock in Memphis, Tennessee"},
    "report": {
        "by": "driver",
        "kind": "detention",
        "facts": "arrived: 6 this morning\nwaiting: 5 hours",
        "asks": "get paid for every hour beyond the free time",
        "remedy": {"tool": "approve_detention", "hours": 3, "amount": 180},
    },
    "truth": {"outcome": "detention_approved", "required_facts": ["arrived", "waiting"]},
}
BREAKDOWN: dict[str, JsonValue] = {
    "load": {
        "reference": "51230",
        "commodity": "bottled water",
        "weight_lb": 43000,
        "equipment": "dry van",
        "miles": 250,
    },
    "stops": [
        {"kind": "delivery", "place": "Tulsa, Oklahoma", "window": "tonight at 9", "arrive_by_h": 6},
    ],
    "driver": {"equipment": "dry van", "position": "Joplin, Missouri", "deadhead_miles": 110},
    "report": {
        "by": "driver",
        "kind": "breakdown",
        "facts": "what broke: an air line\nwhere: mile marker 18 on Interstate 44",
        "asks": "get a road service sent out",
        "remedy": {"tool": "open_incident", "incident_kind": "breakdown"},
    },
    "truth": {"outcome": "incident_opened", "required_facts": ["what broke", "where"]},
}


def build_case(base: Mapping[str, JsonValue] = BOOKING, **changes: Mapping[str, JsonValue]) -> FreightCase:
    """Build a case with some values of its parts changed."""
    parts = dict(base)
    for name, change in changes.items():
        part = parts.get(name)
        parts[name] = {**(part if isinstance(part, dict) else {}), **change}
    return FreightCase.model_validate(parts)


def build_scenario(
    case: FreightCase, *, load_sheet: str = "door: dock 4", opener: Role = Role.DISPATCHER
) -> FrozenScenario:
    """Build a scenario around a case."""
    return FrozenScenario(
        title="Freight",
        opener=opener,
        load_sheet=load_sheet,
        dispatcher_briefing="It came in an hour ago.",
        driver_briefing="You are empty.",
        max_duration_s=240,
        max_turns=60,
        freight=case,
    )
