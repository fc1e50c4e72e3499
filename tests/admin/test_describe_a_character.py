"""The persona form tells by which words the rehearsal model plays a character, and tells it truly."""

import re

import pytest
from django.test import Client

from dispatchsim.admin.personas import PLAYED
from dispatchsim.models import Persona
from rehearsal.delivery import Delivery, find_delivery
from rehearsal.dialogue.manner import Manner, find_manner

NAMED = re.findall(r"“([^”]+)”", PLAYED)


@pytest.mark.parametrize("words", NAMED)
def test_each_word_that_the_form_names_is_played(words: str) -> None:
    character = f"You {words} when you are on the phone."

    assert find_manner(character) != Manner() or find_delivery(character) != Delivery()


@pytest.mark.django_db
def test_the_form_says_what_the_rehearsal_model_plays(desk: Client, tim: Persona) -> None:
    page = desk.get(f"/admin/dispatchsim/persona/{tim.pk}/change/").content.decode()

    assert "“ask everything twice”" in page
