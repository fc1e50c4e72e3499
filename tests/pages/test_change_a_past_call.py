"""A person changes a call of the past before launching it again, and is told what has changed in the meantime."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from dispatchsim.models import Conversation, Persona, Scenario
from dispatchsim.pages.own_scenario import OWN
from dispatchsim.services.revisions import revisions_of, save_entry
from tests.pages.calls import Markup
from tests.pages.test_launch import KEY, choice
from tests.people import signed_in

pytestmark = pytest.mark.usefixtures("library", "rooms", "voice_model")


def launch(person: User, **fields: str) -> Conversation:
    """Launch a call from the form."""
    answer = signed_in(person).post(reverse("launch_conversation"), choice(**fields))
    assert answer.status_code == 302
    return Conversation.objects.latest("created_at")


def change_first(person: User, call: Conversation) -> Any:
    return signed_in(person).get(reverse("launch"), {"from": str(call.pk)})


def picked(answer: Any) -> dict[str, Any]:
    """Read what stands in the form."""
    form = answer.context["form"]
    return {name: form[name].value() for name in form.fields}


def rewrite(entry: Scenario | Persona, **fields: str) -> None:
    """Change an entry of the library as its author would."""
    for name, value in fields.items():
        setattr(entry, name, value)
    save_entry(entry)


def chris() -> Persona:
    return Persona.objects.get(slug="chris")


def numbers_of_chris() -> list[int]:
    return [revision.number for revision in revisions_of(chris())]


def test_it_starts_from_who_played(operator: User) -> None:
    call = launch(operator, scenario="late-to-pickup", driver="rosa")

    fields = picked(change_first(operator, call))

    assert (fields["scenario"], fields["dispatcher"], fields["driver"]) == ("late-to-pickup", "tim", "rosa")


def test_it_starts_from_what_that_call_alone_had(operator: User) -> None:
    call = launch(operator, line="noisy", max_duration_s="45", driver_voice="echo", driver_instructions="Be brief.")

    fields = picked(change_first(operator, call))

    assert (fields["line"], fields["max_duration_s"]) == ("noisy", 45)
    assert (fields["driver_voice"], fields["driver_instructions"]) == ("echo", "Be brief.")


def test_what_a_persona_brought_along_is_not_taken_for_a_change_of_that_call(operator: User) -> None:
    fields = picked(change_first(operator, launch(operator)))

    assert (fields["driver_voice"], fields["driver_model"], fields["driver_instructions"]) == (None, None, None)


def test_nothing_is_said_to_have_changed_where_nothing_has(operator: User) -> None:
    page = change_first(operator, launch(operator)).content.decode()

    assert ("Starts from" in page, "has changed" in page) == (True, False)


def test_a_persona_that_has_changed_since_is_told(operator: User) -> None:
    call = launch(operator)
    rewrite(chris(), character="You are never in a hurry.")

    page = change_first(operator, call).content.decode()

    assert "<bdi>Chris</bdi> has changed since that call." in page
    assert "<bdi>Tim</bdi> has changed" not in page


def test_a_persona_that_is_as_it_was_once_more_has_not_changed(operator: User) -> None:
    call = launch(operator)
    before = chris().character
    rewrite(chris(), character="You are never in a hurry.")
    rewrite(chris(), character=before)

    assert "has changed since" not in change_first(operator, call).content.decode()


def test_who_may_read_the_library_is_led_to_what_changed(author: User) -> None:
    call = launch(author)
    rewrite(chris(), character="You are never in a hurry.")

    address = reverse("admin:dispatchsim_persona_versions", args=[chris().pk])

    assert Markup(change_first(author, call)).attributes("a", href=f"{address}?against=1")


def test_who_may_not_read_the_library_is_led_nowhere(operator: User) -> None:
    call = launch(operator)
    rewrite(chris(), character="You are never in a hurry.")

    assert "See what changed" not in change_first(operator, call).content.decode()


def test_the_new_call_takes_the_persona_of_today(operator: User) -> None:
    call = launch(operator)
    rewrite(chris(), character="You are never in a hurry.")
    fields = {name: str(value) for name, value in picked(change_first(operator, call)).items() if value is not None}

    again = launch(operator, **fields | {"idempotency_key": KEY.replace("5", "6")})

    assert again.driver_copy["character"] == "You are never in a hurry."


def test_a_persona_that_is_gone_is_told(operator: User) -> None:
    call = launch(operator)
    chris().delete()

    assert "<bdi>Chris</bdi> is no longer in the library." in change_first(operator, call).content.decode()


def test_a_scenario_that_has_changed_since_starts_as_that_call_had_it(operator: User) -> None:
    call = launch(operator)
    sheet = Scenario.objects.get(slug="chicken-to-dallas").load_sheet
    rewrite(Scenario.objects.get(slug="chicken-to-dallas"), load_sheet="door: dock 99")

    answer = change_first(operator, call)

    assert (picked(answer)["scenario"], picked(answer)["own_load_sheet"]) == (OWN, sheet)
    assert "The scenario has changed in the library since." in answer.content.decode()


def test_a_scenario_that_is_gone_starts_as_that_call_had_it(operator: User) -> None:
    call = launch(operator)
    Scenario.objects.filter(slug="chicken-to-dallas").delete()

    answer = change_first(operator, call)

    assert picked(answer)["scenario"] == OWN
    assert "The scenario is no longer in the library." in answer.content.decode()


def test_what_has_changed_is_still_told_when_the_form_is_refused(operator: User) -> None:
    call = launch(operator)
    rewrite(chris(), character="You are never in a hurry.")

    answer = signed_in(operator).post(
        reverse("launch_conversation"), choice(**{"from": str(call.pk), "max_duration_s": "1"})
    )

    assert (answer.status_code, "has changed since that call" in answer.content.decode()) == (422, True)


def test_looking_back_writes_nothing_into_the_library(operator: User) -> None:
    call = launch(operator)
    Persona.objects.filter(slug="chris").update(character="Written past the versions.")
    before = numbers_of_chris()

    change_first(operator, call)

    assert numbers_of_chris() == before


def test_a_finished_call_tells_what_it_alone_changed_about_who_played(operator: User) -> None:
    call = launch(operator, driver_voice="echo", driver_instructions="Be brief.")
    Conversation.objects.filter(pk=call.pk).update(status="ended", end_reason="agent_hung_up")

    page = signed_in(operator).get(reverse("conversation_detail", args=[call.pk])).content.decode()

    assert page.count("Changed for this call:") == 1
    assert "character, voice." in page
    assert ", version 1</span>, changed for this call" in page


def test_a_finished_call_tells_that_its_scenario_was_written_for_it(operator: User) -> None:
    call = launch(operator, scenario=OWN, own_load_sheet="miles: 330")
    Conversation.objects.filter(pk=call.pk).update(status="ended", end_reason="agent_hung_up")

    page = signed_in(operator).get(reverse("conversation_detail", args=[call.pk])).content.decode()

    assert "Ran with a scenario written for this call" in page
