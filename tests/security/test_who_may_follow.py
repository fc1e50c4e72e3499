"""Every socket by everybody, against `matrix.txt`."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from dispatchsim.asgi import application
from dispatchsim.services.sign_in import get_owner
from tests.security.doors import PEOPLE, SOCKET, build_path, read_matrix

pytestmark = pytest.mark.django_db(transaction=True)
OPEN, REFUSED = "101", "403"


@pytest.fixture
def people(stranger: User, viewer: User, operator: User, author: User) -> dict[str, User]:
    return {"stranger": stranger, "viewer": viewer, "operator": operator, "author": author, "owner": get_owner()}


def headers_of(name: str, people: dict[str, User], api_token: str) -> list[tuple[bytes, bytes]]:
    """Give what this person's browser sends, or the script."""
    headers = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
    if name == "script":
        return [*headers, (b"authorization", f"Bearer {api_token}".encode())]
    if name == "nobody":
        return headers
    client = Client()
    client.force_login(people[name])
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    return [*headers, (b"cookie", cookie.encode())]


async def knock(path: str, headers: list[tuple[bytes, bytes]]) -> str:
    """Open the socket: the first frame of content means open, else the close code counts."""
    socket = WebsocketCommunicator(application, path, headers=headers)
    try:
        is_accepted, _ = await socket.connect(timeout=10)
        if not is_accepted:
            return REFUSED
        message = await socket.receive_output(timeout=10)
        return OPEN if message["type"] == "websocket.send" else str(message["code"])
    finally:
        await socket.disconnect()
        await asyncio.sleep(0)


@pytest.mark.parametrize("name", PEOPLE)
@pytest.mark.parametrize("route", [route for method, route in read_matrix() if method == SOCKET])
async def test_everybody_gets_what_the_matrix_says(
    people: dict[str, User], api_token: str, name: str, route: str
) -> None:
    headers = await sync_to_async(headers_of)(name, people, api_token)
    path = await sync_to_async(build_path)(route)

    assert await knock(path, headers) == read_matrix()[SOCKET, route].expected[name]
