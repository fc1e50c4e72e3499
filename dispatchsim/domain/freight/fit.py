"""Whether a load fits a truck and its driver, whatever it pays."""

from collections.abc import Iterator
from dataclasses import dataclass

from dispatchsim.domain.freight import words
from dispatchsim.domain.freight.case import DeclineReason, FreightCase
from dispatchsim.domain.freight.hours import find_late, plan_trip

_SAME_TRAILER = {
    "refrigerated": "reefer",
    "refrigerated trailer": "reefer",
    "van": "dry van",
    "flat bed": "flatbed",
    "step deck": "stepdeck",
}
# A reefer that is switched off is a dry van.
_ALSO_CARRIES = {"reefer": frozenset({"dry van"})}


@dataclass(frozen=True)
class Misfit:
    """Why a driver cannot take a load, for the model and for people."""

    reason: DeclineReason
    sentence: str


def find_misfits(case: FreightCase) -> tuple[Misfit, ...]:
    """Tell everything but the money that keeps this driver from taking this load."""
    return tuple(misfit for check in (_equipment, _hazmat, _deadhead, _hours) for misfit in check(case))


def _equipment(case: FreightCase) -> Iterator[Misfit]:
    load, driver = case.load, case.driver
    has, needs = _trailer_name(driver.equipment), _trailer_name(load.equipment)
    if has != needs and needs not in _ALSO_CARRIES.get(has, ()):
        yield Misfit(DeclineReason.EQUIPMENT, f"The load needs a {needs}, and the driver pulls a {has}.")
    elif load.length_ft is not None and driver.length_ft is not None and driver.length_ft < load.length_ft:
        yield Misfit(
            DeclineReason.EQUIPMENT,
            f"The load needs {words.number(load.length_ft)} feet, the trailer has {words.number(driver.length_ft)}.",
        )


def _hazmat(case: FreightCase) -> Iterator[Misfit]:
    if case.load.hazmat and not case.driver.hazmat_endorsement:
        yield Misfit(DeclineReason.HAZMAT, "The load is hazmat, and the driver has no endorsement for it.")


def _deadhead(case: FreightCase) -> Iterator[Misfit]:
    driver = case.driver
    if driver.max_deadhead_miles is not None and driver.deadhead_miles > driver.max_deadhead_miles:
        yield Misfit(
            DeclineReason.DEADHEAD,
            f"The pickup is {words.number(driver.deadhead_miles)} empty miles away, more than the driver runs empty.",
        )


def _hours(case: FreightCase) -> Iterator[Misfit]:
    late = find_late(plan_trip(case))
    if late is not None:
        due, there = words.hours(late.stop.arrive_by_h), words.hours(late.arrive_h)
        sentence = (
            f"The hours of service do not allow it: the {late.stop.kind} is due in {due}, you are there in {there}."
        )
        yield Misfit(DeclineReason.HOURS, sentence)


def _trailer_name(name: str) -> str:
    plain = " ".join(name.lower().replace("-", " ").split())
    return _SAME_TRAILER.get(plain, plain)
