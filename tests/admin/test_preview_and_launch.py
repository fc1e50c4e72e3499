"""From the admin: read what both voice models will be told, then launch."""

from html import escape
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from dispatchsim.models import Conversation, Persona, Scenario
from dispatchsim.services.previews import preview_prompts
from dispatchsim.services.revisions import latest_number
from tests.api.fake_rooms import FakeRooms
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db


def of_scenario(scenario: Scenario, what: str) -> str:
    return f"/admin/dispatchsim/scenario/{scenario.pk}/{what}/"


def of_persona(persona: Persona, what: str) -> str:
    return f"/admin/dispatchsim/persona/{persona.pk}/{what}/"


def persona(slug: str) -> Persona:
    return Persona.objects.get(slug=slug)


def test_a_scenario_shows_both_prompts_with_tim_and_chris(desk: Client, chicken: Scenario) -> None:
    page = desk.get(of_scenario(chicken, "preview")).content.decode()

    prompts = preview_prompts(scenario=chicken, dispatcher=persona("tim"), driver=persona("chris"))
    assert all(escape(side.instructions) in page for side in prompts.values())


def test_other_personas_can_be_chosen(desk: Client, chicken: Scenario) -> None:
    page = desk.get(of_scenario(chicken, "preview"), {"driver": "rosa"}).content.decode()

    prompts = preview_prompts(scenario=chicken, dispatcher=persona("tim"), driver=persona("rosa"))
    assert all(escape(side.instructions) in page for side in prompts.values())


def test_a_persona_shows_its_own_prompt_first(desk: Client, chicken: Scenario) -> None:
    page = desk.get(of_persona(persona("rosa"), "preview")).content.decode()

    assert 0 < page.index("Driver: Rosa") < page.index("Dispatcher: Tim")


@pytest.mark.parametrize("query", [{"driver": "nobody"}, {"driver": "tim"}, {"scenario": "nothing"}])
def test_an_unknown_choice_is_told(desk: Client, chicken: Scenario, query: dict[str, str]) -> None:
    answer = desk.get(of_scenario(chicken, "preview"), query)

    assert answer.status_code == 422
    assert "There is no" in answer.content.decode()


def test_a_preview_in_an_empty_library_says_what_is_missing(desk: Client) -> None:
    alone = Persona.objects.create(slug="alone", role="driver", name="Al", title="Alone")

    assert "There is no dispatcher persona at all." in desk.get(of_persona(alone, "preview")).content.decode()


def test_a_preview_launches_nothing_and_makes_no_version(desk: Client, chicken: Scenario) -> None:
    desk.get(of_scenario(chicken, "preview"))

    assert (Conversation.objects.count(), latest_number(chicken)) == (0, 1)


def test_markup_in_a_prompt_is_shown_as_text(desk: Client, chicken: Scenario) -> None:
    Scenario.objects.filter(pk=chicken.pk).update(driver_briefing="</pre><script>x</script>")

    page = desk.get(of_scenario(chicken, "preview")).content.decode()

    assert "&lt;/pre&gt;&lt;script&gt;x&lt;/script&gt;" in page


@pytest.mark.usefixtures("rooms", "voice_model")
def test_a_scenario_is_launched_with_tim_and_chris(desk: Client, author: User, chicken: Scenario) -> None:
    answer = desk.post(of_scenario(chicken, "launch"))

    call = Conversation.objects.get()
    assert answer["Location"] == f"/conversations/{call.pk}/"
    assert (call.dispatcher_copy["slug"], call.driver_copy["slug"]) == ("tim", "chris")
    assert (call.scenario_copy["revision"], call.launched_by) == (1, author)


@pytest.mark.usefixtures("rooms", "voice_model", "chicken")
def test_a_persona_is_launched_in_the_plainest_scenario(desk: Client) -> None:
    desk.post(of_persona(persona("dana"), "launch"))

    call = Conversation.objects.get()
    assert (call.scenario_copy["slug"], call.dispatcher_copy["slug"]) == ("chicken-to-dallas", "dana")


@pytest.mark.usefixtures("rooms", "voice_model")
def test_what_a_preview_shows_is_what_it_launches(desk: Client, chicken: Scenario) -> None:
    query = {"driver": "rosa", "dispatcher": "dana", "scenario": "late-to-pickup", "from": "preview"}

    desk.post(of_scenario(chicken, "launch"), query)

    call = Conversation.objects.get()
    copies = (call.scenario_copy, call.dispatcher_copy, call.driver_copy)
    assert [copy["slug"] for copy in copies] == ["late-to-pickup", "dana", "rosa"]


@pytest.mark.usefixtures("rooms", "voice_model")
def test_a_second_press_opens_the_same_call(desk: Client, chicken: Scenario) -> None:
    pressed = {"idempotency_key": uuid4().hex}

    answers = [desk.post(of_scenario(chicken, "launch"), pressed)["Location"] for _ in range(2)]

    assert answers[0] == answers[1]
    assert Conversation.objects.count() == 1


def test_a_launch_that_fails_comes_back_with_the_reason(
    desk: Client, chicken: Scenario, rooms: FakeRooms, voice_model: None
) -> None:
    rooms.is_down = True

    answer = desk.post(of_scenario(chicken, "launch"), follow=True)

    assert answer.redirect_chain == [(of_scenario(chicken, "change"), 302)]
    assert 'class="error"' in answer.content.decode()


def test_a_failed_launch_from_the_preview_keeps_the_choice(desk: Client, chicken: Scenario) -> None:
    answer = desk.post(of_scenario(chicken, "launch"), {"from": "preview", "driver": "rosa"})

    assert answer["Location"] == f"{of_scenario(chicken, 'preview')}?driver=rosa"


def test_a_link_cannot_launch(desk: Client, chicken: Scenario) -> None:
    assert desk.get(of_scenario(chicken, "launch")).status_code == 405


def test_launching_needs_the_forms_token(author: User, chicken: Scenario) -> None:
    assert signed_in(author, enforce_csrf_checks=True).post(of_scenario(chicken, "launch")).status_code == 403


def test_staff_without_the_right_to_launch_only_read(clerk: User, chicken: Scenario) -> None:
    browser = signed_in(clerk)

    page = browser.get(of_scenario(chicken, "preview"))

    assert (page.status_code, browser.post(of_scenario(chicken, "launch")).status_code) == (200, 403)
    assert "Launch a call" not in page.content.decode()


def test_staff_who_may_launch_but_not_look_are_refused(chicken: Scenario) -> None:
    person = make_person("lou", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename="launch_conversation"))

    assert signed_in(person).post(of_scenario(chicken, "launch")).status_code == 403


@pytest.mark.parametrize("name", ["operator", "viewer", "stranger"])
def test_others_are_refused(request: pytest.FixtureRequest, name: str, chicken: Scenario) -> None:
    browser = signed_in(request.getfixturevalue(name))

    answers = [browser.get(of_scenario(chicken, "preview")), browser.post(of_scenario(chicken, "launch"))]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert not Conversation.objects.exists()


def test_personas_to_pick_from_are_named_without_the_role_that_the_field_names(desk: Client, chicken: Scenario) -> None:
    page = desk.get(f"/admin/dispatchsim/scenario/{chicken.pk}/preview/").content.decode()

    assert ">Tim, Calm senior dispatcher</option>" in page
