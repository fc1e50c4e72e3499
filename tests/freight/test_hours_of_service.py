import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatchsim.domain.freight.hours import (
    BREAK_H,
    CYCLE_LIMIT_H,
    DRIVING_LIMIT_H,
    DUTY_WINDOW_H,
    REST_H,
    RESTART_H,
    DutyClock,
    find_late,
    plan_trip,
)
from tests.freight.cases import BOOKING, LATE, build_case

FRESH = DutyClock(DRIVING_LIMIT_H, DUTY_WINDOW_H, CYCLE_LIMIT_H)
CLOCKS = st.builds(
    DutyClock,
    driving_left_h=st.floats(0, 11),
    duty_left_h=st.floats(0, 14),
    cycle_left_h=st.floats(0, 70),
    since_break_h=st.floats(0, 8),
)


def test_eight_hours_are_driven_without_a_break() -> None:
    assert FRESH.drive(8)[0] == 8


def test_after_eight_hours_of_driving_a_break_is_due() -> None:
    assert FRESH.drive(9)[0] == pytest.approx(9 + BREAK_H)


def test_after_eleven_hours_of_driving_a_rest_is_due() -> None:
    assert FRESH.drive(20)[0] == pytest.approx(20 + 2 * BREAK_H + REST_H)


def test_a_rest_that_is_needed_anyway_is_taken_when_the_break_is_due() -> None:
    assert FRESH.drive(12)[0] == pytest.approx(12 + REST_H)


def test_no_break_is_taken_when_the_window_ends_with_it() -> None:
    assert DutyClock(driving_left_h=11, duty_left_h=8.5, cycle_left_h=70).drive(9)[0] == pytest.approx(9 + REST_H)


@pytest.mark.parametrize("clock", [DutyClock(0, 0, 0.5), DutyClock(1, 2, 3)])
def test_a_restart_that_is_needed_anyway_is_the_rest_as_well(clock: DutyClock) -> None:
    assert clock.drive(6)[0] == pytest.approx(6 + RESTART_H)


def test_nothing_is_driven_after_the_fourteenth_hour() -> None:
    late_in_the_window = DutyClock(driving_left_h=11, duty_left_h=2, cycle_left_h=70)

    assert late_in_the_window.drive(3)[0] == pytest.approx(3 + REST_H)


def test_an_empty_cycle_wants_a_restart() -> None:
    assert DutyClock(11, 14, 1).drive(2)[0] == pytest.approx(2 + RESTART_H)


def test_waiting_eats_the_window_but_not_the_driving() -> None:
    waited = FRESH.wait(5)

    assert (waited.driving_left_h, waited.duty_left_h) == (11, 9)


def test_a_long_wait_is_a_rest() -> None:
    assert DutyClock(1, 1, 30).wait(REST_H) == DutyClock(11, 14, 30)


def test_work_at_a_dock_counts_for_the_cycle() -> None:
    assert FRESH.work(2).cycle_left_h == CYCLE_LIMIT_H - 2


@given(CLOCKS, st.floats(0, 200))
def test_no_trip_breaks_a_limit_or_goes_on_for_ever(clock: DutyClock, hours: float) -> None:
    passed_h, after = clock.drive(hours)

    assert passed_h >= hours - 1e-3
    assert min(after.driving_left_h, after.duty_left_h, after.cycle_left_h) >= -1e-3
    assert after.since_break_h <= 8 + 1e-3


@given(CLOCKS, st.floats(0, 60), st.floats(0, 60))
def test_a_longer_drive_takes_longer(clock: DutyClock, hours: float, more: float) -> None:
    assert clock.drive(hours + more)[0] >= clock.drive(hours)[0] - 1e-3


@given(st.floats(0, 11), st.floats(0, 11), st.floats(0, 800))
def test_more_hours_left_never_make_it_later(some: float, more: float, miles: float) -> None:
    few, many = sorted((some, more))
    load = {"miles": miles}

    with_few, with_many = (
        plan_trip(build_case(load=load, driver={"driving_left_h": left, "duty_left_h": 13})) for left in (few, many)
    )

    assert with_many[0].arrive_h <= with_few[0].arrive_h + 1e-3


def test_a_plain_booking_can_be_made() -> None:
    assert find_late(plan_trip(build_case(BOOKING))) is None


def test_who_is_not_on_duty_yet_leaves_in_time_for_the_dock() -> None:
    pickup, delivery = plan_trip(build_case(BOOKING))

    assert pickup.arrive_h == pytest.approx(14)
    assert delivery.arrive_h == pytest.approx(14 + 2 + 330 / 50)


def test_hours_may_forbid_a_delivery() -> None:
    case = build_case(BOOKING, load={"miles": 600}, driver={"driving_left_h": 4, "duty_left_h": 6})
    tight = case.model_copy(
        update={
            "stops": tuple(stop.model_copy(update={"arrive_by_h": 12, "is_appointment": False}) for stop in case.stops)
        }
    )

    late = find_late(plan_trip(tight))

    assert late is not None
    assert late.stop.kind == "delivery"


def test_a_delay_moves_what_follows() -> None:
    assert plan_trip(build_case(LATE))[0].arrive_h == pytest.approx(2.5 + 1)


def test_two_deliveries_share_the_miles() -> None:
    base = dict(BOOKING)
    stops = base["stops"]
    assert isinstance(stops, list)
    base["stops"] = [*stops, {"kind": "delivery", "place": "Waco, Texas", "window": "then", "arrive_by_h": 60}]

    assert [arrival.miles for arrival in plan_trip(build_case(base))] == [60, 165, 165]
