"""What a client may ask of the server that reads nothing, floods, or leaves: the server stays as it was."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from websockets.asyncio.client import ClientConnection, connect

from rehearsal.conversation import MOST_ITEMS, Conversation
from rehearsal.errors import ProtocolError
from rehearsal.item_bodies import InputText, UserMessage
from rehearsal.server import Outbox
from tests.rehearsal.wire import KEY, Running, open_wire, running_server

WAIT_S = 20
TEXT = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "word " * 10_000}]}
ITEM = json.dumps({"type": "conversation.item.create", "item": TEXT})


@asynccontextmanager
async def unread(server: Running) -> AsyncIterator[ClientConnection]:
    """Connect as somebody who reads nothing."""
    connection = await connect(
        f"{server.ws_url}/v1/realtime",
        additional_headers={"Authorization": f"Bearer {KEY}"},
        max_queue=1,
        ping_interval=None,
        proxy=None,
    )
    try:
        yield connection
    finally:
        connection.transport.abort()


async def flood(connection: ClientConnection) -> None:
    """Send what is answered at length, until the other side takes no more."""
    try:
        while True:
            async with asyncio.timeout(0.5):
                await connection.send(ITEM)
    except TimeoutError:
        return


async def until_no_session_is_left(before: set[asyncio.Task[None]]) -> bool:
    """Wait for what the server began since then; tell whether it ended."""
    left = [task for task in asyncio.all_tasks() - before if not task.done()]
    _, pending = await asyncio.wait(left, timeout=WAIT_S)
    return not pending


async def test_the_session_of_a_client_that_flooded_and_left_ends() -> None:
    async with running_server() as server:
        before = asyncio.all_tasks()
        async with unread(server) as connection:
            await flood(connection)

        assert await until_no_session_is_left(before)


async def test_a_session_that_expires_ends_though_its_client_reads_nothing() -> None:
    async with running_server(session_limit_s=1.0, grace_s=0.1) as server:
        before = asyncio.all_tasks()
        async with unread(server) as connection:
            await flood(connection)

            assert await until_no_session_is_left(before)


async def test_a_server_stops_though_a_client_reads_nothing() -> None:
    async with AsyncExitStack() as stays, asyncio.timeout(WAIT_S / 2), running_server(grace_s=0.1) as server:
        connection = await stays.enter_async_context(unread(server))
        await flood(connection)


class FakeConnection:
    """Takes a frame when it is told to."""

    def __init__(self) -> None:
        self.takes = asyncio.Event()

    async def send(self, message: str) -> None:
        await self.takes.wait()


async def has_room(outbox: Outbox) -> bool:
    """Tell whether the client's next event would be followed now."""
    waiting = asyncio.create_task(outbox.has_room())
    for _ in range(10):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    return not waiting.cancelled()


@pytest.mark.parametrize(("mebibytes", "expected"), [(3, True), (5, False)])
async def test_a_client_that_reads_nothing_waits_by_the_bytes_it_was_sent(mebibytes: int, expected: bool) -> None:
    outbox = Outbox(FakeConnection())
    sender = asyncio.create_task(outbox.drain())
    for _ in range(mebibytes):
        outbox.emit("conversation.item.retrieved", {"item": "x" * 1024 * 1024})

    assert await has_room(outbox) is expected
    sender.cancel()


async def test_a_client_that_reads_again_is_followed_again() -> None:
    connection = FakeConnection()
    outbox = Outbox(connection)
    sender = asyncio.create_task(outbox.drain())
    outbox.emit("conversation.item.retrieved", {"item": "x" * 5 * 1024 * 1024})

    connection.takes.set()

    assert await has_room(outbox)
    sender.cancel()


def said(text: str) -> UserMessage:
    return UserMessage(type="message", role="user", content=[InputText(type="input_text", text=text)])


def refusal(conversation: Conversation) -> str | None:
    with pytest.raises(ProtocolError) as refused:
        conversation.create(said("one more"), after=None)
    return refused.value.code


def test_a_conversation_takes_so_many_items_and_no_more() -> None:
    conversation = Conversation()
    for _ in range(MOST_ITEMS):
        conversation.create(said("word"), after=None)

    assert refusal(conversation) == "conversation_full"


def test_a_conversation_takes_so_much_text_and_no_more() -> None:
    conversation = Conversation()
    for _ in range(9):
        conversation.create(said("x" * 1_000_000), after=None)

    assert refusal(conversation) == "conversation_full"


def test_what_is_deleted_makes_room() -> None:
    conversation = Conversation()
    for _ in range(100):
        item, _ = conversation.create(said("x" * 1_000_000), after=None)
        conversation.delete(item.id)

    assert conversation.last_id is None


async def test_a_turn_that_finds_no_room_is_refused_and_the_session_lives_on() -> None:
    async with running_server() as server, open_wire(server) as wire:
        for _ in range(9):
            await wire.write("x" * 1_000_000)

        error = await wire.refused(json.dumps({"type": "response.create"}))

        assert error["code"] == "conversation_full"
        assert await wire.update()


async def test_of_too_many_sessions_the_last_is_turned_away() -> None:
    async with running_server(most_sessions=1) as server, open_wire(server), aiohttp.ClientSession() as http:
        answer = await http.get(f"{server.http_url}/v1/realtime", headers={"Authorization": f"Bearer {KEY}"})

        assert answer.status == 429
        assert (await answer.json())["error"]["code"] == "too_many_sessions"


async def test_a_session_that_ended_makes_room_for_the_next() -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    async with running_server(most_sessions=1) as server, aiohttp.ClientSession(headers=headers) as http:
        async with open_wire(server):
            pass

        while (await http.get(f"{server.http_url}/v1/realtime")).status == 429:
            pass  # the session ends a moment after its connection
        async with open_wire(server) as wire:
            assert await wire.update()
