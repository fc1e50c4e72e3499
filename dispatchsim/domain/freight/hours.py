"""Hours of service of property-carrying drivers, and when a truck can be where. Sources: 49 CFR part 395.

on duty ──── 11 h of driving at most, none after the 14th hour ────► 10 h off duty ──► on duty again
        └─ 8 h of driving ─► 30 min without driving                   70 h on duty in 8 days ─► 34 h off duty

What is not known before the call is taken to the driver's good: the 8 hours to the break begin with the call,
and no hours of older days come back during it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter

from dispatchsim.domain.freight.case import DriverFacts, FreightCase, Stop, StopKind

DRIVING_LIMIT_H = 11.0  # 395.3(a)(3)(i)
DUTY_WINDOW_H = 14.0  # 395.3(a)(2): hours on the clock, waiting included
BREAK_AFTER_H = 8.0  # 395.3(a)(3)(ii)
BREAK_H = 0.5  # same
REST_H = 10.0  # 395.3(a)(1)
CYCLE_LIMIT_H = 70.0  # 395.3(b)(2): in 8 days
RESTART_H = 34.0  # 395.3(c)(2)
AT_A_DOCK_H = 2.0  # loading or unloading, on duty; also the free time of most terms
_NOTHING_H = 1e-6


@dataclass(frozen=True)
class DutyClock:
    """What a driver may still do."""

    driving_left_h: float
    duty_left_h: float
    cycle_left_h: float
    since_break_h: float = 0.0

    @classmethod
    def of(cls, driver: DriverFacts) -> "DutyClock":
        """Read the clock at the time of the call."""
        return cls(driver.driving_left_h, driver.duty_left_h, driver.cycle_left_h)

    def drive(self, hours: float) -> tuple[float, "DutyClock"]:
        """Drive that long, with rests so that it takes least; give the time that passes and the clock after it."""
        return _drive_soonest(self, hours)

    def work(self, hours: float) -> "DutyClock":
        """Work that long without driving; that is not limited, but it counts."""
        return replace(
            self,
            duty_left_h=max(0.0, self.duty_left_h - hours),
            cycle_left_h=max(0.0, self.cycle_left_h - hours),
            since_break_h=0.0 if hours >= BREAK_H else self.since_break_h,
        )

    def wait(self, hours: float) -> "DutyClock":
        """Wait off duty; the window runs on unless it is long enough for a rest."""
        if hours >= RESTART_H:
            return DutyClock(DRIVING_LIMIT_H, DUTY_WINDOW_H, CYCLE_LIMIT_H)
        if hours >= REST_H:
            return DutyClock(DRIVING_LIMIT_H, DUTY_WINDOW_H, self.cycle_left_h)
        return replace(
            self,
            duty_left_h=max(0.0, self.duty_left_h - hours),
            since_break_h=0.0 if hours >= BREAK_H else self.since_break_h,
        )

    @property
    def may_drive_h(self) -> float:
        """How long may be driven before any rest."""
        return max(
            0.0, min(self.driving_left_h, self.duty_left_h, self.cycle_left_h, BREAK_AFTER_H - self.since_break_h)
        )

    @property
    def useful_rests_h(self) -> tuple[float, ...]:
        """How long the rests are after which more may be driven, when nothing may be driven now."""
        if self.cycle_left_h <= _NOTHING_H:
            return (RESTART_H,)
        is_break_enough = self.driving_left_h > _NOTHING_H and self.duty_left_h > BREAK_H
        is_cycle_short = self.cycle_left_h < DRIVING_LIMIT_H
        return (*([BREAK_H] if is_break_enough else []), REST_H, *([RESTART_H] if is_cycle_short else []))

    def driven(self, hours: float) -> "DutyClock":
        """Drive that long without a rest."""
        return DutyClock(
            driving_left_h=_rounded(self.driving_left_h - hours),
            duty_left_h=_rounded(self.duty_left_h - hours),
            cycle_left_h=_rounded(self.cycle_left_h - hours),
            since_break_h=_rounded(self.since_break_h + hours),
        )


@lru_cache(maxsize=4096)  # plans meet again: eight hours and eleven are as far as eleven and eight
def _drive_soonest(clock: DutyClock, hours: float) -> tuple[float, DutyClock]:
    """Try each rest that helps whenever one is due: ten hours hold a break, a restart holds a rest."""
    step_h = min(clock.may_drive_h, hours)
    after, to_go_h = clock.driven(step_h), _rounded(hours - step_h)
    if to_go_h <= _NOTHING_H:
        return step_h, after
    plans = ((rest_h, *_drive_soonest(after.wait(rest_h), to_go_h)) for rest_h in after.useful_rests_h)
    return min(((step_h + rest_h + passed_h, end) for rest_h, passed_h, end in plans), key=itemgetter(0))


def _rounded(hours: float) -> float:
    return round(hours, 6)


@dataclass(frozen=True)
class Arrival:
    """When a truck can be at a stop. All times are hours from the call."""

    stop: Stop
    miles: float
    drive_h: float
    arrive_h: float
    earliest_h: float  # without staying where it is until it is time to leave

    @property
    def is_in_time(self) -> bool:
        """Whether the stop's time can be kept."""
        return self.arrive_h <= self.stop.arrive_by_h + _NOTHING_H


def plan_trip(case: FreightCase) -> tuple[Arrival, ...]:
    """Tell when the driver can be at each stop, in order, within the hours of service."""
    driver = case.driver
    clock = DutyClock.of(driver)
    if clock.duty_left_h < DUTY_WINDOW_H:
        clock = clock.wait(driver.delay_h)
    now_h, arrivals = driver.delay_h, list[Arrival]()
    for stop, miles in zip(case.stops, _legs(case), strict=True):
        drive_h = miles / driver.average_mph
        passed_h, after = clock.drive(drive_h)
        earliest_h = now_h + passed_h
        if not arrivals and clock.duty_left_h >= DUTY_WINDOW_H and stop.is_appointment:
            # Not on duty yet: whoever has time leaves so as to be there when the dock is ready.
            now_h = max(now_h, stop.arrive_by_h - passed_h)
        now_h, clock = now_h + passed_h, after
        arrivals.append(Arrival(stop, miles, drive_h, now_h, earliest_h))
        early_h = stop.arrive_by_h - now_h if stop.is_appointment else 0.0
        if early_h > 0:
            now_h, clock = stop.arrive_by_h, clock.wait(early_h)
        now_h, clock = now_h + AT_A_DOCK_H, clock.work(AT_A_DOCK_H)
    return tuple(arrivals)


def find_arrival(case: FreightCase, kind: StopKind) -> Arrival | None:
    """Tell when the driver can be at the first stop of a kind."""
    return next((arrival for arrival in plan_trip(case) if arrival.stop.kind is kind), None)


def find_late(arrivals: Sequence[Arrival]) -> Arrival | None:
    """Give the first stop whose time cannot be kept."""
    return next((arrival for arrival in arrivals if not arrival.is_in_time), None)


def move_stop(case: FreightCase, *, kind: StopKind, window: str, arrive_by_h: float | None) -> FreightCase:
    """Give the case with another time at the first stop of a kind."""
    target = case.find_stop(kind)
    stops = tuple(
        stop.model_copy(
            update={"window": window, "arrive_by_h": stop.arrive_by_h if arrive_by_h is None else arrive_by_h}
        )
        if stop is target
        else stop
        for stop in case.stops
    )
    return case.model_copy(update={"stops": stops})


def _legs(case: FreightCase) -> list[float]:
    """Give the miles to each stop; what no stop tells of the load's miles is shared evenly."""
    first, *rest = case.stops
    told = sum(stop.miles for stop in rest if stop.miles is not None)
    silent = sum(stop.miles is None for stop in rest)
    share = max(0.0, case.load.miles - told) / silent if silent else 0.0
    to_first = case.driver.deadhead_miles if first.miles is None else first.miles
    return [to_first, *(share if stop.miles is None else stop.miles for stop in rest)]
