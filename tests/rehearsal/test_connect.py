"""Who may connect, and what a connection survives."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openai import AsyncOpenAI, AuthenticationError
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus

from rehearsal.decode import parse_event, parse_frame
from rehearsal.errors import ProtocolError
from tests.rehearsal.wire import KEY, Running, Wire, open_wire, running_server

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
TYPES = (
    *("session.update", "input_audio_buffer.append", "input_audio_buffer.commit", "input_audio_buffer.clear"),
    *("conversation.item.create", "conversation.item.delete", "conversation.item.retrieve"),
    *("conversation.item.truncate", "response.create", "response.cancel", "nonsense"),
)
KEYS = ("session", "audio", "item", "item_id", "response", "previous_item_id", "audio_end_ms", "content_index")
EVENTS = st.builds(
    lambda kind, fields: {**fields, "type": kind},
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4),
)


@pytest.fixture
async def http(server: Running) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.http_url) as client:
        yield client


async def test_a_probe_needs_no_key(http: aiohttp.ClientSession) -> None:
    answer = await http.get("/healthz")

    assert answer.status == 200


async def test_a_wrong_key_is_told_in_openais_form(http: aiohttp.ClientSession) -> None:
    answer = await http.get("/v1/models", headers={"Authorization": "Bearer wrong"})

    assert answer.status == 401
    assert (await answer.json())["error"]["code"] == "invalid_api_key"


async def test_an_unknown_path_is_not_found(http: aiohttp.ClientSession) -> None:
    answer = await http.get("/v1/chat", headers={"Authorization": f"Bearer {KEY}"})

    assert answer.status == 404


async def test_the_official_client_takes_a_wrong_key_for_what_it_is(server: Running) -> None:
    async with AsyncOpenAI(api_key="wrong", base_url=f"{server.http_url}/v1", max_retries=0) as client:
        with pytest.raises(AuthenticationError):
            await client.models.list()


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": KEY}])
async def test_a_stranger_gets_no_session(server: Running, headers: dict[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"{server.ws_url}/v1/realtime", additional_headers=headers, proxy=None):
            pass

    assert refused.value.response.status_code == 401


async def test_the_model_asked_for_is_the_model_told(server: Running) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    url = f"{server.ws_url}/v1/realtime?model=gpt-realtime-mini"

    async with connect(url, additional_headers=headers, proxy=None) as connection:
        created = json.loads(await connection.recv())

    assert created["session"]["model"] == "gpt-realtime-mini"


async def test_bad_json_is_an_error_and_no_end(wire: Wire) -> None:
    error = await wire.refused("{not json")

    assert error["code"] == "invalid_json"
    assert await wire.update()


@pytest.mark.parametrize("frame", ["[]", '"text"', "3", "null", "", '{"a": "\\ud800"}', "[" * 100_000])
async def test_anything_but_an_object_is_an_error(wire: Wire, frame: str) -> None:
    error = await wire.refused(frame)

    assert error["code"] == "invalid_json"


async def test_an_unknown_event_is_refused_with_the_known_ones(wire: Wire) -> None:
    error = await wire.refused('{"type": "response.sing", "event_id": null}')

    assert (error["code"], error["param"]) == ("invalid_value", "type")
    assert "session.update" in error["message"]


async def test_an_event_without_type_is_refused(wire: Wire) -> None:
    error = await wire.refused("{}")

    assert error["code"] == "missing_required_parameter"


async def test_an_oversized_frame_closes_the_connection() -> None:
    async with running_server(max_frame_bytes=10_000) as server, open_wire(server) as wire:
        await wire.connection.send("x" * 10_001)

        with pytest.raises(ConnectionClosedError) as closed:
            await wire.receive()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


async def test_a_session_expires() -> None:
    async with running_server(session_limit_s=0.05) as server, open_wire(server) as wire:
        error = (await wire.until("error"))["error"]

        with pytest.raises((ConnectionClosedOK, ConnectionClosedError)):
            await wire.receive()

    assert error["code"] == "session_expired"


async def test_a_client_that_leaves_in_the_middle_leaves_the_server_alive(slow_server: Running) -> None:
    async with open_wire(slow_server) as wire:
        await wire.send("response.create")
        await wire.until("response.output_audio.delta")

    async with open_wire(slow_server) as next_wire:
        assert await next_wire.update()


async def test_a_stopping_server_tells_its_clients() -> None:
    async with running_server() as server:
        headers = {"Authorization": f"Bearer {KEY}"}
        connection = await connect(f"{server.ws_url}/v1/realtime", additional_headers=headers, proxy=None)

    await connection.wait_closed()
    assert connection.close_code == 1001


def refused_code(frame: str) -> str | None:
    """Give the code of the error; whatever else is raised fails the test."""
    try:
        parse_event(parse_frame(frame))
    except ProtocolError as error:
        return error.code
    return None


@given(event=EVENTS)
def test_garbage_is_refused_with_a_code(event: dict[str, object]) -> None:
    assert refused_code(json.dumps(event)) != ""


@given(frame=st.text())
def test_text_that_is_no_event_is_refused(frame: str) -> None:
    assert refused_code(frame) is not None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(events=st.lists(EVENTS, min_size=1, max_size=8))
async def test_a_connection_survives_garbage(server: Running, events: list[dict[str, object]]) -> None:
    async with open_wire(server) as wire:
        for event in events:
            await wire.connection.send(json.dumps(event))

        await wire.write("still here")
