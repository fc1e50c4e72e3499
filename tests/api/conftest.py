"""Fixtures of the API's tests."""

import socket
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from dispatchsim.gateways.livekit import use_rooms
from tests.api.fake_rooms import FakeRooms
from tests.library_rows import add_library
from tests.people import author, operator, stranger, viewer

__all__ = ["author", "operator", "stranger", "viewer"]

API_TOKEN = "api-token-for-tests-" + "t" * 40


@pytest.fixture
def rooms() -> Iterator[FakeRooms]:
    fake = FakeRooms()
    with use_rooms(fake):
        yield fake


@pytest.fixture
def library(db: None) -> None:
    add_library()


@pytest.fixture
def api_token(settings: Settings) -> str:
    settings.DISPATCHSIM_API_TOKEN = API_TOKEN
    return API_TOKEN


@pytest.fixture
def script(api_token: str) -> Client:
    """A script that sends the bearer token."""
    return Client(headers={"Authorization": f"Bearer {api_token}"})


@pytest.fixture
def voice_model(settings: Settings) -> Iterator[None]:
    """Something that listens where the rehearsal model should."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings.REHEARSAL_URL = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        yield
