"""What a client may ask of the server that reads nothing, floods, or leaves: the server stays as it was."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.client import ClientConnection, connect

from rehearsal.config import ServerConfig
from rehearsal.server import RehearsalServer
from tests.rehearsal.wire import KEY, Running

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


async def test_the_session_of_a_client_that_flooded_and_left_ends() -> None:
    async with RehearsalServer(ServerConfig(api_key=KEY)).listening() as server:
        port = next(iter(server.sockets)).getsockname()[1]
        before = asyncio.all_tasks()
        async with unread(Running(port)) as connection:
            await flood(connection)

        left = [task for task in asyncio.all_tasks() - before if not task.done()]
        _, pending = await asyncio.wait(left, timeout=WAIT_S)

    assert not pending
