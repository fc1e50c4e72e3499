"""The door of the live feed: who may follow a call, and what closes the socket again."""

import asyncio
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import OperationalError
from pytest_django import Settings

from dispatchsim import consumers
from dispatchsim.asgi import application
from tests.backend.conftest import Call
from tests.backend.watching import Watch, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_viewer_may_follow(live_call: Call, watch: Watch, settings: Settings) -> None:
    _, cookie = await sync_to_async(sign_in)(settings, "viewers")
    watcher = watch(live_call.conversation.pk, cookie=cookie, origin="http://localhost")

    await watcher.open()

    assert (await watcher.next())["type"] == "status"


async def test_nobody_follows_without_signing_in(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk, cookie="", origin="http://localhost")
    await watcher.open()

    assert await watcher.close_code() == 4401


async def test_a_wrong_bearer_token_is_refused_even_with_a_good_session(
    live_call: Call, watch: Watch, settings: Settings
) -> None:
    _, cookie = await sync_to_async(sign_in)(settings, "viewers")
    watcher = watch(live_call.conversation.pk, cookie=cookie, origin="http://localhost", authorization="Bearer x")
    await watcher.open()

    assert await watcher.close_code() == 4401


async def test_a_person_without_the_right_is_refused(live_call: Call, watch: Watch, settings: Settings) -> None:
    _, cookie = await sync_to_async(sign_in)(settings)
    watcher = watch(live_call.conversation.pk, cookie=cookie, origin="http://localhost")
    await watcher.open()

    assert await watcher.close_code() == 4403


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost.evil.example", "http://localhost:81", ""])
async def test_a_socket_of_another_site_is_refused(
    live_call: Call, watch: Watch, settings: Settings, origin: str
) -> None:
    _, cookie = await sync_to_async(sign_in)(settings, "viewers")
    watcher = watch(live_call.conversation.pk, cookie=cookie, origin=origin)

    assert await watcher.open() is False


async def test_a_conversation_that_does_not_exist_closes_the_socket(db: None, watch: Watch) -> None:
    watcher = watch(uuid4())
    await watcher.open()

    assert await watcher.close_code() == 4404


async def test_signing_out_closes_the_socket(
    live_call: Call, watch: Watch, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "RECHECK_S", 0.1)
    client, cookie = await sync_to_async(sign_in)(settings, "viewers")
    watcher = watch(live_call.conversation.pk, cookie=cookie, origin="http://localhost")
    await watcher.open()

    await sync_to_async(client.logout)()

    assert await watcher.close_code() == 4401


async def test_a_database_that_fails_while_a_sign_in_is_looked_at_again_is_asked_once_more(
    live_call: Call, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "RECHECK_S", 0.1)
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("seen")
    answers = iter([OperationalError("database is locked"), True])
    asked_twice = asyncio.Event()
    loop = asyncio.get_running_loop()

    def is_api_token(_token: str) -> bool:
        answer = next(answers, True)
        if isinstance(answer, OperationalError):
            raise answer
        loop.call_soon_threadsafe(asked_twice.set)
        return True

    monkeypatch.setattr(consumers, "is_api_token", is_api_token)

    await asyncio.wait_for(asked_twice.wait(), 10)
    await sync_to_async(live_call.driver.say)("Still told.")
    assert (await watcher.next_of("turn", lambda one: one["turn"]["is_final"]))["turn"]["text"] == "Still told."


async def test_a_feed_that_breaks_closes_the_socket_so_that_pages_come_back(
    live_call: Call, watch: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def find_nothing(*_arguments: object, **_rest: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(consumers, "find_doings", find_nothing)
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    assert await watcher.close_code() == 4500
    assert "live feed stopped" in caplog.text


@pytest.mark.parametrize(
    ("frame", "code"), [("x" * 3000, 4413), ("{not json", 4400), (b"\x00\x01", 4400), ("[" * 2000, 4400)]
)
async def test_frames_that_no_page_sends_close_the_socket(
    live_call: Call, watch: Watch, frame: str | bytes, code: int
) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    text, data = (frame, None) if isinstance(frame, str) else (None, frame)
    await watcher.socket.send_to(text_data=text, bytes_data=data)

    assert await watcher.close_code() == code


@pytest.mark.parametrize(
    "name", ["BAD_FRAME", "TOO_BIG", "TOO_MANY", "NOT_SIGNED_IN", "NOT_ALLOWED", "NOT_FOUND", "NOT_HEARD_OF", "BROKEN"]
)
def test_a_close_code_is_one_that_the_server_can_send(name: str) -> None:
    """Daphne raises an error at the others, and the socket stays open."""
    assert 3000 <= getattr(consumers, name) <= 4999


async def test_a_flood_of_frames_closes_the_socket(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    for _ in range(40):
        await watcher.socket.send_json_to({"type": "here"})

    assert await watcher.close_code() == 4429


async def test_a_client_that_says_it_is_here_is_answered(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()

    await watcher.socket.send_json_to({"type": "here"})

    assert await watcher.next_of("here") == {"type": "here"}


async def test_frames_of_an_unknown_kind_are_let_pass(live_call: Call, watch: Watch) -> None:
    watcher = watch(live_call.conversation.pk)
    await watcher.open()
    await watcher.next_of("status")

    unknown: tuple[object, ...] = ({"type": "news from tomorrow"}, [], 3, None)
    for frame in unknown:
        await watcher.socket.send_json_to(frame)

    await sync_to_async(live_call.driver.say)("Still here.")
    assert (await watcher.next_of("turn", lambda one: one["turn"]["is_final"]))["turn"]["text"] == "Still here."


async def test_other_addresses_take_no_sockets(db: None) -> None:
    socket = WebsocketCommunicator(application, "/ws/anything/else/")

    assert (await socket.connect())[0] is False
