import pytest
from pydantic import JsonValue, ValidationError

from tests.freight.cases import BOOKING, DETENTION, LATE, build_case


@pytest.mark.parametrize(
    ("base", "changes", "told"),
    [
        (BOOKING, {"money": {"rate": 1700}}, "above the ceiling"),
        (BOOKING, {"money": {"floor": None}}, "rate, ceiling and floor"),
        (BOOKING, {"truth": {"outcome": "declined"}}, "decline_reason"),
        (BOOKING, {"truth": {"outcome": "rescheduled"}}, "booked or declined"),
        (BOOKING, {"load": {"weigth": 1}}, "weigth"),
        (BOOKING, {"load": {"weight_lb": -1}}, "weight_lb"),
        (LATE, {"report": {"facts": "no pair"}}, "a colon and a value"),
        (LATE, {"report": {"remedy": {"tool": "reschedule_appointment"}}}, "needs stop and window"),
        (LATE, {"report": {"kind": "booking"}}, "no report"),
        (LATE, {"truth": {"outcome": "booked"}}, "must be rescheduled"),
        (DETENTION, {"report": {"remedy": None}}, "must be referred"),
    ],
)
def test_a_case_that_cannot_be_played_is_refused(
    base: dict[str, JsonValue], changes: dict[str, dict[str, JsonValue]], told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        build_case(base, **changes)
