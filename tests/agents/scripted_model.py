"""A Realtime server that says just what a test tells it to: for orders of events that no rehearsal brings about."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from livekit.agents import AgentSession
from livekit.plugins.openai.realtime import RealtimeModel
from websockets.asyncio.server import ServerConnection, serve

from agents.config import VoiceEndpoint
from agents.talking import TalkingAgent, bounded, build_session, listen_to_loudspeaker
from dispatchsim.domain.brief import ConversationBrief, TurnDetection
from tests.agents.briefs import build_brief, build_voice
from tests.agents.lone_agent import WAIT_S, LoneAgent

Json = dict[str, Any]
SECOND = base64.b64encode(b"\1\0" * 24_000).decode()


@dataclass
class ScriptedModel:
    """One side of one connection; it answers only when it is told to."""

    connections: list[ServerConnection] = field(default_factory=list)
    _requested: asyncio.Event = field(default_factory=asyncio.Event)
    _sent: int = 0
    _metadata: Json | None = None
    _response: Json = field(default_factory=dict)
    _item: Json = field(default_factory=dict)

    async def handle(self, connection: ServerConnection) -> None:
        """Confirm settings and note what is asked for."""
        self.connections.append(connection)
        await self.send("session.created", session={})
        async for message in connection:
            event = json.loads(message)
            if event["type"] == "session.update":
                await self.send("session.updated", session=event["session"])
            elif event["type"] == "response.create":
                self._metadata = event["response"].get("metadata")
                self._requested.set()

    async def until_requested(self) -> None:
        """Wait until an answer is asked for."""
        await asyncio.wait_for(self._requested.wait(), WAIT_S)

    async def send(self, kind: str, **fields: Any) -> None:
        """Send one event."""
        self._sent += 1
        await self.connections[-1].send(json.dumps({"type": kind, "event_id": f"event_{self._sent}", **fields}))

    async def begin(self, name: str, text: str, *, seconds: int, is_asked_for: bool) -> None:
        """Begin a response with all of its sound."""
        metadata = self._metadata if is_asked_for else None
        self._response = {"id": f"resp_{name}", "object": "realtime.response", "output": [], "metadata": metadata}
        self._item = {"id": name, "object": "realtime.item", "type": "message", "role": "assistant", "content": []}
        place = {"response_id": f"resp_{name}", "output_index": 0}
        part = {**place, "item_id": name, "content_index": 0}
        await self.send("response.created", response=self._response | {"status": "in_progress"})
        await self.send("response.output_item.added", **place, item=self._item)
        await self.send("conversation.item.added", previous_item_id=None, item=self._item)
        await self.send("response.content_part.added", **part, part={"type": "audio", "transcript": ""})
        await self.send("response.output_audio_transcript.delta", **part, delta=text)
        for _ in range(seconds):
            await self.send("response.output_audio.delta", **part, delta=SECOND)
        await self.send("response.output_audio.done", **part)

    async def complete(self) -> None:
        """End the response."""
        place = {"response_id": self._response["id"], "output_index": 0}
        await self.send("response.output_item.done", **place, item=self._item | {"status": "completed"})
        await self.send("response.done", response=self._response | {"status": "completed", "output": [self._item]})

    async def hear(self) -> None:
        """Say that the peer spoke."""
        await self.send("input_audio_buffer.speech_started", item_id="heard", audio_start_ms=0)
        await self.send("input_audio_buffer.speech_stopped", item_id="heard", audio_end_ms=500)


@asynccontextmanager
async def talking_to(
    model: ScriptedModel, detection: TurnDetection | None = None
) -> AsyncIterator[tuple[LoneAgent, AgentSession[None], ConversationBrief]]:
    """Run an agent whose voice model follows a script."""
    brief = build_brief(voice=build_voice(turn_detection=detection or TurnDetection()))
    agent = LoneAgent(brief)
    async with serve(model.handle, "127.0.0.1", 0) as server:
        port = int(next(iter(server.sockets)).getsockname()[1])
        session = build_session(brief, VoiceEndpoint(f"http://127.0.0.1:{port}/v1", "key"), agent.wire)
        session.input.audio, session.output.audio = agent.microphone, agent.loudspeaker
        await session.start(TalkingAgent("x", lambda context: None), session_host=False, record=False)
        listen_to_loudspeaker(session, agent)
        try:
            yield agent, session, brief
        finally:
            await bounded(session.aclose(), WAIT_S)
            llm = session.llm
            assert isinstance(llm, RealtimeModel)
            await llm.aclose()
