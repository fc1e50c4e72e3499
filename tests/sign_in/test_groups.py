"""Viewers listen and read, operators launch and end, authors write scenarios and personas."""

import pytest
from django.contrib.auth.models import Group
from pytest_django import Settings

from dispatchsim.domain.errors import NotAllowedError
from dispatchsim.services.accounts import END, LAUNCH, VIEW_CONVERSATION, Caller, is_api_token, sync_groups
from tests.people import make_person

pytestmark = pytest.mark.django_db
WRITE = "dispatchsim.change_scenario"


@pytest.mark.parametrize(
    ("group", "allowed"),
    [
        ("viewers", {VIEW_CONVERSATION}),
        ("operators", {VIEW_CONVERSATION, LAUNCH, END}),
        ("authors", {VIEW_CONVERSATION, LAUNCH, END, WRITE}),
    ],
)
def test_a_group_has_its_rights_and_no_other(group: str, allowed: set[str]) -> None:
    caller = Caller(user=make_person("someone", group))

    assert {right for right in (VIEW_CONVERSATION, LAUNCH, END, WRITE) if caller.has(right)} == allowed


def test_a_stranger_has_no_right() -> None:
    with pytest.raises(NotAllowedError, match="view conversation"):
        Caller(user=make_person("sam")).require(VIEW_CONVERSATION)


def test_a_script_has_an_operators_rights() -> None:
    script = Caller(user=None)

    assert (script.has(LAUNCH), script.has(WRITE)) == (True, False)


def test_migrating_makes_the_groups() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {"viewers", "operators", "authors"}


def test_a_right_that_a_group_lost_comes_back() -> None:
    Group.objects.get(name="viewers").permissions.clear()

    sync_groups()

    assert Group.objects.get(name="viewers").permissions.filter(codename="view_conversation").exists()


def test_no_token_fits_an_empty_setting(settings: Settings) -> None:
    settings.DISPATCHSIM_API_TOKEN = ""

    assert not is_api_token("")
