"""`python -m rehearsal` as a process of its own."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest

from tests.rehearsal.wire import DISPATCHER, KEY, Running, open_wire

WAIT_S = 20


@dataclass
class ServerProcess:
    """A running server and what it logged so far."""

    process: asyncio.subprocess.Process
    running: Running
    log: list[str] = field(default_factory=list)

    async def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        _, rest = await asyncio.wait_for(self.process.communicate(), WAIT_S)
        self.log.append(rest.decode())
        code = self.process.returncode
        assert code is not None
        return code


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "REHEARSAL_API_KEY"}
    return {**kept, **more}


async def start(**variables: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rehearsal", "--host", "127.0.0.1", "--port", "0"),
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment(**variables),
    )


@asynccontextmanager
async def started() -> AsyncIterator[ServerProcess]:
    process = await start(REHEARSAL_API_KEY=KEY)
    assert process.stderr is not None
    try:
        line = (await asyncio.wait_for(process.stderr.readline(), WAIT_S)).decode()
        port = re.search(r"port=(\d+)", line)
        assert port is not None, line
        yield ServerProcess(process, Running(int(port[1])), [line])
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_it_cleanly(number: signal.Signals) -> None:
    async with started() as server:
        assert await server.stop(number) == 0


async def test_it_says_when_it_is_ready() -> None:
    async with started() as server, aiohttp.ClientSession() as http:
        answer = await http.get(f"{server.running.http_url}/healthz")

        assert answer.status == 200


async def test_its_log_holds_neither_the_key_nor_a_word_that_was_said() -> None:
    async with started() as server:
        async with open_wire(server.running) as wire:
            await wire.write("purple elephants")
            await wire.respond(instructions=DISPATCHER)
        await server.stop(signal.SIGTERM)

        log = "".join(server.log)
        assert "session closed" in log
        assert not any(word in log for word in (KEY, "elephants", "Chris", "chicken"))


async def test_without_a_key_it_says_what_is_missing() -> None:
    process = await start()

    _, log = await asyncio.wait_for(process.communicate(), WAIT_S)

    assert process.returncode == 2
    assert "REHEARSAL_API_KEY" in log.decode()
