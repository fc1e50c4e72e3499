"""A person launches several calls at once, follows them, and repeats an old one."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from pytest_django import Settings

from dispatchsim.domain.conversation import EndReason
from dispatchsim.models import Conversation, Persona
from dispatchsim.pages.launch_form import MAX_AT_ONCE
from tests.api.fake_rooms import FakeRooms
from tests.pages.calls import Markup, finished_call, running_call
from tests.pages.test_launch import choice
from tests.people import signed_in


def launch(person: User, **fields: str) -> Any:
    return signed_in(person).post(reverse("launch_conversation"), choice(**fields), follow=True)


def follow(person: User, *calls: Conversation, **headers: str) -> Any:
    return signed_in(person).get(reverse("launched_calls"), {"call": [str(call.pk) for call in calls]}, headers=headers)


def repeat(person: User, call: Conversation, key: str = "") -> Any:
    path = reverse("repeat_conversation", args=[call.pk])
    return signed_in(person).post(path, {"idempotency_key": key or uuid4().hex})


def test_three_calls_come_from_one_press(operator: User, library: None, rooms: FakeRooms, voice_model: None) -> None:
    launch(operator, count="3")

    assert Conversation.objects.count() == 3


def test_a_double_click_makes_no_call_twice(operator: User, library: None, rooms: FakeRooms, voice_model: None) -> None:
    launch(operator, count="3")
    launch(operator, count="3")

    assert Conversation.objects.count() == 3


def test_each_of_several_calls_is_on_the_page_of_all(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    page = Markup(launch(operator, count="3"))

    links = [reverse("conversation_detail", args=[call.pk]) for call in Conversation.objects.all()]
    assert [bool(page.attributes("a", href=link)) for link in links] == [True, True, True]


def test_several_calls_wait_for_no_listener(operator: User, library: None, rooms: FakeRooms, voice_model: None) -> None:
    launch(operator, count="2")

    assert set(Conversation.objects.values_list("expects_listener", flat=True)) == {False}


def test_calls_above_the_limit_wait(
    operator: User, library: None, rooms: FakeRooms, voice_model: None, settings: Settings
) -> None:
    settings.MAX_CALLS = 1

    launch(operator, count="3")

    assert sorted(Conversation.objects.values_list("status", flat=True)) == ["launching", "queued", "queued"]


def test_calls_that_did_not_fit_any_more_are_told(
    operator: User, library: None, rooms: FakeRooms, voice_model: None, settings: Settings
) -> None:
    settings.MAX_CALLS = 1

    page = launch(operator, count="8").content.decode()

    assert "Only 5 calls were launched. Too many calls wait already." in page


@pytest.mark.parametrize("count", ["0", "-1", "many", str(MAX_AT_ONCE + 1)])
def test_a_number_of_calls_out_of_bounds_launches_none(operator: User, library: None, count: str) -> None:
    answer = launch(operator, count=count)

    assert (answer.status_code, Conversation.objects.count()) == (422, 0)


def test_a_viewer_follows_calls_too(viewer: User) -> None:
    assert follow(viewer, running_call(), running_call()).status_code == 200


def test_a_stranger_follows_none(stranger: User) -> None:
    assert follow(stranger, running_call()).status_code == 403


def test_progress_is_asked_for_while_a_call_is_on(viewer: User) -> None:
    page = follow(viewer, running_call(), finished_call()).content.decode()

    assert ('hx-trigger="every 2s"' in page, "1 of 2 over" in page) == (True, True)


def test_progress_rests_once_all_are_over(viewer: User) -> None:
    page = follow(viewer, finished_call(), finished_call(reason=EndReason.AGENT_VANISHED)).content.decode()

    assert ('hx-trigger="every 2s"' in page, "All over, 1 failed" in page) == (False, True)


def test_a_call_tells_its_turns(viewer: User) -> None:
    assert "7 turns" in follow(viewer, running_call(last_turn_seq=7)).content.decode()


def test_a_call_that_is_over_tells_its_verdict(viewer: User) -> None:
    call = finished_call()
    call.verdict = {"joint": "pass"}
    call.save()

    assert "Verdict: </span>Pass" in follow(viewer, call).content.decode()


def test_a_call_that_was_never_connected_has_no_length(viewer: User) -> None:
    page = follow(viewer, finished_call(floor_opened_at=None, reason=EndReason.AGENT_NEVER_JOINED)).content.decode()

    assert "never connected" in page


def test_htmx_gets_the_progress_alone(viewer: User) -> None:
    answer = follow(viewer, running_call(), **{"HX-Request": "true"})

    assert answer.content.decode().lstrip().startswith('<div id="launched"')


@pytest.mark.parametrize("query", [{}, {"call": "x"}, {"call": "00000000-0000-0000-0000-000000000000"}])
def test_an_address_without_calls_is_not_found(viewer: User, query: dict[str, str]) -> None:
    assert signed_in(viewer).get(reverse("launched_calls"), query).status_code == 404


def test_a_repeat_has_the_same_scenario_personas_and_changes(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    launch(operator, driver_instructions="You are in a hurry.", max_duration_s="45")
    first = Conversation.objects.get()

    repeat(operator, first)

    again = Conversation.objects.exclude(pk=first.pk).get()
    assert [getattr(again, name) for name in ("scenario_copy", "dispatcher_copy", "driver_copy", "max_duration_s")] == [
        getattr(first, name) for name in ("scenario_copy", "dispatcher_copy", "driver_copy", "max_duration_s")
    ]


def test_a_repeat_does_not_care_what_became_of_the_library(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    launch(operator)
    first = Conversation.objects.get()
    Persona.objects.all().delete()

    repeat(operator, first)

    assert Conversation.objects.exclude(pk=first.pk).get().driver_copy["name"] == "Chris"


def test_a_repeat_pressed_twice_makes_one_call(operator: User, rooms: FakeRooms, voice_model: None) -> None:
    call, key = finished_call(), uuid4().hex

    first, second = repeat(operator, call, key), repeat(operator, call, key)

    assert first.headers["Location"] == second.headers["Location"]


def test_a_repeat_that_cannot_be_launched_says_why(operator: User, library: None, rooms: FakeRooms) -> None:
    rooms.is_down = True

    answer = repeat(operator, finished_call())

    assert answer.status_code == 503


def test_recent_calls_can_be_repeated_by_one_press(operator: User, library: None) -> None:
    call = finished_call()

    page = Markup(signed_in(operator).get(reverse("launch")))

    assert page.attributes("form", action=reverse("repeat_conversation", args=[call.pk]))


def test_a_viewer_has_no_such_button(viewer: User, library: None) -> None:
    call = finished_call()

    page = Markup(signed_in(viewer).get(reverse("launch")))

    assert not page.attributes("form", action=reverse("repeat_conversation", args=[call.pk]))


@pytest.mark.parametrize("person", ["viewer", "stranger"])
def test_only_operators_repeat_a_call(request: pytest.FixtureRequest, person: str) -> None:
    assert repeat(request.getfixturevalue(person), finished_call()).status_code == 403


def end_all(person: User, *calls: Conversation) -> Any:
    return signed_in(person).post(reverse("end_launched_calls"), {"call": [str(call.pk) for call in calls]})


def test_all_calls_that_are_still_on_end_by_one_press(operator: User, rooms: FakeRooms) -> None:
    calls = [running_call(), running_call(), finished_call()]

    answer = end_all(operator, *calls)

    assert answer.headers["Location"].startswith(reverse("launched_calls"))
    assert [Conversation.objects.get(pk=call.pk).end_reason for call in calls] == [
        "person_ended",
        "person_ended",
        "agent_hung_up",
    ]


@pytest.mark.parametrize("person", ["viewer", "stranger"])
def test_only_operators_end_all_calls(request: pytest.FixtureRequest, person: str) -> None:
    assert end_all(request.getfixturevalue(person), running_call()).status_code == 403


def test_the_button_that_ends_all_is_for_those_who_may_and_while_a_call_is_on(operator: User, viewer: User) -> None:
    running, over = running_call(), finished_call()

    seen = [
        "End all calls" in follow(person, call).content.decode()
        for person, call in ((operator, running), (viewer, running), (operator, over))
    ]

    assert seen == [True, False, False]


def test_a_call_leads_back_to_those_that_were_launched_with_it(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    client = signed_in(operator)
    together = client.post(reverse("launch_conversation"), choice(count="2")).headers["Location"]
    call = Conversation.objects.earliest("created_at")

    pages = [client.get(reverse("conversation_detail", args=[one.pk])) for one in (call, finished_call())]

    assert [bool(Markup(page).attributes("a", href=together)) for page in pages] == [True, False]
