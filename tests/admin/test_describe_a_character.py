"""The forms for a character tell by which words the rehearsal model plays a character, and tell it truly."""

import re

import pytest
from django.conf import settings
from django.test import Client

from dispatchsim.admin.personas import PLAYED
from dispatchsim.models import Persona
from rehearsal.delivery import Delivery, find_delivery
from rehearsal.dialogue.manner import Manner, find_manner

LAUNCH_FIELD = (settings.BASE_DIR / "templates" / "launch" / "partials" / "_side.html").read_text(encoding="utf-8")
NAMED = sorted({*re.findall(r"“([^”]+)”", PLAYED), *re.findall(r"“([^”]+)”", LAUNCH_FIELD)})


@pytest.mark.parametrize("words", NAMED)
def test_each_word_that_a_form_names_is_played(words: str) -> None:
    character = f"You {words} when you are on the phone."

    assert find_manner(character) != Manner() or find_delivery(character) != Delivery()


@pytest.mark.django_db
def test_the_form_says_what_the_rehearsal_model_plays(desk: Client, tim: Persona) -> None:
    page = desk.get(f"/admin/dispatchsim/persona/{tim.pk}/change/").content.decode()

    assert "“ask everything twice”" in page
