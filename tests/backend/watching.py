"""A socket of the live feed, as a page opens one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from channels.testing import WebsocketCommunicator
from django.test import Client
from pytest_django import Settings

from dispatchsim.asgi import application
from tests.people import make_person, signed_in

Frame = dict[str, Any]


class Watcher:
    """A socket of the live feed."""

    def __init__(self, conversation_id: UUID, *, after: int | None = None, **headers: str) -> None:
        query = "" if after is None else f"?after={after}"
        self.socket = WebsocketCommunicator(
            application,
            f"/ws/conversations/{conversation_id}/{query}",
            headers=[(b"host", b"localhost"), *((name.encode(), value.encode()) for name, value in headers.items())],
        )

    async def open(self) -> bool:
        return (await self.socket.connect(timeout=10))[0]

    async def next(self) -> Frame:
        frame: Frame = await self.socket.receive_json_from(timeout=10)
        return frame

    async def next_of(self, kind: str, fits: Callable[[Frame], bool] = lambda _: True) -> Frame:
        while True:
            frame = await self.next()
            if frame["type"] == kind and fits(frame):
                return frame

    async def close_code(self) -> int:
        while True:
            message = await self.socket.receive_output(timeout=10)
            if message["type"] == "websocket.close":
                return int(message["code"])


Watch = Callable[..., Watcher]


def sign_in(settings: Settings, *groups: str) -> tuple[Client, str]:
    """Sign Ann in, with the rights of these groups; give her client and her cookie."""
    client = signed_in(make_person("ann", *groups))
    return client, f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
