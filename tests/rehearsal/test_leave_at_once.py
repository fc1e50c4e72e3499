"""Sound leaves faster than real time: nothing waits between two pieces of it, unless the server is told to."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from rehearsal.audio import duration_ms
from tests.rehearsal.wire import DISPATCHER, Running, Wire, open_wire, spoken_audio

SOUND = "response.output_audio.delta"


@contextmanager
def clock_held_still() -> Iterator[None]:
    """Let no time pass for whoever sleeps in this loop, client and server alike; what is ready goes on."""
    loop = asyncio.get_running_loop()
    now = loop.time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "time", lambda: now)
        yield


@pytest.mark.timeout(30)  # whoever waits while the clock stands, waits for ever
async def test_a_whole_answer_leaves_while_the_clock_stands_still(wire: Wire) -> None:
    await wire.update(instructions=DISPATCHER)

    with clock_held_still():
        done = await wire.respond()

    assert done["status"] == "completed"
    assert duration_ms(spoken_audio(wire.log)) > 3000


async def test_a_server_with_a_pace_waits_after_each_piece(slow_server: Running) -> None:
    async with open_wire(slow_server) as wire:
        await wire.update(instructions=DISPATCHER)

        with clock_held_still():
            await wire.send("response.create")
            await wire.until(SOUND)
            await wire.update(instructions=DISPATCHER)  # by its answer everything before it has arrived

        assert wire.types().count(SOUND) == 1
