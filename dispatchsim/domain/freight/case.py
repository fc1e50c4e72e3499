"""What is at stake in one call: load, stops, money, driver, what is reported, and how it should end."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.load_sheet import check_load_sheet
from dispatchsim.domain.plain_text import require_storable

MAX_USD = 100_000  # a load that pays more is a slip of the pen
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Usd = Annotated[float, Field(ge=0, le=MAX_USD)]
Miles = Annotated[float, Field(ge=0, le=5000)]
Hours = Annotated[float, Field(ge=0, le=24 * 14)]
Facts = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(check_load_sheet)]  # `key: value` lines


class CallKind(StrEnum):
    """What a call is about: a booking, or something that one side reports."""

    BOOKING = "booking"
    LATE = "late"
    DETENTION = "detention"
    APPOINTMENT = "appointment"
    BAD_ADDRESS = "bad_address"
    LUMPER = "lumper"
    WEATHER = "weather"
    REEFER_ALARM = "reefer_alarm"
    BREAKDOWN = "breakdown"
    DOUBLE_BROKERING = "double_brokering"


class StopKind(StrEnum):
    """What happens at a stop."""

    PICKUP = "pickup"
    DELIVERY = "delivery"


class FreightOutcome(StrEnum):
    """How a call can end for the freight."""

    BOOKED = "booked"
    DECLINED = "declined"
    RESCHEDULED = "rescheduled"
    DETENTION_APPROVED = "detention_approved"
    INCIDENT_OPENED = "incident_opened"
    REFERRED = "referred"


class DeclineReason(StrEnum):
    """Why a driver does not take a load."""

    RATE = "rate"
    HOURS = "hours"
    EQUIPMENT = "equipment"
    DEADHEAD = "deadhead"
    HAZMAT = "hazmat"
    TRUST = "trust"
    OTHER = "other"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, coerce_numbers_to_str=True)

    @field_validator("*")
    @classmethod
    def _can_be_stored(cls, value: object) -> object:
        return require_storable(value)


class Load(_Part):
    """The goods."""

    reference: Name
    commodity: Name
    weight_lb: float = Field(gt=0, le=200_000)
    equipment: Name
    length_ft: float | None = Field(default=None, gt=0, le=100)
    temperature_f: float | None = Field(default=None, ge=-80, le=150)
    hazmat: bool = False
    miles: Miles


class Stop(_Part):
    """A place with a time. `arrive_by_h` is hours from the time of the call."""

    kind: StopKind
    place: Words
    address: str = Field(default="", max_length=200)
    window: Words
    arrive_by_h: Hours
    is_appointment: bool = True
    miles: Miles | None = None  # from the stop before; left out: the load's miles, evenly


class Money(_Part):
    """US dollars. `ceiling` is the dispatcher's secret, `floor` the driver's."""

    rate: Usd | None = None  # what the dispatcher opens with
    ceiling: Usd | None = None
    floor: Usd | None = None
    detention_per_hour: Usd | None = None
    detention_free_h: Hours = 2
    layover: Usd | None = None
    truck_ordered_not_used: Usd | None = None
    lumper: Usd | None = None

    @model_validator(mode="after")
    def _opens_below_the_ceiling(self) -> Self:
        if self.rate is not None and self.ceiling is not None and self.rate > self.ceiling:
            raise ValueError("The opening rate is above the ceiling, the most that the dispatcher pays.")
        return self


class DriverFacts(_Part):
    """The truck, where it is, and what its driver may still drive."""

    equipment: Name
    length_ft: float | None = Field(default=None, gt=0, le=100)
    position: Words
    deadhead_miles: Miles = 0  # to the first stop
    max_deadhead_miles: Miles | None = None
    delay_h: Hours = 0  # standing still before the truck can move on
    driving_left_h: float = Field(default=11, ge=0, le=11)
    duty_left_h: float = Field(default=14, ge=0, le=14)
    cycle_left_h: float = Field(default=70, ge=0, le=70)
    average_mph: float = Field(default=50, gt=0, le=80)
    hazmat_endorsement: bool = False


RemedyTool = Literal["reschedule_appointment", "approve_detention", "open_incident"]


class Remedy(_Part):
    """What settles a report. What it allows the dispatcher stays private until it is granted."""

    tool: RemedyTool
    stop: StopKind | None = None
    window: Words | None = None
    arrive_by_h: Hours | None = None
    hours: Hours | None = None
    amount: Usd | None = None
    incident_kind: CallKind | None = None

    @model_validator(mode="after")
    def _says_what_its_tool_needs(self) -> Self:
        needed = {
            "reschedule_appointment": ("stop", "window"),
            "approve_detention": ("hours", "amount"),
            "open_incident": ("incident_kind",),
        }[self.tool]
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            raise ValueError(f"`{self.tool}` needs {' and '.join(missing)}.")
        return self


class Report(_Part):
    """What one side tells the other, and wants."""

    by: Role
    kind: CallKind
    facts: Facts
    asks: Words
    remedy: Remedy | None = None  # None: it is passed on, nothing is settled in the call

    @field_validator("kind")
    @classmethod
    def _is_no_booking(cls, kind: CallKind) -> CallKind:
        if kind is CallKind.BOOKING:
            raise ValueError("A booking is no report; leave `report` out.")
        return kind


class Truth(_Part):
    """How the call should end."""

    outcome: FreightOutcome
    required_facts: tuple[Name, ...] = ()  # keys of the load sheet or of what the sides know
    decline_reason: DeclineReason | None = None

    @model_validator(mode="after")
    def _has_a_reason_to_decline(self) -> Self:
        if (self.outcome is FreightOutcome.DECLINED) != (self.decline_reason is not None):
            raise ValueError("A decline has a `decline_reason`, and nothing else has one.")
        return self


class FreightCase(_Part):
    """All of it."""

    load: Load
    stops: tuple[Stop, ...] = Field(min_length=1, max_length=6)
    money: Money = Money()
    driver: DriverFacts
    report: Report | None = None
    truth: Truth

    @property
    def kind(self) -> CallKind:
        """What the call is about."""
        return self.report.kind if self.report else CallKind.BOOKING

    @property
    def is_booking(self) -> bool:
        """Whether a load is offered."""
        return self.report is None

    @property
    def remedy(self) -> Remedy | None:
        """What settles the report."""
        return self.report.remedy if self.report else None

    def find_stop(self, kind: StopKind) -> Stop | None:
        """Give the first stop of a kind."""
        return next((stop for stop in self.stops if stop.kind is kind), None)

    @model_validator(mode="after")
    def _booking_has_money_on_the_table(self) -> Self:
        if self.is_booking and (self.money.rate is None or self.money.ceiling is None or self.money.floor is None):
            raise ValueError("A booking needs `money` with rate, ceiling and floor.")
        return self

    @model_validator(mode="after")
    def _truth_can_come_about(self) -> Self:
        expected = _OUTCOMES_BY_TOOL.get(self.remedy.tool if self.remedy else "")
        booking = (FreightOutcome.BOOKED, FreightOutcome.DECLINED)
        possible = booking if self.is_booking else (expected or FreightOutcome.REFERRED,)
        if self.truth.outcome not in possible:
            names = " or ".join(outcome.value for outcome in possible)
            raise ValueError(f"`truth.outcome` must be {names} in this call.")
        return self


_OUTCOMES_BY_TOOL = {
    "reschedule_appointment": FreightOutcome.RESCHEDULED,
    "approve_detention": FreightOutcome.DETENTION_APPROVED,
    "open_incident": FreightOutcome.INCIDENT_OPENED,
}
