"""A person picks a call and presses the button."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from pytest_django import Settings

from dispatchsim.domain.conversation import EndReason
from dispatchsim.models import Conversation, Persona, Scenario
from tests.api.fake_rooms import FakeRooms
from tests.pages.calls import Markup, finished_call
from tests.people import signed_in

KEY = "5b0d4a5e6f0f4a0c9a3b7d1e2f3a4b5c"


def choice(**fields: str) -> dict[str, str]:
    return {
        "scenario": "chicken-to-dallas",
        "dispatcher": "tim",
        "driver": "chris",
        "provider": "rehearsal",
        "idempotency_key": KEY,
    } | fields


def launch(person: User, **fields: str) -> Any:
    return signed_in(person).post(reverse("launch_conversation"), choice(**fields))


def test_the_button_opens_the_page_of_the_new_call(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    answer = launch(operator)

    assert answer.headers["Location"] == reverse("conversation_detail", args=[Conversation.objects.get().pk])


def test_a_double_click_makes_one_call(operator: User, library: None, rooms: FakeRooms, voice_model: None) -> None:
    first, second = launch(operator), launch(operator)

    assert first.headers["Location"] == second.headers["Location"]


def test_each_page_carries_a_key_of_its_own(operator: User, library: None) -> None:
    client = signed_in(operator)
    keys = [
        Markup(client.get(reverse("launch"))).attributes("input", name="idempotency_key")[0]["value"] for _ in range(2)
    ]

    assert keys[0] != keys[1]


def test_the_call_has_the_line_that_was_picked(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    launch(operator, line="noisy")

    assert Conversation.objects.get().scenario_copy["line"] == "noisy"


def test_the_call_has_the_voice_that_was_picked(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    launch(operator, driver_voice="echo")

    assert Conversation.objects.get().driver_copy["voice"]["voice"] == "echo"


def test_the_call_remembers_who_launched_it(operator: User, library: None, rooms: FakeRooms, voice_model: None) -> None:
    launch(operator)

    assert Conversation.objects.get().launched_by == operator


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("scenario", "Pick a scenario."),
        ("dispatcher", "Pick who plays the dispatcher."),
        ("driver", "Pick who plays the driver."),
        ("provider", "Pick a voice model."),
    ],
)
def test_what_is_missing_is_named(operator: User, library: None, field: str, words: str) -> None:
    answer = launch(operator, **{field: "no-such-thing"})

    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_refused_form_is_the_page_of_a_new_call(operator: User, library: None) -> None:
    page = Markup(launch(operator, driver="no-such-thing"))

    here = [link["href"] for link in page.attributes("a", **{"aria-current": "page"})]
    assert here == [reverse("launch")]


def test_a_refused_form_keeps_what_was_picked(operator: User, library: None) -> None:
    answer = launch(operator, driver="no-such-thing", scenario="late-to-pickup")

    assert "checked" in Markup(answer).attributes("input", value="late-to-pickup")[0]


def test_a_missing_media_server_is_told_on_the_page(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    rooms.is_down = True

    answer = launch(operator)

    assert answer.status_code == 503
    assert "The LiveKit server does not answer." in answer.content.decode()


def test_an_empty_library_says_what_to_do(author: User) -> None:
    page = signed_in(author).get(reverse("launch")).content.decode()

    assert "manage.py load_library" in page


def test_a_side_that_nobody_can_play_is_said(operator: User, library: None) -> None:
    Persona.objects.filter(role="driver").delete()

    page = signed_in(operator).get(reverse("launch")).content.decode()

    assert "No persona can play this side yet." in page


def test_without_a_key_rehearsal_is_picked(operator: User, library: None) -> None:
    page = Markup(signed_in(operator).get(reverse("launch")))

    assert "checked" in page.attributes("input", name="provider", value="rehearsal")[0]


def test_without_a_key_openai_cannot_be_picked(operator: User, library: None) -> None:
    page = Markup(signed_in(operator).get(reverse("launch")))

    assert "disabled" in page.attributes("input", name="provider", value="openai")[0]


def test_a_persona_whose_voice_the_rehearsal_model_does_not_have_is_refused_by_its_field(
    operator: User, library: None, rooms: FakeRooms, voice_model: None
) -> None:
    Persona.objects.filter(slug="chris").update(voice="nova")

    answer = launch(operator)

    (told,) = answer.context["form"].errors["driver_voice"]
    assert (answer.status_code, "“nova” is none of the voices known here: alloy, " in told) == (422, True)
    assert not Conversation.objects.exists()


def test_with_a_key_openai_is_picked(operator: User, library: None, settings: Settings) -> None:
    settings.OPENAI_API_KEY = "sk-test-" + "k" * 40

    page = Markup(signed_in(operator).get(reverse("launch")))

    assert "checked" in page.attributes("input", name="provider", value="openai")[0]


def test_with_a_key_rehearsal_can_still_be_picked_and_is_what_is_launched(
    operator: User, library: None, rooms: FakeRooms, voice_model: None, settings: Settings
) -> None:
    settings.OPENAI_API_KEY = "sk-test-" + "k" * 40
    choices = Markup(signed_in(operator).get(reverse("launch"))).attributes("input", name="provider", value="rehearsal")

    launch(operator, provider="rehearsal")

    call = Conversation.objects.get()
    assert "disabled" not in choices[0]
    assert (call.voice_provider, call.driver_copy["voice"]["provider"]) == ("rehearsal", "rehearsal")


def test_the_key_is_on_no_page(operator: User, library: None, settings: Settings) -> None:
    settings.OPENAI_API_KEY = "sk-test-" + "k" * 40

    assert settings.OPENAI_API_KEY not in signed_in(operator).get(reverse("launch")).content.decode()


@pytest.mark.parametrize(
    ("name", "slug"), [("scenario", "chicken-to-dallas"), ("dispatcher", "tim"), ("driver", "chris")]
)
def test_the_plainest_call_with_tim_and_chris_is_picked_at_first(
    operator: User, library: None, name: str, slug: str
) -> None:
    Persona.objects.create(slug="aaron", name="Aaron", role="driver", character="You are Aaron.", voice="ash")

    page = Markup(signed_in(operator).get(reverse("launch")))

    assert "checked" in page.attributes("input", name=name, value=slug)[0]


def test_a_link_can_pick_the_call_beforehand(operator: User, library: None) -> None:
    page = Markup(signed_in(operator).get(reverse("launch"), {"scenario": "late-to-pickup", "driver": "rosa"}))

    assert "checked" in page.attributes("input", name="scenario", value="late-to-pickup")[0]
    assert "checked" in page.attributes("input", name="driver", value="rosa")[0]


def test_recent_calls_show_their_verdict(operator: User, library: None) -> None:
    finished_call(verdict={"joint": "fail"})

    page = signed_in(operator).get(reverse("launch")).content.decode()

    assert '<span class="visually-hidden">Verdict: </span>Fail</span>' in page


def test_recent_calls_are_beside_the_form(operator: User, library: None) -> None:
    call = finished_call(reason=EndReason.AGENT_HUNG_UP)

    page = Markup(signed_in(operator).get(reverse("launch")))

    assert page.attributes("a", href=reverse("conversation_detail", args=[call.pk]))


def test_a_load_sheet_that_cannot_be_read_does_not_break_the_page(operator: User, library: None) -> None:
    Scenario.objects.filter(slug="chicken-to-dallas").update(load_sheet="no colon here")

    assert signed_in(operator).get(reverse("launch")).status_code == 200
