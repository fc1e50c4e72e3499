"""What each side is told of the freight before the call, as `key: value` facts for its prompt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight import words
from dispatchsim.domain.freight.case import FreightCase, Remedy, Stop, StopKind
from dispatchsim.domain.freight.spoken import find_values
from dispatchsim.domain.load_sheet import Fact, parse_load_sheet

UNKNOWN = "?"  # what this side has to find out
# A line of the author's under one of these names says it already.
_ALIASES = {
    "load number": ("load number", "reference", "load", "load id"),
    "commodity": ("commodity", "goods", "freight", "product"),
    "weight": ("weight", "pounds"),
    "trailer": ("trailer", "equipment", "truck"),
    "temperature": ("temperature", "temp"),
    "hazmat": ("hazmat", "hazardous", "placards"),
    "pickup": ("pickup", "shipper", "origin"),
    "delivery": ("delivery", "receiver", "destination", "first stop"),
    "miles": ("miles", "distance"),
}
_RATES = ("rate", "pay", "linehaul", "line haul", "price")


@dataclass(frozen=True)
class Contradiction:
    """Where load sheet and freight are not about the same load."""

    place: str  # the key of the freight, as in `load.miles`
    sentence: str


@dataclass(frozen=True)
class Briefing:
    """The freight sections of one side's prompt; an empty one is left out."""

    load_sheet: tuple[Fact, ...]
    knows: tuple[Fact, ...]
    finds_out: tuple[Fact, ...]
    limits: tuple[Fact, ...]
    hours: tuple[Fact, ...]
    goal: str


def build_briefing(case: FreightCase, *, load_sheet: str, role: Role) -> Briefing:
    """Tell one side what it knows, and by name what it has to find out; nothing of the other side's secrets."""
    known = {side: build_known(case, role=side) for side in Role}
    return Briefing(
        load_sheet=_load_sheet(case, parse_load_sheet(load_sheet), role=role),
        knows=known[role],
        finds_out=tuple(Fact(fact.key, UNKNOWN) for fact in [*_of_the_call(case, role=role), *known[role.peer]]),
        limits=_dispatcher_limits(case) if role is Role.DISPATCHER else _driver_limits(case),
        hours=_hours(case) if role is Role.DRIVER else (),
        goal=_goal(case, role=role),
    )


def build_full_sheet(case: FreightCase, *, load_sheet: str) -> tuple[Fact, ...]:
    """Give every line of the load sheet with its value: the author's, and those that the freight adds."""
    return _load_sheet(case, parse_load_sheet(load_sheet), role=Role.DISPATCHER)


def build_known(case: FreightCase, *, role: Role) -> tuple[Fact, ...]:
    """Give what one side alone knows at first, and may tell."""
    own = list(_truck(case)) if case.is_booking and role is Role.DRIVER else []
    if case.report is None:
        return tuple(own)
    if case.report.by is role:
        own += parse_load_sheet(case.report.facts)
    if role is Role.DISPATCHER and case.remedy is not None and case.remedy.window is not None:
        own.append(Fact(f"new {case.remedy.stop or 'stop'} time", case.remedy.window))
    return tuple(own)


def build_facts(case: FreightCase, *, load_sheet: str) -> dict[str, str]:
    """Give every fact that somebody knows before the call, by its key in lower case."""
    known = (*build_known(case, role=Role.DISPATCHER), *build_known(case, role=Role.DRIVER))
    return {fact.key.lower(): fact.value for fact in (*known, *build_full_sheet(case, load_sheet=load_sheet))}


def find_contradictions(case: FreightCase, *, load_sheet: str) -> list[Contradiction]:
    """Tell where load sheet and freight are not about the same load."""
    written = {fact.key.lower(): fact.value for fact in parse_load_sheet(load_sheet)}
    load = case.load
    numbers = {
        "weight": ("weight_lb", load.weight_lb),
        "miles": ("miles", load.miles),
        "temperature": ("temperature_f", load.temperature_f),
    }
    problems = [
        Contradiction(
            f"load.{part}",
            f"The load sheet says `{key}: {written[key]}`, and what is at stake says {words.number(number)}.",
        )
        for name, (part, number) in numbers.items()
        for key in _ALIASES[name]
        if number is not None and key in written and abs(number) not in find_values(written[key])
    ]
    facts = build_facts(case, load_sheet=load_sheet)
    problems += [
        Contradiction(
            "truth.required_facts", f"`truth.required_facts` names `{key}`, and nobody knows anything of that name."
        )
        for key in case.truth.required_facts
        if key.lower() not in facts
    ]
    return problems


def find_sheet_doubts(case: FreightCase, *, load_sheet: str) -> list[str]:
    """Tell what on the load sheet may mislead: a rate or a place that is another one than at stake."""
    written = {fact.key.lower(): fact.value for fact in parse_load_sheet(load_sheet)}
    rate = case.money.rate if case.is_booking else None
    doubts = [
        f"It says “{key}: {written[key]}”, and the dispatcher opens with {words.usd(rate)}. "
        "Leave the rate off the load sheet: it is put on the table in the call."
        for key in _RATES
        if rate is not None and key in written and rate not in find_values(written[key])
    ]
    stops = [(kind.value, stop) for kind in StopKind if (stop := case.find_stop(kind)) is not None]
    return doubts + [
        f"It says “{key}: {written[key]}”, and at stake is {kind} in {stop.place}."
        for kind, stop in stops
        for key in _ALIASES[kind]
        if key in written and _town(stop.place) not in written[key].lower()
    ]


def _town(place: str) -> str:
    return place.partition(",")[0].strip().lower()


def _load_sheet(case: FreightCase, written: Sequence[Fact], *, role: Role) -> tuple[Fact, ...]:
    added = _booking_lines(case) if case.is_booking else _lines_known_to_both(case)
    missing = [fact for fact in added if not _is_written(fact.key, written)]
    if role is Role.DISPATCHER:
        return (*written, *missing) if case.is_booking else (*missing, *written)
    if case.is_booking:
        return tuple(Fact(fact.key, UNKNOWN) for fact in (*written, *missing))
    shared = {alias for fact in added for alias in _ALIASES[fact.key]}
    return (
        *missing,
        *(fact if fact.key.lower() in shared else Fact(fact.key, UNKNOWN) for fact in written),
    )


def _is_written(key: str, written: Iterable[Fact]) -> bool:
    return any(fact.key.lower() in _ALIASES[key] for fact in written)


def _booking_lines(case: FreightCase) -> list[Fact]:
    load = case.load
    lines = [
        Fact("commodity", load.commodity),
        Fact("weight", f"{words.number(load.weight_lb)} pounds"),
        Fact("trailer", words.trailer(load.equipment, load.length_ft)),
    ]
    if load.temperature_f is not None:
        lines.append(Fact("temperature", words.degrees(load.temperature_f)))
    if load.hazmat:
        lines.append(Fact("hazmat", "yes, placarded"))
    return [*lines, *_stop_lines(case), Fact("miles", words.number(load.miles))]


def _lines_known_to_both(case: FreightCase) -> list[Fact]:
    lines = [Fact("load number", case.load.reference), Fact("commodity", case.load.commodity)]
    if case.load.temperature_f is not None:
        lines.append(Fact("temperature", words.degrees(case.load.temperature_f)))
    return [*lines, *_stop_lines(case)]


def _stop_lines(case: FreightCase) -> list[Fact]:
    found = [(kind, case.find_stop(kind)) for kind in StopKind]
    return [Fact(kind.value, describe_stop(stop)) for kind, stop in found if stop is not None]


def describe_stop(stop: Stop) -> str:
    """Write where and when, as in `Dallas, Texas, tomorrow at 5 in the morning`."""
    return f"{stop.place}, {stop.window}"


def _truck(case: FreightCase) -> Iterable[Fact]:
    driver = case.driver
    yield Fact("position", driver.position)
    yield Fact("equipment", driver.equipment)
    if driver.length_ft is not None:
        yield Fact("trailer length", f"{words.number(driver.length_ft)} feet")
    yield Fact("deadhead miles", words.number(driver.deadhead_miles))
    if case.load.hazmat:
        yield Fact("hazmat endorsement", words.yes_no(driver.hazmat_endorsement))


def _of_the_call(case: FreightCase, *, role: Role) -> Iterable[Fact]:
    """Give what has no value before the call: it is agreed in it."""
    if role is Role.DRIVER and case.is_booking:
        yield Fact("rate", UNKNOWN)
    if role is Role.DRIVER and case.remedy is not None and case.remedy.amount is not None:
        yield Fact("detention", UNKNOWN)


def _dispatcher_limits(case: FreightCase) -> tuple[Fact, ...]:
    money, remedy = case.money, case.remedy
    if case.is_booking and money.rate is not None and money.ceiling is not None:
        return (Fact("opening rate", words.usd(money.rate)), Fact("highest rate", words.usd(money.ceiling)))
    if remedy is None:
        return ()
    return tuple(_remedy_limits(remedy))


def _remedy_limits(remedy: Remedy) -> Iterable[Fact]:
    if remedy.tool == "approve_detention" and remedy.amount is not None and remedy.hours is not None:
        yield Fact("highest detention", words.usd(remedy.amount))
        yield Fact("detention hours", words.hours(remedy.hours))
    if remedy.tool == "reschedule_appointment" and remedy.stop is not None:
        yield Fact("may move", remedy.stop.value)
    if remedy.incident_kind is not None:
        yield Fact("incident kind", remedy.incident_kind.value)


def _driver_limits(case: FreightCase) -> tuple[Fact, ...]:
    if not case.is_booking or case.money.floor is None:
        return ()
    limits = [Fact("lowest rate", words.usd(case.money.floor))]
    if case.driver.max_deadhead_miles is not None:
        limits.append(Fact("longest deadhead", f"{words.number(case.driver.max_deadhead_miles)} miles"))
    limits.append(Fact("needs equipment", case.driver.equipment))
    limits.append(Fact("hazmat", words.yes_no(case.driver.hazmat_endorsement)))
    return tuple(limits)


def _hours(case: FreightCase) -> tuple[Fact, ...]:
    driver = case.driver
    return (
        Fact("driving left", words.hours(driver.driving_left_h)),
        Fact("duty left", words.hours(driver.duty_left_h)),
        Fact("cycle left", words.hours(driver.cycle_left_h)),
        Fact("average speed", f"{words.number(driver.average_mph)} miles an hour"),
    )


def _goal(case: FreightCase, *, role: Role) -> str:
    if case.report is None:
        return _BOOKING_GOALS[role]
    if case.report.by is role:
        return case.report.asks
    if role is Role.DISPATCHER:
        return _REMEDY_GOALS[case.remedy.tool if case.remedy else ""]
    return "understand what has changed, check whether you can still make it, and say whether you will"


_BOOKING_GOALS = {
    Role.DISPATCHER: "book this load with this driver inside your limits, for as little as the driver will take",
    Role.DRIVER: "take the load if it fits your truck, hours and limits, for as much as it will pay; else decline",
}
_REMEDY_GOALS = {
    "": "find out what happened, ask for the papers, and say that it is passed on",
    "reschedule_appointment": "find out what happened, then move the appointment to the new time if it can be made",
    "approve_detention": "find out what is claimed, then agree on the detention that the terms give and approve it",
    "open_incident": "find out what happened, then open an incident for it",
}
