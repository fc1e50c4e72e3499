"""Where what is at stake contradicts itself: it can be played, but not to the end that is expected of it."""

from collections.abc import Iterator

from dispatchsim.domain.freight import words
from dispatchsim.domain.freight.case import DeclineReason, FreightCase, FreightOutcome, StopKind
from dispatchsim.domain.freight.fit import Misfit, find_misfits
from dispatchsim.domain.freight.hours import find_late, move_stop, plan_trip

_MENDS = {
    DeclineReason.EQUIPMENT: "Give the driver a trailer that carries the load, or let the load need this one",
    DeclineReason.HAZMAT: "Give the driver the endorsement, or take hazmat off the load",
    DeclineReason.DEADHEAD: "Bring the truck nearer to the pickup, or let the driver run more empty miles",
    DeclineReason.HOURS: "Give that stop a later time, or the driver more hours or fewer miles",
}
# Of other reasons nobody can tell before the call whether they are there.
_CAN_BE_SEEN = frozenset(_MENDS)


def find_case_doubts(case: FreightCase) -> list[str]:
    """Tell what contradicts itself for sure, each with what it is about and how to mend it."""
    order = list(_order_of_stops(case))
    ends = {
        FreightOutcome.BOOKED: _doubts_of_a_booking,
        FreightOutcome.DECLINED: _doubts_of_a_decline,
        FreightOutcome.RESCHEDULED: _doubts_of_a_new_time,
    }
    find = ends.get(case.truth.outcome)
    # Stops in the wrong order make each arrival late: that is told once.
    return [*order, *(find(case, knows_times=not order) if find else ())]


def _order_of_stops(case: FreightCase) -> Iterator[str]:
    due = {kind: [stop.arrive_by_h for stop in case.stops if stop.kind is kind] for kind in StopKind}
    pickups, deliveries = due[StopKind.PICKUP], due[StopKind.DELIVERY]
    if pickups and deliveries and min(deliveries) < min(pickups):
        yield (
            f"The delivery is due in {words.hours(min(deliveries))}, before the pickup, which is due in "
            f"{words.hours(min(pickups))}. Give the delivery a later time, or the pickup an earlier one."
        )


def _doubts_of_a_booking(case: FreightCase, *, knows_times: bool) -> Iterator[str]:
    for misfit in find_misfits(case):
        if knows_times or misfit.reason is not DeclineReason.HOURS:
            yield (
                f"It should end as booked, and cannot. {_tell(case, misfit)} {_MENDS[misfit.reason]}; or expect a "
                f"decline because of {misfit.reason}."
            )
    floor, ceiling = case.money.floor, case.money.ceiling
    if floor is not None and ceiling is not None and floor > ceiling:
        yield (
            f"It should end as booked, and cannot. The driver takes at least {words.usd(floor)}, and the dispatcher "
            f"pays at most {words.usd(ceiling)}. Change one of the two; or expect a decline because of rate."
        )


def _doubts_of_a_decline(case: FreightCase, *, knows_times: bool) -> Iterator[str]:
    reason = case.truth.decline_reason
    if reason not in _CAN_BE_SEEN or (reason is DeclineReason.HOURS and not knows_times):
        return
    if not any(misfit.reason is reason for misfit in find_misfits(case)):
        yield (
            f"The driver should decline because of {reason}, and nothing about {reason} keeps the driver from taking "
            "the load. Change that, or what should come of the call."
        )


def _doubts_of_a_new_time(case: FreightCase, *, knows_times: bool) -> Iterator[str]:
    remedy = case.remedy
    if remedy is None or remedy.stop is None or remedy.window is None or not knows_times:
        return
    moved = move_stop(case, kind=remedy.stop, window=remedy.window, arrive_by_h=remedy.arrive_by_h)
    if find_late(plan_trip(moved)) is not None:
        yield (
            f"The {remedy.stop} should be moved to the new time, and cannot. {_tell_late(moved)} Give the new time, "
            "or the stops after it, more hours."
        )


def _tell(case: FreightCase, misfit: Misfit) -> str:
    return _tell_late(case) if misfit.reason is DeclineReason.HOURS else misfit.sentence


def _tell_late(case: FreightCase) -> str:
    """Say of the first stop that cannot be reached in time when the truck is there; to people, not to the driver."""
    late = find_late(plan_trip(case))
    if late is None:
        return ""
    due, there = words.hours(late.stop.arrive_by_h), words.hours(late.arrive_h)
    return f"The {late.stop.kind} is due in {due}, and by the hours of service the truck is there in {there}."
