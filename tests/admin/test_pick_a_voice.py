"""A persona's voice is picked from those that are known; any other is possible, and told to be doubtful."""

from typing import Any

import pytest
from django.test import Client

from dispatchsim.domain.voice_models import VOICES, doubt_voice
from dispatchsim.models import Persona
from rehearsal.voice import VOICE_NAMES
from tests.admin.test_import_and_export import LEE, confirm, upload
from tests.admin.test_write_library import ADD_PERSONA, PERSONA, errors_of

pytestmark = pytest.mark.django_db
DOUBT = "Voice of Lee: “nova” is none of the voices known here"


def add(desk: Client, **changes: str) -> Any:
    return desk.post(ADD_PERSONA, {**PERSONA, **changes}, follow=True)


def test_the_known_voices_are_offered(desk: Client) -> None:
    form = desk.get(ADD_PERSONA).context["adminform"].form

    assert [voice for voice, _ in form.fields["voice"].choices] == list(VOICES)


def test_a_voice_that_is_none_of_the_choices_is_refused(desk: Client) -> None:
    (told,) = errors_of(desk.post(ADD_PERSONA, {**PERSONA, "voice": "nova"}), "voice")

    assert "“nova” is none of the voices known here." in told


def test_a_voice_that_openai_added_meanwhile_can_be_named(desk: Client) -> None:
    add(desk, other_voice="nova")

    assert Persona.objects.get(slug="lee").voice == "nova"


def test_an_unknown_voice_is_told_with_its_field_and_the_known_ones(desk: Client) -> None:
    page = add(desk, other_voice="nova").content.decode()

    assert (DOUBT in page, ", ".join(VOICES) in page) == (True, True)


def test_a_known_voice_is_told_nothing_of(desk: Client) -> None:
    assert "none of the voices" not in add(desk).content.decode()


@pytest.mark.parametrize("voice", ["not a voice!", "<b>", "märin"])
def test_what_no_voice_can_be_called_is_refused(desk: Client, voice: str) -> None:
    assert errors_of(desk.post(ADD_PERSONA, {**PERSONA, "other_voice": voice}), "other_voice")


def test_an_unknown_voice_stays_picked_when_the_persona_is_saved_again(desk: Client) -> None:
    add(desk, other_voice="nova")
    lee = Persona.objects.get(slug="lee")

    form = desk.get(f"/admin/dispatchsim/persona/{lee.pk}/change/").context["adminform"].form

    assert form["voice"].value() == "nova"
    assert ("nova", "nova (not a known voice)") in form.fields["voice"].choices


def test_a_close_name_is_asked_for() -> None:
    assert "Is it “cedar”?" in doubt_voice("ceder")


def test_the_rehearsal_model_has_the_known_voices_and_no_other() -> None:
    assert set(VOICES) == set(VOICE_NAMES)


def test_a_doubt_tells_that_the_rehearsal_model_refuses() -> None:
    assert "A call with the rehearsal model is refused" in doubt_voice("nova")


@pytest.mark.parametrize("voice", VOICES)
def test_a_known_voice_is_not_doubted(voice: str) -> None:
    assert doubt_voice(voice) == ""


def test_an_import_tells_a_doubtful_voice_before_it_is_written(desk: Client) -> None:
    status, page = upload(desk, ("lee.yaml", f"{LEE}voice: nova\n"))

    assert (status, "<code>personas/lee</code> voice: “nova” is none of the voices" in page) == (200, True)


def test_an_import_with_a_doubtful_voice_can_be_confirmed(desk: Client) -> None:
    confirm(desk, upload(desk, ("lee.yaml", f"{LEE}voice: nova\n"))[1])

    assert Persona.objects.get(slug="lee").voice == "nova"


def test_an_import_of_what_no_voice_can_be_called_is_a_problem(desk: Client) -> None:
    status, page = upload(desk, ("lee.yaml", f"{LEE}voice: not a voice!\n"))

    assert (status, "<td>voice</td><td>No voice has such a name." in page) == (422, True)
