"""A person follows a call, ends it, and reads it afterwards."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.models import Conversation, Event, Turn
from dispatchsim.services.transcript import build_turn_view
from tests.api.calls import add_turn
from tests.api.fake_rooms import FakeRooms
from tests.freight.cases import build_case, build_scenario
from tests.pages.calls import SCENARIO, Markup, finished_call, persona_copy, running_call
from tests.people import signed_in


def read(person: User, call: Conversation) -> str:
    return signed_in(person).get(reverse("conversation_detail", args=[call.pk])).content.decode()


def render(turn: Turn) -> str:
    return render_to_string("conversations/partials/_turn.html", {"turn": build_turn_view(turn)})


def test_a_running_call_has_the_live_page(viewer: User) -> None:
    call = running_call()

    page = Markup(signed_in(viewer).get(reverse("conversation_detail", args=[call.pk])))

    assert page.attributes("div", id="conversation")[0]["data-socket-path"] == f"/ws/conversations/{call.pk}/"


def test_the_live_page_has_the_turns_so_far(viewer: User) -> None:
    call = running_call()
    add_turn(call, 1, Role.DISPATCHER, "Hi Chris.")

    assert "Hi Chris." in read(viewer, call)


def test_the_live_page_says_which_voice_model_speaks(viewer: User) -> None:
    assert "local rehearsal model, not OpenAI" in read(viewer, running_call())


def test_the_live_page_reloads_itself_where_scripts_are_off(viewer: User) -> None:
    assert '<noscript><meta http-equiv="refresh"' in read(viewer, running_call())


def test_the_live_page_holds_no_token_for_the_room(viewer: User) -> None:
    assert "eyJ" not in read(viewer, running_call())


def test_each_voice_has_a_meter_with_a_name(viewer: User) -> None:
    page = Markup(signed_in(viewer).get(reverse("conversation_detail", args=[running_call().pk])))

    names = [meter["aria-label"] for meter in page.attributes("meter")]

    assert names == ["Sound level of Tim, Dispatcher", "Sound level of Chris, Driver"]


def test_an_operator_ends_a_call_without_scripts(operator: User, rooms: FakeRooms) -> None:
    call = running_call()

    answer = signed_in(operator).post(reverse("end_conversation", args=[call.pk]))

    call.refresh_from_db()
    assert answer.headers["Location"] == reverse("conversation_detail", args=[call.pk])
    assert call.end_reason == EndReason.PERSON_ENDED


def test_the_live_page_ends_a_call_without_a_reload(operator: User, rooms: FakeRooms) -> None:
    path = reverse("end_conversation", args=[running_call().pk])

    assert signed_in(operator).post(path, headers={"HX-Request": "true"}).status_code == 204


def ended_by(person: User) -> Conversation:
    call = finished_call(reason=EndReason.PERSON_ENDED)
    Event.objects.create(
        conversation=call,
        seq=1,
        type="call.ending",
        payload={"reason": "person_ended", "by": person.pk},
        at=timezone.now(),
    )
    return call


def test_who_ended_a_call_is_told_so(operator: User) -> None:
    assert "You ended the call." in read(operator, ended_by(operator))


def test_others_are_told_who_ended_a_call(operator: User, viewer: User) -> None:
    assert "oscar ended the call." in read(viewer, ended_by(operator))


def test_a_person_with_a_name_is_called_by_it(operator: User, viewer: User) -> None:
    User.objects.filter(pk=operator.pk).update(first_name="Oscar", last_name="Lund")

    assert "Oscar Lund ended the call." in read(viewer, ended_by(operator))


def test_a_call_that_nobody_known_ended_names_nobody(viewer: User) -> None:
    assert "A person ended the call." in read(viewer, finished_call(reason=EndReason.PERSON_ENDED))


def test_a_call_whose_ender_is_gone_since_names_nobody(operator: User, viewer: User) -> None:
    call = ended_by(operator)
    operator.delete()

    assert "A person ended the call." in read(viewer, call)


def test_the_button_remembers_who_pressed_it(operator: User, viewer: User, rooms: FakeRooms) -> None:
    call = running_call()

    signed_in(operator).post(reverse("end_conversation", args=[call.pk]))

    assert (
        "oscar ended the call." in signed_in(viewer).get(f"/api/v1/conversations/{call.pk}/status").json()["sentence"]
    )


def test_the_live_page_has_what_is_at_stake_to_check_what_is_said(viewer: User) -> None:
    page = read(viewer, running_call())

    assert ("yellow onions" in page, "900 dollars" in page or "$900" in page) == (True, True)


def test_the_load_sheet_of_a_running_call_with_freight_is_the_whole_one(viewer: User) -> None:
    copy = build_scenario(build_case()).model_dump(mode="json")

    page = read(viewer, running_call(scenario_copy=copy))

    assert ("53 foot reefer" in page, "driver takes at least" in page) == (True, True)


def test_a_running_call_whose_load_sheet_cannot_be_read_has_its_page(viewer: User) -> None:
    call = running_call(scenario_copy=SCENARIO | {"load_sheet": "no colon"})

    answer = signed_in(viewer).get(reverse("conversation_detail", args=[call.pk]))

    assert answer.status_code == 200


def test_nobody_is_said_to_be_silent_while_an_agent_speaks(viewer: User) -> None:
    call = running_call()
    call.seats.filter(role=Role.DISPATCHER).update(state="speaking")

    page = read(viewer, call)

    assert ("Tim has the floor" in page, "Nobody speaks yet" in page) == (True, False)


def test_the_live_page_shows_what_a_call_with_openai_costs(viewer: User) -> None:
    call = running_call(voice_provider="openai")
    payload = {"type": "usage", "seq": 1, "at": 1.0, "model": "gpt-realtime", "output_audio_tokens": 10_000}
    Event.objects.create(conversation=call, seq=1, role="driver", type="usage", payload=payload, at=timezone.now())

    assert "<span data-cost>$0.64</span>" in read(viewer, call)


def test_the_live_page_of_a_rehearsed_call_speaks_of_no_cost(viewer: User) -> None:
    assert "data-cost" not in read(viewer, running_call())


def test_a_finished_rehearsed_call_was_free(viewer: User) -> None:
    assert '<dt>Cost</dt><dd class="number">Free: both voices ran on this machine</dd>' in read(viewer, finished_call())


def test_tokens_are_told_with_their_thousands_apart_by_kind(viewer: User) -> None:
    call = finished_call()
    payload = {"type": "usage", "seq": 1, "at": 1.0, "input_audio_tokens": 12_345, "input_text_tokens": 678}
    Event.objects.create(conversation=call, seq=1, role=Role.DRIVER, type="usage", payload=payload, at=timezone.now())

    assert "<td>12,345</td><td>678</td>" in read(viewer, call)


def test_a_call_that_was_never_connected_says_so_instead_of_a_length(viewer: User) -> None:
    call = finished_call(reason=EndReason.AGENT_NEVER_JOINED, floor_opened_at=None)

    assert "never connected" in read(viewer, call)


def test_a_finished_call_gives_no_token(viewer: User) -> None:
    answer = signed_in(viewer).post(reverse("observer_token", args=[finished_call().pk]))

    assert (answer.status_code, answer.content) == (204, b"")


def test_a_finished_call_shows_its_transcript_and_why_it_ended(viewer: User) -> None:
    page = read(viewer, finished_call())

    assert "Hi Chris, onions to Reno." in page
    assert "They said goodbye and hung up." in page


def test_a_finished_call_shows_its_facts_and_prompts(viewer: User) -> None:
    page = read(viewer, finished_call())

    assert [words in page for words in ("yellow onions", "You are Tim.", "You are Chris.")] == [True, True, True]


def test_a_failed_call_says_what_to_do(viewer: User) -> None:
    page = read(viewer, finished_call(reason=EndReason.AGENT_NEVER_JOINED))

    assert "An agent did not join the room in time." in page
    assert "See that the agent servers run" in page


def test_a_finished_call_is_launched_again_with_one_press(operator: User, rooms: FakeRooms, voice_model: None) -> None:
    call = finished_call()
    page = Markup(signed_in(operator).get(reverse("conversation_detail", args=[call.pk])))
    again = reverse("repeat_conversation", args=[call.pk])
    key = page.attributes("input", name="idempotency_key")[0]["value"]

    signed_in(operator).post(again, {"idempotency_key": key})

    assert [form["method"] for form in page.attributes("form", action=again)] == ["post"]
    assert Conversation.objects.exclude(pk=call.pk).get().scenario_copy == call.scenario_copy


def test_each_reading_of_a_finished_call_has_a_key_of_its_own(operator: User) -> None:
    path = reverse("conversation_detail", args=[finished_call().pk])

    keys = [
        Markup(signed_in(operator).get(path)).attributes("input", name="idempotency_key")[0]["value"] for _ in range(2)
    ]

    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    ("name", "offered"),
    [
        ("viewer", set()),
        ("operator", {"repeat_conversation", "label_conversation"}),
        ("author", {"repeat_conversation", "label_conversation", "delete_conversation"}),
    ],
)
def test_a_finished_call_offers_what_a_person_may_do(
    request: pytest.FixtureRequest, name: str, offered: set[str]
) -> None:
    person: User = request.getfixturevalue(name)
    call = finished_call()

    page = read(person, call)

    doors = ("repeat_conversation", "label_conversation", "delete_conversation")
    assert {door for door in doors if reverse(door, args=[call.pk]) in page} == offered


def test_a_finished_call_shows_its_labels(operator: User) -> None:
    call = finished_call()
    call.labels.create(text="good example")

    assert '<span class="label" dir="auto">good example</span>' in read(operator, call)


def test_a_finished_call_with_openai_shows_what_it_cost(viewer: User) -> None:
    call = finished_call(voice_provider="openai")
    payload = {"type": "usage", "seq": 1, "at": 1.0, "model": "gpt-realtime", "output_audio_tokens": 10_000}
    Event.objects.create(conversation=call, seq=1, role=Role.DRIVER, type="usage", payload=payload, at=timezone.now())

    assert 'title="Cost">$0.64<' in read(viewer, call)


def test_a_finished_call_without_a_cost_shows_none(viewer: User) -> None:
    assert 'title="Cost"' not in read(viewer, finished_call())


def test_a_finished_call_can_be_changed_before_it_is_launched_again(operator: User) -> None:
    call = finished_call()

    assert f'href="{reverse("launch")}?from={call.pk}"' in read(operator, call)


@pytest.mark.parametrize("make", [running_call, finished_call])
def test_a_call_tells_what_the_system_did(viewer: User, make: Callable[[], Conversation]) -> None:
    call = make()
    payload = {"role": "driver", "attempt": 2}
    Event.objects.create(conversation=call, seq=1, type="agent.dispatched", payload=payload, at=timezone.now())

    assert "Driver sent for again, attempt 2" in read(viewer, call)


def test_what_an_agent_reported_is_not_told_as_done_by_the_system(viewer: User) -> None:
    call = running_call()
    Event.objects.create(conversation=call, seq=1, role=Role.DRIVER, type="heartbeat", at=timezone.now())

    assert "Heartbeat" not in read(viewer, call)


def test_markup_in_what_was_said_is_shown_as_text(viewer: User) -> None:
    call = finished_call()
    add_turn(call, 3, Role.DRIVER, "<script>alert(1)</script> {{ braces }} {% now %}")

    page = read(viewer, call)

    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ braces }} {% now %}" in page


def test_markup_in_names_is_shown_as_text(viewer: User) -> None:
    call = finished_call(
        title="<img src=x onerror=alert(1)>",
        driver_copy=persona_copy(Role.DRIVER, '"><script>alert(1)</script>', instructions="</pre><script>"),
    )

    page = Markup(signed_in(viewer).get(reverse("conversation_detail", args=[call.pk])))

    assert page.words("script") == ""
    assert page.attributes("img") == []


def test_right_to_left_marks_stay_inside_their_name(viewer: User) -> None:
    call = running_call(driver_copy=persona_copy(Role.DRIVER, "\u202eevil"))

    assert "<bdi>\u202eevil</bdi>" in read(viewer, call)


def test_a_turn_without_transcription_says_so(viewer: User) -> None:
    assert "not transcribed" in render(add_turn(running_call(), 1, Role.DRIVER, "Hello."))


def test_a_turn_shows_what_the_other_side_heard(viewer: User) -> None:
    turn = add_turn(running_call(), 1, Role.DRIVER, "Hello.")
    turn.heard_as = "Yellow."

    assert "Yellow." in render(turn)


def test_a_turn_that_answered_nobody_speaks_of_no_answer(viewer: User) -> None:
    assert "Answered after" not in render(add_turn(running_call(), 1, Role.DISPATCHER, "Hi Chris."))


def test_a_turn_tells_how_long_the_other_side_waited_for_it(viewer: User) -> None:
    turn = add_turn(running_call(), 2, Role.DRIVER, "Hi Tim.")
    turn.response_latency_s = 0.8

    assert "<dt>Answered after</dt><dd>0.80 s</dd>" in render(turn)


def test_a_turn_that_was_cut_off_is_marked(viewer: User) -> None:
    turn = add_turn(running_call(), 1, Role.DRIVER, "Hello, I was")
    turn.interrupted = True

    assert "cut off" in render(turn)


def test_a_turn_carries_its_number_and_speaker_for_the_page(viewer: User) -> None:
    html = render(add_turn(running_call(), 7, Role.DRIVER, "Hello."))

    assert 'id="turn-7" data-seq="7" data-speaker="driver" data-final="true"' in html


@pytest.mark.parametrize("make", [running_call, finished_call])
def test_a_bad_line_is_told_on_the_page(viewer: User, make: Callable[..., Conversation]) -> None:
    call = make(scenario_copy={**SCENARIO, "line": "noisy"})

    assert "noisy" in read(viewer, call).lower()
