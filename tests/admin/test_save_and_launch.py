"""One press saves what was written and leads on to New call; nothing that was typed is lost."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from dispatchsim.models import Conversation, Persona, Scenario
from tests.people import make_person, signed_in

pytestmark = pytest.mark.django_db
BUTTON = 'name="_launch"'


def address_of(entry: Scenario | Persona) -> str:
    return reverse(f"admin:dispatchsim_{entry._meta.model_name}_change", args=[entry.pk])


def press(desk: Client, entry: Scenario | Persona, button: str = "_launch", **changes: str) -> Any:
    """Post the form of an entry as the browser does, with some fields changed."""
    page: Any = desk.get(address_of(entry))
    form = page.context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    filled = {name: value for name, value in shown.items() if value not in (None, False)}
    return desk.post(address_of(entry), filled | changes | {button: "yes"})


def test_what_was_written_is_saved_before_the_call(desk: Client, tim: Persona) -> None:
    press(desk, tim, character="You sing.")

    tim.refresh_from_db()
    assert tim.character == "You sing."


def test_a_persona_leads_to_a_new_call_with_itself_on_its_side(desk: Client, tim: Persona) -> None:
    assert press(desk, tim).headers["Location"] == "/?dispatcher=tim"


def test_the_new_call_has_the_persona_picked(desk: Client, chicken: Scenario) -> None:
    rosa = Persona.objects.get(slug="rosa")

    page = desk.get(press(desk, rosa).headers["Location"])

    assert page.context["form"]["driver"].value() == "rosa"


def test_a_scenario_leads_to_a_new_call_about_itself(desk: Client, chicken: Scenario) -> None:
    late = Scenario.objects.get(slug="late-to-pickup")

    page = desk.get(press(desk, late).headers["Location"])

    assert page.context["form"]["scenario"].value() == "late-to-pickup"


def test_nothing_is_launched_before_the_person_has_looked_it_over(desk: Client, tim: Persona) -> None:
    press(desk, tim)

    assert not Conversation.objects.exists()


def test_the_new_call_says_what_was_saved(desk: Client, tim: Persona) -> None:
    page = desk.get(press(desk, tim, character="You sing.").headers["Location"])

    assert "Saved: Tim, version 2. Pick a scenario and launch." in page.content.decode()


def test_a_form_with_a_mistake_comes_back_with_what_was_typed(desk: Client, tim: Persona) -> None:
    answer = press(desk, tim, character="You sing.", speed="9")

    form = answer.context["adminform"].form
    assert ("speed" in form.errors, form["character"].value()) == (True, "You sing.")


def test_a_form_with_a_mistake_saves_nothing(desk: Client, tim: Persona) -> None:
    press(desk, tim, character="You sing.", speed="9")

    tim.refresh_from_db()
    assert "sing" not in tim.character


@pytest.mark.parametrize("button", ["_save", "_continue", "_saveasnew"])
def test_every_other_way_to_save_offers_the_call_in_its_message(desk: Client, tim: Persona, button: str) -> None:
    page = desk.get(press(desk, tim, button).headers["Location"]).content.decode()

    slug = "tim-2" if button == "_saveasnew" else "tim"
    assert f'<a href="/?dispatcher={slug}">Launch a call with it</a>' in page


def test_a_name_with_markup_is_text_in_the_message(desk: Client, tim: Persona) -> None:
    page = desk.get(press(desk, tim, "_save", name="<b>Tim</b>").headers["Location"]).content.decode()

    assert "<b>Tim</b>" not in page


def test_who_may_not_launch_has_no_button_for_it(tim: Persona) -> None:
    scribe = make_person("scribe", is_staff=True)
    scribe.user_permissions.set(Permission.objects.filter(codename__in=("change_persona", "view_persona")))

    page = signed_in(scribe).get(address_of(tim)).content.decode()

    assert ('name="_save"' in page, BUTTON in page) == (True, False)


def test_who_may_not_launch_stays_in_the_library(tim: Persona) -> None:
    scribe = make_person("scribe", is_staff=True)
    scribe.user_permissions.set(Permission.objects.filter(codename__in=("change_persona", "view_persona")))

    answer = press(signed_in(scribe), tim)

    assert answer.headers["Location"] == "/admin/dispatchsim/persona/"


def test_no_form_launches_without_saving(desk: Client, tim: Persona) -> None:
    page = desk.get(address_of(tim)).content.decode()

    assert (BUTTON in page, f"/persona/{tim.pk}/launch/" in page) == (True, False)


def test_the_button_says_what_comes_next(desk: Client, tim: Persona, chicken: Scenario) -> None:
    pages = [desk.get(address_of(entry)).content.decode() for entry in (tim, chicken)]

    assert ["Save and pick a scenario" in pages[0], "Save and pick who plays" in pages[1]] == [True, True]


def test_no_button_promises_a_call_that_it_does_not_launch(desk: Client, tim: Persona) -> None:
    assert "Save and launch" not in desk.get(address_of(tim)).content.decode()
