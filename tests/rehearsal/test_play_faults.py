"""Faults are chosen by name, for the whole server or for one session."""

import asyncio
import json

import aiohttp
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from rehearsal.faults import Fault, FaultyMind, find_fault
from rehearsal.mind import Situation
from rehearsal.part import find_part
from rehearsal.script import Act, Step, next_line
from tests.rehearsal.wire import DISPATCHER, DRIVER, KEY, Running, open_wire, running_server, transcript_of


def replies(fault: Fault | None, instructions: str = DISPATCHER, *, count: int = 3) -> list[str]:
    mind = FaultyMind(fault)
    situation = Situation(instructions, (), "auto", ())
    lines = [mind.decide(situation).line for _ in range(count)]
    return ["" if line is None else line.text for line in lines]


def test_without_a_fault_the_part_is_spoken() -> None:
    assert replies(None)[0].startswith("Hi Chris, this is Tim")


def test_a_goodbye_loop_never_hangs_up() -> None:
    mind = FaultyMind(Fault.GOODBYE_LOOP)

    assert all(mind.decide(Situation(DRIVER, (), "auto", ())).call is None for _ in range(10))


def test_both_sides_of_an_echo_say_the_same() -> None:
    assert replies(Fault.ECHO, DISPATCHER) == replies(Fault.ECHO, DRIVER)


@pytest.mark.parametrize(
    ("fault", "spoken"),
    [
        (Fault.SILENCE, [True, False, False]),
        (Fault.LOST_ANSWER, [True, False, True]),
        (Fault.MUTE, [False, False, False]),
    ],
)
def test_which_replies_are_empty(fault: Fault, spoken: list[bool]) -> None:
    assert [bool(text) for text in replies(fault)] == spoken


def test_only_the_opener_begins_late() -> None:
    opener, other = (
        FaultyMind(Fault.BOTH_GREET).decide(Situation(part, (), "auto", ())) for part in (DISPATCHER, DRIVER)
    )

    assert (opener.delay_s > 0, other.delay_s) == (True, 0)


def test_a_model_told_to_wrap_up_says_goodbye() -> None:
    part = find_part(f"{DISPATCHER}\n\n# Wrap up now\nTwo turns are left.")

    line = next_line(part, said=[Step(Act.GREET), Step(Act.FACT, 0)], is_addressed=True)

    assert "goodbye" in line.text


@pytest.mark.parametrize(
    ("server_fault", "model", "begins_with"),
    [
        (None, "rehearsal:echo", "Hello, can you hear me"),
        (Fault.GOODBYE_LOOP, "rehearsal:echo", "Hello, can you hear me"),
        (Fault.GOODBYE_LOOP, "rehearsal", "Okay, goodbye."),
        (None, "rehearsal", "Hi Chris, this is Tim"),
    ],
)
async def test_a_session_plays_the_fault_of_its_model_before_the_servers(
    server_fault: Fault | None, model: str, begins_with: str
) -> None:
    async with running_server(fault=server_fault) as running, open_wire(running, model=model) as wire:
        await wire.update(instructions=DISPATCHER)
        spoken = await wire.respond()

    assert transcript_of(spoken).startswith(begins_with)


async def test_an_unknown_fault_is_refused_with_the_names_of_those_there_are(server: Running) -> None:
    address = f"{server.http_url}/v1/realtime?model=rehearsal:nonsense"
    async with aiohttp.ClientSession() as client:
        answer = await client.get(address, headers={"Authorization": f"Bearer {KEY}"})
        body = await answer.json()

    assert (answer.status, body["error"]["param"]) == (400, "model")
    assert "goodbye-loop" in body["error"]["message"]


@pytest.mark.parametrize("fault", list(Fault))
def test_a_model_name_picks_a_fault(fault: Fault) -> None:
    assert find_fault(f"rehearsal:{fault.value}") is fault


@pytest.mark.parametrize("model", ["rehearsal", "gpt-realtime", "rehearsal:", "rehearsal:sunshine", "ft:stall"])
def test_other_model_names_pick_none(model: str) -> None:
    assert find_fault(model) is None


@pytest.mark.parametrize(("fault", "status"), [(Fault.BAD_KEY, 401), (Fault.TOO_MANY_REQUESTS, 429), (Fault.DOWN, 500)])
async def test_a_session_can_be_turned_away(server: Running, fault: Fault, status: int) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        await connect_to(server, fault)

    assert refusal.value.response.status_code == status


async def test_a_session_can_be_closed_as_soon_as_it_is_open(server: Running) -> None:
    async with await connect_to(server, Fault.ACCEPT_AND_CLOSE) as connection:
        frames = [frame async for frame in connection]

    assert len(frames) <= 1


async def test_a_stalled_session_says_three_pieces_of_sound_and_nothing_more(server: Running) -> None:
    async with await connect_to(server, Fault.STALL) as connection:
        kinds = await kinds_of_a_response(connection, until="response.output_audio.delta", count=3)

        assert "response.done" not in kinds
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(until_nothing_comes(connection), 0.3)


async def test_a_failed_response_tells_its_code(server: Running) -> None:
    async with await connect_to(server, Fault.QUOTA) as connection:
        await connection.send(json.dumps({"type": "response.create"}))
        while (event := json.loads(await connection.recv()))["type"] != "response.done":
            pass

    assert (event["response"]["status"], event["response"]["status_details"]["error"]["code"]) == (
        "failed", "insufficient_quota",
    )  # fmt: skip


async def until_nothing_comes(connection: ClientConnection) -> None:
    while "done" not in json.loads(await connection.recv())["type"]:
        pass


async def connect_to(server: Running, fault: Fault) -> ClientConnection:
    url = f"{server.ws_url}/v1/realtime?model=rehearsal:{fault.value}"
    return await connect(url, additional_headers={"Authorization": f"Bearer {KEY}"}, max_size=None, proxy=None)


async def kinds_of_a_response(connection: ClientConnection, *, until: str, count: int) -> list[str]:
    """Ask for a response and read until an event has come so often."""
    session = {"type": "realtime", "instructions": DISPATCHER}
    await connection.send(json.dumps({"type": "session.update", "session": session}))
    await connection.send(json.dumps({"type": "response.create"}))
    kinds: list[str] = []
    while kinds.count(until) < count:
        kinds.append(json.loads(await connection.recv())["type"])
    return kinds
