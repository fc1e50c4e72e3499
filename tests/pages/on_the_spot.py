"""The launch form, filled in, with a scenario of one's own."""

from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from dispatchsim.pages.own_scenario import OWN
from tests.pages.test_launch import choice
from tests.people import signed_in

ONIONS = {
    "scenario": OWN,
    "own_title": "Onions to Reno",
    "own_load_sheet": "commodity: yellow onions\r\nrate: 900 dollars",
    "own_opener": "driver",
    "own_driver_briefing": "You are empty in Boise.",
    "own_driver_decision": "decline: too far",
}


def launch(person: User, **fields: str) -> Any:
    return signed_in(person).post(reverse("launch_conversation"), choice(**fields))
