"""Fixtures of the admin's tests."""

import socket
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import Settings

from dispatchsim.gateways.livekit import use_rooms
from dispatchsim.models import Persona, Scenario
from dispatchsim.services.library import load_library
from tests.api.fake_rooms import FakeRooms
from tests.people import author, make_person, operator, signed_in, stranger, viewer

__all__ = ["author", "operator", "stranger", "viewer"]


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


@pytest.fixture
def chicken(db: None) -> Scenario:
    load_library()
    return Scenario.objects.get(slug="chicken-to-dallas")


@pytest.fixture
def tim(chicken: Scenario) -> Persona:
    return Persona.objects.get(slug="tim")


@pytest.fixture
def rooms() -> Iterator[FakeRooms]:
    fake = FakeRooms()
    with use_rooms(fake):
        yield fake


@pytest.fixture
def voice_model(settings: Settings) -> Iterator[None]:
    """Something that listens where the rehearsal model should."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.REHEARSAL_URL = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        yield
