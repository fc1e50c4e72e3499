"""What has been settled in a call so far."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from dispatchsim.domain.freight.case import DeclineReason, FreightCase, FreightOutcome, StopKind
from dispatchsim.domain.freight.hours import move_stop


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Appointment(_Frozen):
    """A stop with its new time."""

    stop: StopKind
    window: str


class Detention(_Frozen):
    """Detention that was approved, in hours and US dollars."""

    hours: float
    amount: float


class Incident(_Frozen):
    """Something that somebody has to take care of."""

    kind: str
    summary: str


class StatusReport(_Frozen):
    """What the driver put on record."""

    status: str
    detail: str = ""


class FreightState(_Frozen):
    """Everything that was settled. Rates are US dollars."""

    offered_rate: float | None = None
    offers: tuple[float, ...] = ()  # every rate that was ever on the table
    accepted_rate: float | None = None
    booked_rate: float | None = None
    declined_reason: DeclineReason | None = None
    declined_words: str = ""
    appointments: tuple[Appointment, ...] = ()
    detention: Detention | None = None
    incidents: tuple[Incident, ...] = ()
    statuses: tuple[StatusReport, ...] = ()
    papers: tuple[str, ...] = ()


def find_outcomes(state: FreightState) -> frozenset[FreightOutcome]:
    """Tell everything that a call has come to."""
    found = {
        FreightOutcome.BOOKED: state.booked_rate is not None,
        FreightOutcome.DECLINED: state.declined_reason is not None,
        FreightOutcome.RESCHEDULED: bool(state.appointments),
        FreightOutcome.DETENTION_APPROVED: state.detention is not None,
        FreightOutcome.INCIDENT_OPENED: bool(state.incidents),
    }
    settled = frozenset(outcome for outcome, is_so in found.items() if is_so)
    if not settled and (state.papers or state.statuses):
        return frozenset({FreightOutcome.REFERRED})
    return settled


def apply_appointments(case: FreightCase, appointments: Iterable[Appointment]) -> FreightCase:
    """Give the case with the times that have been moved."""
    remedy = case.remedy
    for appointment in appointments:
        is_remedy = remedy is not None and remedy.stop is appointment.stop
        arrive_by_h = remedy.arrive_by_h if remedy is not None and is_remedy else None
        case = move_stop(case, kind=appointment.stop, window=appointment.window, arrive_by_h=arrive_by_h)
    return case
