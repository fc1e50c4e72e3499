"""A person writes a scenario for one call, changes an agent for it, and starts from what is there."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.urls import reverse

from dispatchsim.models import Conversation, Scenario
from dispatchsim.models.freight_text import parse_freight
from dispatchsim.models.plain_yaml import dump_yaml
from dispatchsim.pages.launch_form import LaunchForm
from dispatchsim.pages.own_scenario import OWN
from tests.api.fake_rooms import FakeRooms
from tests.freight.cases import BOOKING
from tests.pages.calls import Markup
from tests.pages.on_the_spot import ONIONS, launch
from tests.pages.test_launch import choice
from tests.people import signed_in


def test_a_scenario_written_on_the_spot_is_played(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    launch(operator, **ONIONS)

    copy = Conversation.objects.get().scenario_copy
    assert (copy["title"], copy["opener"], copy["load_sheet"]) == (
        "Onions to Reno",
        "driver",
        "commodity: yellow onions\nrate: 900 dollars",
    )


def test_a_scenario_written_on_the_spot_stays_out_of_the_library(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    launch(operator, **ONIONS)

    assert not Scenario.objects.filter(title="Onions to Reno").exists()


def test_a_bad_load_sheet_names_each_line(operator: User, library: None) -> None:
    answer = launch(operator, **ONIONS | {"own_load_sheet": "rate: 900\nno colon\nrate: 800"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert ("Line 2 is not" in page, "Line 3 names" in page) == (True, True)


def test_a_bad_load_sheet_is_marked_at_its_field(operator: User, library: None) -> None:
    answer = launch(operator, **ONIONS | {"own_load_sheet": "no colon"})

    assert Markup(answer).attributes("textarea", name="own_load_sheet")[0]["aria-invalid"] == "true"


def test_the_list_of_problems_leads_to_the_field(operator: User, library: None) -> None:
    answer = launch(operator, **ONIONS | {"own_load_sheet": "no colon"})

    assert Markup(answer).attributes("a", href="#own_load_sheet")


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("own_load_sheet", "", "Load sheet: Write at least one line: a name, a colon and a value"),
        ("own_load_sheet", "no colon", "Load sheet: Line 1 is not a name, a colon and a value."),
        ("driver_instructions", "a" * 5000, "Character of the driver: At most 4000 characters; these are 5000."),
        ("max_duration_s", "5", "Seconds at most: Give a whole number from 15 to 3600, or leave it empty."),
    ],
)
def test_the_list_of_problems_names_the_field(operator: User, library: None, field: str, text: str, words: str) -> None:
    answer = launch(operator, **ONIONS | {field: text})

    assert words in answer.content.decode()


def test_no_field_cuts_what_is_pasted_into_it(operator: User, library: None) -> None:
    page = Markup(signed_in(operator).get(reverse("launch")))

    assert [
        attrs["name"] for attrs in page.attributes("textarea") + page.attributes("input") if "maxlength" in attrs
    ] == []


def test_what_was_typed_is_kept(operator: User, library: None) -> None:
    answer = launch(operator, **ONIONS | {"own_load_sheet": "no colon", "driver_instructions": "You are in a hurry."})

    page = Markup(answer)  # the messages quote some of it too
    typed = [page.words("textarea", name=name) for name in ("own_load_sheet", "driver_instructions")]
    assert typed == ["no colon", "You are in a hurry."]
    assert page.attributes("input", name="own_driver_decision")[0]["value"] == "decline: too far"


def test_an_empty_load_sheet_is_named(operator: User, library: None) -> None:
    answer = launch(operator, **ONIONS | {"own_load_sheet": ""})

    assert "Write at least one line" in answer.content.decode()


def test_a_decision_that_no_driver_can_take_is_named(operator: User, library: None) -> None:
    answer = launch(operator, **ONIONS | {"own_driver_decision": "maybe"})

    assert Markup(answer).attributes("input", name="own_driver_decision")[0]["aria-invalid"] == "true"


def test_what_is_half_written_does_not_stop_a_scenario_of_the_library(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    answer = launch(operator, own_load_sheet="no colon", own_driver_decision="maybe")

    assert answer.status_code == 302


def test_a_character_for_one_call_goes_into_its_prompt(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    launch(operator, driver_instructions="You are in a hurry.")

    assert "You are in a hurry." in Conversation.objects.get().driver_copy["instructions"]


def test_a_model_for_one_call_is_kept(operator: User, library: None, rooms: FakeRooms, voice_model: None) -> None:
    launch(operator, dispatcher_model="gpt-realtime-mini")

    assert Conversation.objects.get().dispatcher_copy["voice"]["model"] == "gpt-realtime-mini"


def test_a_model_name_that_is_none_is_refused(operator: User, library: None) -> None:
    answer = launch(operator, dispatcher_model="no such model!")

    assert (answer.status_code, "as OpenAI writes it" in answer.content.decode()) == (422, True)


def test_a_call_can_be_bounded_shorter_than_its_scenario(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    launch(operator, max_duration_s="45")

    call = Conversation.objects.get()
    assert (call.max_duration_s, call.scenario_copy["max_duration_s"]) == (45, 45)


@pytest.mark.parametrize("length", ["14", "3601", "soon", "-1"])
def test_a_length_out_of_bounds_is_refused(operator: User, library: None, length: str) -> None:
    answer = launch(operator, max_duration_s=length)

    assert Markup(answer).attributes("input", name="max_duration_s")[0]["aria-invalid"] == "true"


def stakes_of(title: str, person: User) -> str:
    page = Markup(signed_in(person).get(reverse("launch")))
    return page.words("section", **{"aria-label": f"What is at stake in {title}"})


def test_what_is_at_stake_stands_by_its_scenario(operator: User, library: None) -> None:
    stakes = stakes_of("Frozen chicken to Dallas", operator)

    assert ("$1,450" in stakes, "Booked" in stakes, "The load came in an hour ago" in stakes) == (True, True, True)


def test_both_private_limits_stand_by_the_scenario_for_who_launches_it(operator: User, library: None) -> None:
    stakes = stakes_of("Frozen chicken to Dallas", operator)

    assert "dispatcher pays at most $1,550" in stakes
    assert "driver takes at least $1,400" in stakes


FREIGHT = dump_yaml(BOOKING).replace("\n", "\r\n")


def own_with_freight(text: str = FREIGHT) -> dict[str, str]:
    return ONIONS | {"own_load_sheet": "door: dock 4", "own_freight": text}


def fields_of(answer: Any) -> dict[str, Any]:
    """Read what stands in the fields of one's own scenario."""
    form = answer.context["form"]
    return {name: form[name].value() for name in form.fields if name.startswith("own_")}


def test_freight_written_on_the_spot_puts_something_at_stake(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    launch(operator, **own_with_freight())

    call = Conversation.objects.get()
    assert call.scenario_copy["freight"]["money"]["ceiling"] == 1650
    assert "highest rate: 1,650 dollars" in call.dispatcher_copy["instructions"]
    assert "1,650" not in call.driver_copy["instructions"]


def test_what_contradicts_itself_is_launched_with_a_warning(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    answer = launch(operator, **own_with_freight(FREIGHT.replace("arrive_by_h: 36", "arrive_by_h: 2")))

    (told,) = [str(message) for message in get_messages(answer.wsgi_request)]
    assert told.startswith("What is at stake may not work: The delivery is due in 2 hours, before the pickup")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("ceiling: 1650", "celing: 1650", "“money.celing”: there is no such key; did you mean “ceiling”?"),
        ("rate: 1450", "rate: lots", "“money.rate”: Input should be a valid number"),
        ("  position: Fort Smith, Arkansas\r\n", "", "“driver.position”: is missing"),
        ("rate: 1450", "rate: 9000", "“money”: The opening rate is above the ceiling, the most"),
        ("outcome: booked", "outcome: rescheduled", "must be booked or declined in this call"),
        ("- commodity", "- colour", "names “colour”, and nobody knows anything of that name"),
    ],
)
def test_freight_that_cannot_be_played_names_the_field_and_the_mend(
    operator: User, library: None, voice_model: None, old: str, *, new: str, told: str
) -> None:
    answer = launch(operator, **own_with_freight(FREIGHT.replace(old, new, 1)))

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert Markup(answer).attributes("textarea", name="own_freight")[0]["aria-invalid"] == "true"
    assert Markup(answer).attributes("a", href="#own_freight")


def test_a_load_sheet_that_contradicts_the_freight_is_told_at_the_freight(
    operator: User, library: None, voice_model: None
) -> None:
    answer = launch(operator, **own_with_freight() | {"own_load_sheet": "weight: 9,000 pounds"})

    assert "The load sheet says “weight: 9,000 pounds”, and what is at stake says 42,000." in answer.content.decode()


def test_a_scenario_of_ones_own_can_start_from_the_library(operator: User, library: None) -> None:
    chicken = Scenario.objects.get(slug="chicken-to-dallas")

    fields = fields_of(signed_in(operator).get(reverse("launch"), {"from": chicken.slug}))

    assert (fields["own_title"], fields["own_load_sheet"]) == (chicken.title, chicken.load_sheet)
    assert (fields["own_freight"], fields["own_max_turns"]) == (chicken.freight, chicken.max_turns)


def test_what_starts_from_the_library_is_picked_and_shown(operator: User, library: None) -> None:
    answer = signed_in(operator).get(reverse("launch"), {"from": "chicken-to-dallas"})

    assert "checked" in Markup(answer).attributes("input", name="scenario", value=OWN)[0]
    assert "open" in Markup(answer).attributes("details", **{"class": "stakes__more own__freight"})[0]


def test_a_scenario_that_starts_from_the_library_can_be_launched_as_it_is(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    fields = fields_of(signed_in(operator).get(reverse("launch"), {"from": "chicken-to-dallas"}))

    launch(operator, scenario=OWN, **{name: str(value) for name, value in fields.items()})

    copy = Conversation.objects.get().scenario_copy
    assert (copy["slug"], copy["freight"]["truth"]["outcome"]) == ("", "booked")


def test_what_starts_from_the_library_keeps_its_line_and_its_length(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    Scenario.objects.filter(slug="chicken-to-dallas").update(line="noisy", max_duration_s=77)
    fields = fields_of(signed_in(operator).get(reverse("launch"), {"from": "chicken-to-dallas"}))

    launch(operator, scenario=OWN, **{name: str(value) for name, value in fields.items()})

    copy = Conversation.objects.get().scenario_copy
    assert (copy["line"], copy["max_duration_s"]) == ("noisy", 77)


def test_a_call_with_a_scenario_of_its_own_can_be_changed_and_launched_again(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    launch(operator, **own_with_freight())
    call = Conversation.objects.get()

    fields = fields_of(signed_in(operator).get(reverse("launch"), {"from": str(call.pk)}))

    assert parse_freight(fields["own_freight"]) == parse_freight(FREIGHT)
    assert (fields["own_title"], fields["own_opener"]) == ("Onions to Reno", "driver")


@pytest.mark.parametrize("start", ["", "gone", "0" * 32])
def test_what_is_not_there_starts_as_a_blank_sheet(operator: User, library: None, start: str) -> None:
    fields = fields_of(signed_in(operator).get(reverse("launch"), {"from": start}))

    assert (fields["own_load_sheet"], fields["own_freight"]) == (None, None)


def posted_from(operator: User, slug: str) -> dict[str, str]:
    """Give what a browser posts of a scenario of one's own that starts from another, untouched."""
    form = signed_in(operator).get(reverse("launch"), {"from": slug}).context["form"]
    names = [name for name in form.fields if name.startswith(("own_", "stakes_"))]
    return {"scenario": OWN, **{name: str(form[name].value()) for name in names if form[name].value() is not None}}


def test_a_limit_is_changed_for_one_call_by_its_field(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    launch(operator, **posted_from(operator, "chicken-to-dallas") | {"stakes_ceiling": "$1,600"})

    call = Conversation.objects.get()
    assert call.scenario_copy["freight"]["money"]["ceiling"] == 1600
    assert "highest rate: 1,600 dollars" in call.dispatcher_copy["instructions"]


def test_every_scenario_of_the_library_goes_through_its_fields_unchanged(operator: User, library: None) -> None:
    for scenario in Scenario.objects.all():
        form = LaunchForm(choice(**posted_from(operator, scenario.slug)))

        assert form.is_valid(), form.errors
        assert form.cleaned_data["own_freight"] == scenario.freight


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("stakes_rate", "a lot", "Opening rate ($): Enter a number."),
        ("stakes_weight_lb", "9", "Weight (pounds): The load sheet says “weight: 42,000 pounds”"),
        ("stakes_position", "", "Where the truck is: A booking needs it."),
    ],
)
def test_a_bad_field_of_what_is_at_stake_is_told_by_its_label(
    operator: User, library: None, voice_model: None, field: str, *, value: str, told: str
) -> None:
    answer = launch(operator, **posted_from(operator, "chicken-to-dallas") | {field: value})

    assert told in answer.content.decode()
    assert Markup(answer).attributes("a", href=f"#{field}")
    assert Markup(answer).attributes("input", id=field, name=field)[0]["aria-invalid"] == "true"


def test_a_half_written_field_of_what_is_at_stake_does_not_stop_a_scenario_of_the_library(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    answer = launch(operator, stakes_rate="a lot")

    assert answer.status_code == 302
