"""The people that tests speak of, each with the rights of a group; the stranger is signed in without any."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client


def make_person(name: str, *groups: str, is_staff: bool = False) -> User:
    """Make a person with the rights of these groups."""
    person = User.objects.create_user(username=name, is_staff=is_staff)
    person.groups.set(Group.objects.filter(name__in=groups))
    return person


@pytest.fixture
def author(db: None) -> User:
    return make_person("ada", "authors")


@pytest.fixture
def operator(db: None) -> User:
    return make_person("oscar", "operators")


@pytest.fixture
def viewer(db: None) -> User:
    return make_person("vera", "viewers")


@pytest.fixture
def stranger(db: None) -> User:
    return make_person("sam")


def signed_in(person: User, *, enforce_csrf_checks: bool = False) -> Client:
    """Give this person's browser."""
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    client.force_login(person)
    return client
