"""What contradicts itself at stake is told, each with how to mend it; what can be played as it says is not."""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from dispatchsim.domain.freight.case import FreightCase
from dispatchsim.domain.freight.doubts import find_case_doubts
from dispatchsim.models.freight_text import parse_freight, write_freight
from dispatchsim.services.library import read_library
from tests.freight.cases import BOOKING, LATE, build_case

Part = Mapping[str, JsonValue]
LIBRARY = {file.slug: file.fields["freight"] for file in read_library() if file.kind == "scenarios"}


def timed(*, pickup_h: float, delivery_h: float, **changes: Part) -> FreightCase:
    """Build the booking with its stops due at other times."""
    pickup: dict[str, JsonValue] = {"kind": "pickup", "place": "Springdale", "window": "early", "arrive_by_h": pickup_h}
    delivery: Part = {**pickup, "kind": "delivery", "place": "Dallas", "arrive_by_h": delivery_h}
    return build_case({**BOOKING, "stops": [pickup, dict(delivery)]}, **changes)


@pytest.mark.parametrize("slug", list(LIBRARY))
def test_nothing_that_comes_with_the_project_is_doubted(slug: str) -> None:
    freight = LIBRARY[slug]
    assert isinstance(freight, dict)
    case = parse_freight(write_freight(freight))

    assert case is not None
    assert find_case_doubts(case) == []


def test_a_delivery_before_its_pickup_is_told_once() -> None:
    assert find_case_doubts(timed(pickup_h=18, delivery_h=2)) == [
        "The delivery is due in 2 hours, before the pickup, which is due in 18 hours. "
        "Give the delivery a later time, or the pickup an earlier one."
    ]


def test_a_delivery_before_its_pickup_is_told_of_a_report_too() -> None:
    stops: list[JsonValue] = [
        {"kind": "pickup", "place": "Green Bay", "window": "later", "arrive_by_h": 30},
        {"kind": "delivery", "place": "Columbus", "window": "sooner", "arrive_by_h": 27},
    ]

    (told, *_) = find_case_doubts(build_case({**LATE, "stops": stops}))

    assert told.startswith("The delivery is due in 27 hours, before the pickup")


@pytest.mark.parametrize(
    ("part", "change", "told"),
    [
        (
            "driver",
            {"equipment": "flatbed"},
            "The load needs a reefer, and the driver pulls a flatbed. Give the driver",
        ),
        ("driver", {"length_ft": 48}, "The load needs 53 feet, the trailer has 48."),
        ("load", {"hazmat": True}, "the driver has no endorsement for it. Give the driver the endorsement"),
        ("driver", {"deadhead_miles": 200}, "more than the driver runs empty. Bring the truck nearer"),
        (
            "driver",
            {"delay_h": 20},
            "The pickup is due in 14 hours, and by the hours of service the truck is there in ",
        ),
        ("money", {"floor": 1700}, "at least 1,700 dollars, and the dispatcher pays at most 1,650 dollars."),
    ],
)
def test_what_rules_out_the_expected_booking_is_told(part: str, change: Part, told: str) -> None:
    (doubt,) = find_case_doubts(build_case(**{part: change}))

    assert doubt.startswith("It should end as booked, and cannot. ")
    assert told in doubt
    assert "or expect a decline because of " in doubt


def test_what_rules_out_a_booking_is_no_contradiction_where_a_decline_is_expected() -> None:
    truth: Part = {"outcome": "declined", "decline_reason": "equipment"}

    assert find_case_doubts(build_case(driver={"equipment": "flatbed"}, truth=truth)) == []


def test_a_decline_for_a_trailer_that_fits_is_told() -> None:
    (doubt,) = find_case_doubts(build_case(truth={"outcome": "declined", "decline_reason": "equipment"}))

    assert doubt.startswith("The driver should decline because of equipment, and nothing about equipment keeps")


@pytest.mark.parametrize("reason", ["rate", "trust", "other"])
def test_a_decline_that_nobody_can_foresee_is_not_doubted(reason: str) -> None:
    assert find_case_doubts(build_case(truth={"outcome": "declined", "decline_reason": reason})) == []


def test_a_new_time_that_the_truck_cannot_keep_either_is_told() -> None:
    (doubt,) = find_case_doubts(build_case(LATE, driver={"delay_h": 9}))

    assert doubt.startswith("The pickup should be moved to the new time, and cannot. The pickup is due in 5 hours")
