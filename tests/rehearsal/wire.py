"""A raw client of the rehearsal server whose every event passes the protocol checker."""

import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from rehearsal import voice
from rehearsal.audio import BYTES_PER_MS
from rehearsal.config import ServerConfig
from rehearsal.server import RehearsalServer
from tests.protocol_checker import ProtocolChecker

Json = dict[str, Any]
KEY = "key-for-tests"
PATIENT_S = 60.0
COMPLETED = "conversation.item.input_audio_transcription.completed"
FAILED = "conversation.item.input_audio_transcription.failed"
WRONG = "wrong-on-purpose"  # event_id of what is sent wrong

DISPATCHER = """You are Tim, a freight dispatcher, on a live phone call with Chris, a truck driver.

# Your part
role: dispatcher
name: Tim
peer_role: driver
peer_name: Chris
opens_the_call: yes

# Load sheet
commodity: frozen chicken
weight: 42,000 pounds
rate: $2,450
pickup time: 07:30
reference: L-4471

# How to end the call
Say goodbye, then call the function `end_call`.
"""
DRIVER = """You are Chris, a truck driver, on a live phone call with Tim, a freight dispatcher.

# Your part
role: driver
name: Chris
peer_role: dispatcher
peer_name: Tim
opens_the_call: no

# Load sheet
commodity: ?
weight: ?
rate: ?
pickup time: ?
reference: ?

# Your decision
decision: accept

# How to end the call
Say goodbye, then call the function `end_call`.
"""
END_CALL: Json = {
    "type": "function",
    "name": "end_call",
    "description": "Hang up.",
    "parameters": {"type": "object", "properties": {}, "required": []},
}


@dataclass(frozen=True)
class Running:
    """Where a server listens."""

    port: int

    @property
    def http_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"


@asynccontextmanager
async def running_server(**settings: Any) -> AsyncIterator[Running]:
    """Run a server that hears also what a busy machine lets it hear late."""
    async with RehearsalServer(ServerConfig(api_key=KEY, latest_s=PATIENT_S, **settings)).listening() as server:
        yield Running(port=next(iter(server.sockets)).getsockname()[1])


@dataclass
class Wire:
    """One open session."""

    connection: ClientConnection
    checker: ProtocolChecker = field(default_factory=ProtocolChecker)
    log: list[Json] = field(default_factory=list)  # what the server sent

    async def send(self, kind: str, **fields: Any) -> None:
        event = {"type": kind, **fields}
        self.checker.client_event(event)
        await self.connection.send(json.dumps(event))

    async def receive(self) -> Json:
        event: Json = json.loads(await self.connection.recv())
        self.checker.server_event(event)
        self.log.append(event)
        return event

    async def until(self, kind: str) -> Json:
        while (event := await self.receive())["type"] != kind:
            assert not (event["type"] == FAILED and kind == COMPLETED), f"nothing was heard: {event}"
        return event

    async def refused(self, frame: str) -> Json:
        """Send something wrong, unchecked; give the error that comes back."""
        self.checker.expect_refusal(WRONG)
        await self.connection.send(frame)
        error: Json = (await self.until("error"))["error"]
        return error

    async def update(self, **session: Any) -> Json:
        await self.send("session.update", session={"type": "realtime", **session})
        updated: Json = (await self.until("session.updated"))["session"]
        return updated

    async def hear(self, pcm: bytes) -> None:
        for chunk in chunks_of(pcm):
            await self.send("input_audio_buffer.append", audio=chunk)

    async def write(self, text: str) -> str:
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        await self.send("conversation.item.create", item=item)
        item_id: str = (await self.until("conversation.item.done"))["item"]["id"]
        return item_id

    async def respond(self, **response: Any) -> Json:
        await self.send("response.create", response=response)
        done: Json = (await self.until("response.done"))["response"]
        return done

    def types(self) -> list[str]:
        return [event["type"] for event in self.log]


@asynccontextmanager
async def open_wire(server: Running, *, model: str = "gpt-realtime") -> AsyncIterator[Wire]:
    headers = {"Authorization": f"Bearer {KEY}"}
    url = f"{server.ws_url}/v1/realtime?model={model}"
    async with connect(url, additional_headers=headers, max_size=None, proxy=None) as connection:
        wire = Wire(connection)
        await wire.until("session.created")
        yield wire
    wire.checker.assert_clean()


def speech(text: str, *, voice_name: str = "ash") -> bytes:
    """Speak with half a second of silence before and a second after."""
    return silence(500) + voice.speak(text, voice=voice_name) + silence(1000)


def silence(milliseconds: int) -> bytes:
    return bytes(milliseconds * BYTES_PER_MS)


def chunks_of(pcm: bytes, *, milliseconds: int = 100) -> Iterator[str]:
    size = milliseconds * BYTES_PER_MS
    for start in range(0, len(pcm), size):
        yield base64.b64encode(pcm[start : start + size]).decode()


def transcript_of(response: Json) -> str:
    content = response["output"][0]["content"][0]
    text: str = content.get("transcript") or content.get("text") or ""
    return text


def spoken_audio(events: list[Json]) -> bytes:
    deltas = (event["delta"] for event in events if event["type"] == "response.output_audio.delta")
    return b"".join(base64.b64decode(delta) for delta in deltas)
