"""What each tool does to what has been settled. Pure: state in, state and result out.

offer_rate ─► accept_load ─► book_load        a booking, in this order and at one rate
         └──► decline_load                    final, as a booking is
reschedule_appointment | approve_detention    what the remedy of a report allows, once
open_incident | report_status | send_papers   records; they contradict nothing
"""

from collections.abc import Callable, Mapping

from pydantic import JsonValue, ValidationError

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight import arguments, words
from dispatchsim.domain.freight.arguments import JsonObject, explain
from dispatchsim.domain.freight.case import FreightCase
from dispatchsim.domain.freight.fit import find_misfits
from dispatchsim.domain.freight.hours import find_arrival, find_late, plan_trip
from dispatchsim.domain.freight.sheet import describe_stop
from dispatchsim.domain.freight.spoken import says_fact
from dispatchsim.domain.freight.state import (
    Appointment,
    Detention,
    FreightState,
    Incident,
    StatusReport,
    apply_appointments,
)

_CENT = 0.005
_MAX_RECORDS = 20  # a model that goes round in circles must not fill the row


class _RefusedError(Exception):
    """The state does not allow it; the text tells the model why."""


_Step = tuple[FreightState, JsonObject]
_Apply = Callable[[FreightState, FreightCase, Mapping[str, JsonValue]], _Step]


def apply_tool(
    state: FreightState, case: FreightCase, role: Role, name: str, given: Mapping[str, JsonValue]
) -> tuple[FreightState, JsonObject]:
    """Use a tool. The result has `ok`, and `reason` where it is refused; a refusal changes nothing."""
    apply = _TOOLS[role].get(name)
    try:
        if apply is None:
            raise _RefusedError(f"You have no function `{name}`.")
        changed, facts = apply(state, case, given)
    except ValidationError as error:
        return state, {"ok": False, "reason": explain(error)}
    except _RefusedError as error:
        return state, {"ok": False, "reason": str(error)}
    return changed, {"ok": True, **facts}


def _look_up_load(state: FreightState, case: FreightCase, given: Mapping[str, JsonValue]) -> _Step:
    wanted = arguments.LookUp.model_validate(given).reference
    load = case.load
    if _plain(wanted) and _plain(wanted) not in _plain(load.reference):
        raise _RefusedError(f"There is no load {wanted!r}; this call is about {load.reference}.")
    facts: JsonObject = {
        "reference": load.reference,
        "commodity": load.commodity,
        "weight": f"{words.number(load.weight_lb)} pounds",
        "trailer": words.trailer(load.equipment, load.length_ft),
        "hazmat": load.hazmat,
        "miles": load.miles,
        "stops": [f"{stop.kind}: {describe_stop(stop)}, {stop.address}".rstrip(", ") for stop in case.stops],
    }
    if load.temperature_f is not None:
        facts["temperature"] = words.degrees(load.temperature_f)
    return state, facts | _terms(case)


def _terms(case: FreightCase) -> JsonObject:
    """Give what is paid beside the rate: no secret."""
    money = case.money
    paid = {
        "detention_per_hour_usd": money.detention_per_hour,
        "layover_usd": money.layover,
        "truck_ordered_not_used_usd": money.truck_ordered_not_used,
        "lumper_usd": money.lumper,
    }
    terms: JsonObject = {name: amount for name, amount in paid.items() if amount is not None}
    return terms | ({"detention_free_hours": money.detention_free_h} if money.detention_per_hour is not None else {})


def _offer_rate(state: FreightState, case: FreightCase, given: Mapping[str, JsonValue]) -> _Step:
    amount = arguments.Offer.model_validate(given).amount_usd
    _require_open_booking(state, case)
    if case.money.ceiling is not None and amount > case.money.ceiling + _CENT:
        raise _RefusedError("That is above the highest rate that you may pay; offer less.")
    if state.accepted_rate is not None and abs(amount - state.accepted_rate) > _CENT:
        raise _RefusedError(f"The driver has accepted {words.usd(state.accepted_rate)}; book that.")
    offers = state.offers if amount in state.offers else (*state.offers, amount)[-_MAX_RECORDS:]
    return state.model_copy(update={"offered_rate": amount, "offers": offers}), {"offered_usd": amount}


def _book_load(state: FreightState, case: FreightCase, given: Mapping[str, JsonValue]) -> _Step:
    rate = arguments.Rate.model_validate(given).rate_usd
    _require_open_booking(state, case)
    if state.accepted_rate is None:
        raise _RefusedError("The driver has not accepted a rate yet.")
    _require_same(rate, state.accepted_rate, whose="The driver has accepted")
    return state.model_copy(update={"booked_rate": rate}), {"booked_usd": rate, "reference": case.load.reference}


def _accept_load(state: FreightState, case: FreightCase, given: Mapping[str, JsonValue]) -> _Step:
    rate = arguments.Rate.model_validate(given).rate_usd
    _require_open_booking(state, case)
    if state.offered_rate is None:
        raise _RefusedError("No rate is on the table yet; ask for it.")
    _require_same(rate, state.offered_rate, whose="What is on the table is")
    if case.money.floor is not None and rate < case.money.floor - _CENT:
        raise _RefusedError("That is below the lowest rate that you take; ask for more, or decline over the rate.")
    misfits = find_misfits(case)
    if misfits:
        raise _RefusedError(f"{misfits[0].sentence} Decline because of {misfits[0].reason}.")
    return state.model_copy(update={"accepted_rate": rate}), {"accepted_usd": rate}


def _decline_load(state: FreightState, case: FreightCase, given: Mapping[str, JsonValue]) -> _Step:
    decline = arguments.Decline.model_validate(given)
    _require_open_booking(state, case)
    reason = decline.known_reason
    changes = {"declined_reason": reason, "declined_words": decline.reason, "accepted_rate": None}
    return state.model_copy(update=changes), {"declined_because_of": reason.value}


def _reschedule(state: FreightState, case: FreightCase, given: Mapping[str, JsonValue]) -> _Step:
    wanted = arguments.NewTime.model_validate(given)
    remedy = case.remedy
    if remedy is None or remedy.tool != "reschedule_appointment" or remedy.window is None:
        raise _RefusedError("The facility gives no other time on this load.")
    if wanted.stop is not remedy.stop:
        raise _RefusedError(f"The {wanted.stop} cannot be moved; only the {remedy.stop} can.")
    if not says_fact(wanted.window, remedy.window):
        raise _RefusedError(f"The only other time that the facility gives is {remedy.window}.")
    appointment = Appointment(stop=wanted.stop, window=remedy.window)
    late = find_late(plan_trip(apply_appointments(case, [appointment])))
    if late is not None:
        raise _RefusedError(f"The truck is at the {late.stop.kind} in {words.hours(late.arrive_h)} only: too late.")
    facts: JsonObject = {"stop": wanted.stop.value, "window": remedy.window}
    return state.model_copy(update={"appointments": (appointment,)}), facts


def _approve_detention(state: FreightState, case: FreightCase, given: Mapping[str, JsonValue]) -> _Step:
    wanted = arguments.DetentionPay.model_validate(given)
    remedy = case.remedy
    if remedy is None or remedy.tool != "approve_detention" or remedy.hours is None or remedy.amount is None:
        raise _RefusedError("No detention is owed on this load.")
    if state.detention is not None:
        raise _RefusedError(f"{words.usd(state.detention.amount)} of detention are approved already.")
    if wanted.hours > remedy.hours + _CENT or wanted.amount_usd > remedy.amount + _CENT:
        raise _RefusedError("That is more than the terms give; approve only the hours beyond the free time.")
    _require_agreement(wanted.hours, wanted.amount_usd, per_hour=case.money.detention_per_hour)
    granted = Detention(hours=wanted.hours, amount=wanted.amount_usd)
    return state.model_copy(update={"detention": granted}), {"hours": granted.hours, "approved_usd": granted.amount}


def _open_incident(state: FreightState, case: FreightCase, given: Mapping[str, JsonValue]) -> _Step:
    report = arguments.IncidentReport.model_validate(given)
    if case.is_booking:
        raise _RefusedError("Nothing has happened that needs an incident; this call is about a booking.")
    kind = report.known_kind
    if any(incident.kind == kind for incident in state.incidents):
        raise _RefusedError(f"An incident of this kind, {kind}, is open already.")
    incident = Incident(kind=kind, summary=report.summary)
    incidents = (*state.incidents, incident)
    facts: JsonObject = {"kind": kind, "incident": f"{case.load.reference}-{len(incidents)}"}
    return state.model_copy(update={"incidents": incidents}), facts


def _check_hours(state: FreightState, case: FreightCase, _given: Mapping[str, JsonValue]) -> _Step:
    driver = case.driver
    late = find_late(plan_trip(apply_appointments(case, state.appointments)))
    facts: JsonObject = {
        "driving_left_hours": driver.driving_left_h,
        "duty_left_hours": driver.duty_left_h,
        "cycle_left_hours": driver.cycle_left_h,
        "compared_with": "the appointments as they stand",  # a time that was merely offered is none of them
        "allows_the_trip": late is None,
    }
    if late is not None:
        facts["why_not"] = (
            f"The {late.stop.kind} is due in {words.hours(late.stop.arrive_by_h)}; with the rests that are due you are "
            f"there in {words.hours(late.arrive_h)}."
        )
    return state, facts


def _check_arrival(state: FreightState, case: FreightCase, given: Mapping[str, JsonValue]) -> _Step:
    asked = arguments.TimeAtStop.model_validate(given)
    offered = _find_offered(case, asked)
    arrival = find_arrival(apply_appointments(case, (*state.appointments, *offered)), asked.stop)
    if arrival is None:
        raise _RefusedError(f"There is no {asked.stop} on this trip.")
    facts: JsonObject = {
        "position": case.driver.position,
        "miles": round(arrival.miles),
        "driving_hours": round(arrival.drive_h, 1),
        "arrival_in_hours": round(arrival.earliest_h, 1),
    }
    if asked.window and not offered and not says_fact(asked.window, arrival.stop.window):
        # Only the facility's own times are reckoned in hours here; of any other nothing is claimed.
        return state, facts | {"compared_with": "nothing: that time is not known here, see for yourself"}
    return state, facts | {
        "compared_with": offered[0].window if offered else "the appointment as it stands",
        "due_in_hours": round(arrival.stop.arrive_by_h, 1),
        "in_time": arrival.is_in_time,
    }


def _find_offered(case: FreightCase, asked: arguments.TimeAtStop) -> tuple[Appointment, ...]:
    """Give the other time of the facility, where that is the one that the driver asks about."""
    remedy = case.remedy
    if remedy is None or remedy.window is None or remedy.stop is not asked.stop:
        return ()
    is_meant = bool(asked.window) and says_fact(asked.window, remedy.window)
    return (Appointment(stop=asked.stop, window=remedy.window),) if is_meant else ()


def _report_status(state: FreightState, _case: FreightCase, given: Mapping[str, JsonValue]) -> _Step:
    told = arguments.Status.model_validate(given)
    statuses = (*state.statuses, StatusReport(status=told.status, detail=told.detail))[-_MAX_RECORDS:]
    return state.model_copy(update={"statuses": statuses}), {"status": told.status}


def _send_papers(state: FreightState, _case: FreightCase, given: Mapping[str, JsonValue]) -> _Step:
    kind = arguments.Paper.model_validate(given).kind
    papers = state.papers if kind in state.papers else (*state.papers, kind)[-_MAX_RECORDS:]
    return state.model_copy(update={"papers": papers}), {"sent": kind}


def _require_open_booking(state: FreightState, case: FreightCase) -> None:
    if not case.is_booking:
        raise _RefusedError("There is nothing to book in this call: the load is on the truck or assigned.")
    if state.booked_rate is not None:
        raise _RefusedError(f"The load is booked at {words.usd(state.booked_rate)}.")
    if state.declined_reason is not None:
        raise _RefusedError(f"The driver has declined because of {state.declined_reason}.")


def _require_same(rate: float, settled: float, *, whose: str) -> None:
    if abs(rate - settled) > _CENT:
        raise _RefusedError(f"{whose} {words.usd(settled)}, not {words.usd(rate)}.")


def _require_agreement(hours: float, amount_usd: float, *, per_hour: float | None) -> None:
    if per_hour is not None and abs(hours * per_hour - amount_usd) > _CENT:
        worth, told = words.usd(hours * per_hour), words.usd(amount_usd)
        raise _RefusedError(f"{words.hours(hours)} at {words.usd(per_hour)} are {worth}, not {told}.")


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


_TOOLS: Mapping[Role, Mapping[str, _Apply]] = {
    Role.DISPATCHER: {
        "look_up_load": _look_up_load,
        "offer_rate": _offer_rate,
        "book_load": _book_load,
        "reschedule_appointment": _reschedule,
        "approve_detention": _approve_detention,
        "open_incident": _open_incident,
    },
    Role.DRIVER: {
        "check_hours_of_service": _check_hours,
        "check_position_and_arrival": _check_arrival,
        "accept_load": _accept_load,
        "decline_load": _decline_load,
        "report_status": _report_status,
        "send_papers": _send_papers,
    },
}
