"""Fixtures of the admin's tests."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.api.conftest import rooms, voice_model
from tests.library_rows import chicken, tim
from tests.people import author, make_person, operator, signed_in, stranger, viewer

__all__ = ["author", "chicken", "operator", "rooms", "stranger", "tim", "viewer", "voice_model"]


@pytest.fixture
def desk(author: User) -> Client:
    """The author's browser."""
    return signed_in(author)


@pytest.fixture
def clerk(db: None) -> User:
    """Somebody of the staff who may look at the library, and no more."""
    person: User = make_person("clerk", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=("view_scenario", "view_persona")))
    return person
