"""Authors set what is at stake by labelled fields, and by YAML where there is no field."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dispatchsim.models import Scenario
from dispatchsim.models.freight_text import parse_freight, read_mapping
from dispatchsim.services.freezing import freeze_scenario
from tests.admin.test_write_freight import ADD, SCENARIO
from tests.people import signed_in

pytestmark = pytest.mark.django_db
BY_HAND = """\
# The lane that nobody wants.
load: {reference: LD-4471, commodity: frozen chicken, weight_lb: 42000, equipment: reefer, miles: 330}
stops:
  - {kind: pickup, place: "Springdale, Arkansas", window: tomorrow at 7 in the morning, arrive_by_h: 14}
  - {kind: delivery, place: "Dallas, Texas", window: the day after at 5 in the morning, arrive_by_h: 36}
money:
  rate: 1450  # all in
  ceiling: 1550
  floor: 1400
  layover: 200
driver:
  equipment: reefer
  position: Fort Smith, Arkansas
# What we listen for.
truth: {outcome: booked, required_facts: [commodity, weight]}"""


def address_of(entry: Scenario) -> str:
    return f"/admin/dispatchsim/scenario/{entry.pk}/change/"


def form_of(answer: Any) -> Any:
    return answer.context["adminform"].form


def filled(desk: Client, entry: Scenario | None) -> dict[str, Any]:
    """Give what a browser posts if nobody changes anything."""
    form = form_of(desk.get(address_of(entry) if entry else ADD))
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items()}


def save(desk: Client, entry: Scenario, **changes: object) -> Any:
    return desk.post(address_of(entry), {**filled(desk, entry), **changes})


def errors_of(answer: Any) -> dict[str, str]:
    """Tell what is wrong, by the label of its field."""
    form = form_of(answer)
    return {str(form[name].label): " ".join(errors) for name, errors in form.errors.items()}


def with_freight(entry: Scenario, text: str) -> Scenario:
    entry.freight = text
    entry.save()
    return entry


def text_of(entry: Scenario) -> str:
    return Scenario.objects.get(pk=entry.pk).freight


def by_label(fields: Mapping[str, Any], desk: Client) -> dict[str, Any]:
    """Name the fields of a new scenario as people see them."""
    form = form_of(desk.get(ADD))
    names = {str(form[name].label): name for name in form.fields}
    return {names[label]: value for label, value in fields.items()}


def test_the_fields_show_what_the_yaml_says(desk: Client, chicken: Scenario) -> None:
    shown = filled(desk, chicken)

    assert {
        name: shown[f"stakes_{name}"] for name in ("kind", "outcome", "rate", "pickup_place", "required_facts")
    } == {
        "kind": "booking",
        "outcome": "booked",
        "rate": 1450,
        "pickup_place": "Springdale, Arkansas",
        "required_facts": "commodity, weight, pickup, delivery",
    }


def test_what_the_yaml_leaves_out_is_an_empty_field(desk: Client, chicken: Scenario) -> None:
    assert filled(desk, chicken)["stakes_driving_left_h"] == ""


def test_a_changed_field_changes_the_limits_of_the_next_call(desk: Client, chicken: Scenario) -> None:
    save(desk, chicken, stakes_floor="1525")

    frozen = freeze_scenario(Scenario.objects.get(pk=chicken.pk), max_duration_s=None)
    assert frozen.freight is not None
    assert frozen.freight.money.floor == 1525


def test_a_form_that_nobody_touched_keeps_the_yaml(desk: Client, chicken: Scenario) -> None:
    save(desk, with_freight(chicken, BY_HAND))

    assert text_of(chicken) == BY_HAND


def test_a_yaml_that_alone_was_changed_is_kept_byte_for_byte(desk: Client, chicken: Scenario) -> None:
    written = BY_HAND.replace("floor: 1400", "floor:   1475   # as he said")

    save(desk, chicken, freight=written)

    assert text_of(chicken) == written


def test_a_changed_field_leaves_all_else_of_the_yaml_as_it_was_written(desk: Client, chicken: Scenario) -> None:
    save(desk, with_freight(chicken, BY_HAND), stakes_rate="1475.5", stakes_weight_lb="41500", load_sheet="door: 4")

    assert text_of(chicken) == BY_HAND.replace("rate: 1450", "rate: 1475.5").replace("42000", "41500")


def test_values_are_added_to_and_taken_from_a_yaml_in_its_own_style(desk: Client, chicken: Scenario) -> None:
    save(desk, with_freight(chicken, BY_HAND), stakes_driving_left_h="9", stakes_required_facts="")

    assert text_of(chicken) == BY_HAND.replace(
        "position: Fort Smith, Arkansas", "position: Fort Smith, Arkansas\n  driving_left_h: 9"
    ).replace(", required_facts: [commodity, weight]", "")


def test_fields_and_yaml_changed_together_are_refused_with_the_mend(desk: Client, chicken: Scenario) -> None:
    answer = save(desk, chicken, stakes_rate="1500", freight=BY_HAND)

    told = errors_of(answer)["What is at stake, as YAML"]
    assert "this YAML, and “Opening rate ($)”" in told
    assert "empty this box" in told
    assert "“Opening rate ($)” was 1450" in told


def test_an_emptied_yaml_lets_the_fields_count(desk: Client, chicken: Scenario) -> None:
    save(desk, chicken, stakes_rate="1500", freight="")

    assert read_mapping(text_of(chicken))["money"] == {
        "rate": 1500,
        "ceiling": 1550,
        "floor": 1400,
        "detention_per_hour": 50,
        "truck_ordered_not_used": 150,
    }


def test_the_yaml_follows_the_fields_where_the_form_comes_back(desk: Client, chicken: Scenario) -> None:
    answer = save(desk, chicken, stakes_rate="1500", title="")

    assert "rate: 1500" in form_of(answer)["freight"].value()


def test_the_fields_follow_the_yaml_where_the_form_comes_back(desk: Client, chicken: Scenario) -> None:
    answer = save(desk, chicken, freight=BY_HAND.replace("1450", "1490"), title="")

    assert form_of(answer)["stakes_rate"].value() == "1490"


@pytest.mark.parametrize(
    ("field", "value", "label", "told"),
    [
        ("stakes_rate", "a lot", "Opening rate ($)", "Enter a number."),
        ("stakes_rate", "9000", "Opening rate ($)", "above the ceiling, the most that the dispatcher pays"),
        ("stakes_driving_left_h", "12", "Driving hours left", "less than or equal to 11"),
        (
            "stakes_delivery_arrive_by_h",
            "-1",
            "Delivery: due in (hours)",
            "than or equal to 0",
        ),
        ("stakes_delivery_place", "", "Delivery: place", "A booking needs it."),
        ("stakes_weight_lb", "20000", "Weight (pounds)", "The load sheet says “weight: 42,000 pounds”"),
        ("stakes_required_facts", "colour", "Facts that must be said", "nobody knows anything of that name"),
        ("stakes_outcome", "rescheduled", "How it should end", "A booking ends as Booked or Declined."),
        ("stakes_outcome", "declined", "Declined because of", "A booking needs it."),
    ],
)
def test_what_cannot_be_is_told_at_its_field_alone(
    desk: Client, chicken: Scenario, field: str, *, value: str, label: str, told: str
) -> None:
    answer = save(desk, chicken, **{field: value})

    errors = errors_of(answer)
    assert list(errors) == [label]
    assert told in errors[label]
    assert text_of(chicken) == chicken.freight


def test_a_bad_field_can_be_mended_and_saved(desk: Client, chicken: Scenario) -> None:
    form = form_of(save(desk, chicken, stakes_rate="9000"))
    again = {name: form[name].value() or "" for name in form.fields}

    desk.post(address_of(chicken), {**again, "stakes_rate": "1480"})

    assert parse_freight(text_of(chicken)) != parse_freight(chicken.freight)
    assert "rate: 1480" in text_of(chicken)


def test_a_scenario_without_stakes_gets_none_from_empty_fields(desk: Client) -> None:
    desk.post(ADD, {**filled(desk, None), **SCENARIO, "freight": ""})

    assert Scenario.objects.get(slug="chicken").freight == ""


def test_a_field_that_would_not_count_is_told(desk: Client) -> None:
    answer = desk.post(ADD, {**filled(desk, None), **SCENARIO, "freight": "", "stakes_rate": "900"})

    assert errors_of(answer) == {"Kind of call": "Pick it; without, “Opening rate ($)” would not count."}


def test_nothing_is_at_stake_any_more_where_no_kind_of_call_is_picked(desk: Client, chicken: Scenario) -> None:
    save(desk, chicken, stakes_kind="")

    assert text_of(chicken) == ""


BOOKING_FIELDS = {
    "Kind of call": "booking",
    "How it should end": "declined",
    "Declined because of": "hours",
    "Facts that must be said": "weight, pickup",
    "Opening rate ($)": "900",
    "Dispatcher pays at most ($)": "1100",
    "Driver takes at least ($)": "1000",
    "Load number": "LD-1",
    "Goods": "yellow onions",
    "Trailer that it needs": "reefer",
    "Weight (pounds)": "42000",
    "Loaded miles": "420",
    "Pickup: place": "Boise, Idaho",
    "Pickup: time in words": "Monday at 8",
    "Pickup: due in (hours)": "14",
    "Delivery: place": "Reno, Nevada",
    "Delivery: time in words": "Monday at noon",
    "Delivery: due in (hours)": "18",
    "Trailer that the driver pulls": "reefer",
    "Where the truck is": "Boise, Idaho",
    "Driving hours left": "2.5",
}


def test_a_booking_is_written_by_fields_alone(desk: Client) -> None:
    fields = by_label(BOOKING_FIELDS, desk)

    desk.post(ADD, {**filled(desk, None), **SCENARIO, "freight": "", **fields})

    case = parse_freight(Scenario.objects.get(slug="chicken").freight)
    assert case is not None
    assert (case.money.ceiling, case.driver.driving_left_h, case.truth.decline_reason) == (1100, 2.5, "hours")
    assert [(stop.kind, stop.place) for stop in case.stops] == [
        ("pickup", "Boise, Idaho"),
        ("delivery", "Reno, Nevada"),
    ]


def test_a_report_is_written_by_fields_alone(desk: Client) -> None:
    report = {
        "Kind of call": "late",
        "How it should end": "rescheduled",
        "Declined because of": "",
        "Facts that must be said": "late by, new delivery time",
        "Who reports it": "driver",
        "What they know": "late by: 3 hours\nwhere: Elko",
        "What they want": "move the delivery",
        "Stop that moves": "delivery",
        "New time in words": "Monday at 4",
    }
    fields = by_label(BOOKING_FIELDS | report, desk)

    desk.post(ADD, {**filled(desk, None), **SCENARIO, "freight": "", **fields})

    case = parse_freight(Scenario.objects.get(slug="chicken").freight)
    assert case is not None
    assert case.report is not None
    assert case.remedy is not None
    assert (case.kind, case.report.by, case.remedy.tool) == ("late", "driver", "reschedule_appointment")
    assert case.report.facts == "late by: 3 hours\nwhere: Elko"


def test_all_that_is_missing_is_told_at_once(desk: Client) -> None:
    fields = {"stakes_kind": "detention", "stakes_outcome": "detention_approved"}

    answer = desk.post(ADD, {**filled(desk, None), **SCENARIO, "freight": "", **fields})

    errors = errors_of(answer)
    assert {"Load number", "Who reports it", "Delivery: place", "Hours that are paid"} < set(errors)
    assert set(errors.values()) == {"A call about “Detention” needs it."}


def test_another_end_of_a_call_takes_its_tool_along(desk: Client) -> None:
    entry = Scenario.objects.create(**SCENARIO | {"freight": BY_HAND, "load_sheet": "door: 4"})
    late = {"stakes_kind": "late", "stakes_by": "driver", "stakes_facts": "a: b", "stakes_asks": "more time"}
    save(desk, entry, **late, stakes_outcome="referred", stakes_required_facts="a")

    save(desk, entry, stakes_outcome="incident_opened", stakes_incident_kind="weather")

    assert read_mapping(text_of(entry))["report"] == {
        "kind": "late",
        "by": "driver",
        "facts": "a: b",
        "asks": "more time",
        "remedy": {"tool": "open_incident", "incident_kind": "weather"},
    }
    assert "# What we listen for." in text_of(entry)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("rate: 700 dollars", "“rate: 700 dollars”, and the dispatcher opens with 1,450 dollars"),
        ("delivery: Joliet, Illinois", "“delivery: Joliet, Illinois”, and at stake is delivery in Dallas, Texas"),
    ],
)
def test_a_load_sheet_that_may_mislead_is_saved_with_a_warning(
    desk: Client, chicken: Scenario, line: str, told: str
) -> None:
    answer = desk.post(address_of(chicken), {**filled(desk, chicken), "load_sheet": line}, follow=True)

    assert told in " ".join(str(message) for message in answer.context["messages"])
    assert Scenario.objects.get(pk=chicken.pk).load_sheet == line


def test_who_may_only_look_sees_what_is_stored(clerk: User, chicken: Scenario) -> None:
    page = signed_in(clerk).get(address_of(chicken)).content.decode()

    assert "ceiling: 1550" in page
    assert "Dispatcher pays at most" not in page


def test_a_script_may_post_the_yaml_alone(desk: Client, chicken: Scenario) -> None:
    desk.post(
        address_of(chicken), {**SCENARIO, "slug": chicken.slug, "freight": BY_HAND, "stakes_base": chicken.freight}
    )

    assert text_of(chicken) == BY_HAND
