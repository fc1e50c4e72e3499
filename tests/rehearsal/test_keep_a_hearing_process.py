"""The hearing process seen from the server: it may fail to start, die, or end slowly, and nobody waits for ever."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import psutil
import pytest

from rehearsal import voice
from rehearsal.hearing.heard import NOTHING, Heard
from rehearsal.hearing.process import HearingProcess
from tests.rehearsal.wire import DISPATCHER, silence

WAIT_S = 20
ENDS_AT_ONCE = (sys.executable, "-S", "-c", "")
ENDS_LATE = (sys.executable, "-S", "-c", "import os, sys; os.close(1); sys.stdin.buffer.read()")
IS_MISSING = ("/nowhere/to/be/found",)
PIECE = bytes(4800)


class FakeClock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


Start = Callable[..., HearingProcess]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Make hearing processes that end with the test."""
    made: list[HearingProcess] = []

    def make(command: tuple[str, ...], *, clock: Callable[[], float] = time.monotonic) -> HearingProcess:
        made.append(HearingProcess(command, clock=clock))
        return made[-1]

    yield make
    for hearing in made:
        await hearing.close()


async def soon(heard: Awaitable[Heard]) -> Heard:
    return await asyncio.wait_for(heard, WAIT_S)


async def test_what_is_asked_while_a_dead_process_is_cleared_away_is_answered(start: Start) -> None:
    hearing = start(ENDS_LATE)
    ear = hearing.open_ear()
    ear.feed(PIECE)
    await soon(ear.finish())  # answered as soon as the process says no more; it has not ended yet

    is_ending = hearing.is_up
    heard = await soon(ear.finish())

    assert is_ending
    assert heard == NOTHING


async def test_what_is_asked_of_a_process_that_cannot_start_is_answered(start: Start) -> None:
    ear = start(IS_MISSING).open_ear()

    ear.feed(PIECE)

    assert await soon(ear.finish()) == NOTHING


async def test_a_process_that_dies_at_its_start_is_not_started_with_each_piece(start: Start) -> None:
    hearing = start(ENDS_AT_ONCE, clock=FakeClock())
    ear = hearing.open_ear()
    await dies(hearing)

    for _ in range(10):
        ear.feed(PIECE)

    assert (hearing.generation, hearing.is_up) == (1, False)


async def test_while_there_is_no_process_nothing_is_heard_at_once(start: Start) -> None:
    hearing = start(ENDS_AT_ONCE, clock=FakeClock())
    await dies(hearing)

    assert hearing.open_ear().finish().done()


async def test_a_process_is_started_again_after_a_rest_that_grows(start: Start) -> None:
    clock = FakeClock()
    hearing = start(IS_MISSING, clock=clock)
    rests_s = []
    for _ in range(7):
        await dies(hearing)
        died_at_s, generation = clock.now_s, hearing.generation
        while hearing.generation == generation:
            clock.now_s += 0.5
            hearing.warm_up()
        rests_s.append(clock.now_s - died_at_s)

    assert rests_s == [1, 2, 4, 8, 16, 30, 30]


async def dies(hearing: HearingProcess) -> None:
    """Start a process, if none is there, and wait until it is gone."""
    await soon(hearing.open_ear().finish())
    await soon(hearing.open_ear().finish())


async def test_a_hearing_process_that_dies_is_replaced() -> None:
    hearing = HearingProcess()
    ear = hearing.open_ear()
    ear.prepare(DISPATCHER)
    pcm = silence(300) + voice.speak("What's the commodity?", voice="ash") + silence(500)
    try:
        ear.feed(pcm)
        await asyncio.wait_for(ear.finish(), 30)
        ear.feed(pcm)
        lost = ear.finish()
        for child in psutil.Process().children():
            if "rehearsal.hearing.worker" in child.cmdline():
                child.kill()
        lost_heard = await asyncio.wait_for(lost, 30)
        while hearing.is_up:
            await asyncio.sleep(0.01)

        ear.feed(pcm)
        heard = await asyncio.wait_for(ear.finish(), 30)
    finally:
        await hearing.close()

    assert lost_heard.text in ("", "what's the commodity")
    assert heard.text == "what's the commodity"


async def test_closing_leaves_no_process() -> None:
    hearing = HearingProcess()
    hearing.warm_up()

    await hearing.close()

    assert not [child for child in psutil.Process().children() if "rehearsal.hearing.worker" in child.cmdline()]
