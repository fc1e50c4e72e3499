"""Two sessions on two servers, wired to each other by nothing but sound, hold a whole call."""

import pytest_asyncio

from tests.rehearsal.wire import (
    DISPATCHER,
    DRIVER,
    END_CALL,
    Json,
    Wire,
    open_wire,
    running_server,
    silence,
    spoken_audio,
    transcript_of,
)

FACTS = ("frozen chicken", "42,000 pounds", "$2,450", "07:30", "L-4471")
Call = list[tuple[str, Json]]


async def speak(wire: Wire, listener: Wire) -> Json:
    """Wait for the response and carry its sound over, with the silence around it."""
    begin = len(wire.log)
    done: Json = (await wire.until("response.done"))["response"]
    await listener.hear(silence(300) + spoken_audio(wire.log[begin:]) + silence(800))
    return done


async def hold_call(dispatcher: Wire, driver: Wire) -> Call:
    """Let the dispatcher open; feed each what the other one said until one hangs up."""
    call: Call = []
    await dispatcher.send("response.create")
    for number in range(40):
        speaker, listener = (dispatcher, driver) if number % 2 == 0 else (driver, dispatcher)
        done = await speak(speaker, listener)
        call.append(("dispatcher" if speaker is dispatcher else "driver", done))
        if any(item["type"] == "function_call" for item in done["output"]):
            return call
    raise AssertionError("nobody hung up")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def call() -> Call:
    """Hold the call once for all tests."""
    async with (
        running_server() as one,
        running_server() as other,
        open_wire(one) as dispatcher,
        open_wire(other) as driver,
    ):
        await dispatcher.update(instructions=DISPATCHER, tools=[END_CALL], audio={"output": {"voice": "cedar"}})
        await driver.update(instructions=DRIVER, tools=[END_CALL], audio={"output": {"voice": "ash"}})
        return await hold_call(dispatcher, driver)


async def test_they_talk_to_the_end(call: Call) -> None:
    assert len(call) >= 10
    assert call[-1][1]["output"][-1]["name"] == "end_call"


async def test_each_fact_is_told(call: Call) -> None:
    """In the order in which the driver asks, which is the driver's own."""
    told = " ".join(transcript_of(done) for speaker, done in call if speaker == "dispatcher")

    assert [fact for fact in FACTS if fact not in told] == []


async def test_each_turn_is_answered_once(call: Call) -> None:
    assert all(done["status"] == "completed" for _, done in call)
