"""A stub of the web side: the ingest API, which keeps what the agents report."""

import asyncio
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from types import TracebackType

from aiohttp import web

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import (
    AgentEvent,
    AgentServerHeartbeat,
    BatchAcknowledged,
    EventBatch,
)
from tests.agents.ports import free_port

AGENTS_KEY = "agents-key-for-tests-" + "a" * 40


@dataclass
class ReportedCall:
    """What the agents of one call told the stub."""

    call_id: uuid.UUID
    events: list[tuple[Role, AgentEvent]] = field(default_factory=list)
    stored: dict[Role, int] = field(default_factory=lambda: defaultdict(int))

    def of(self, role: Role) -> list[AgentEvent]:
        """Return the events of one role."""
        return [event for who, event in self.events if who is role]


class StubWeb:
    """Ingest of the web side: acknowledges what has no hole and keeps it."""

    def __init__(self) -> None:
        self.calls: dict[uuid.UUID, ReportedCall] = {}
        self.heartbeats: list[AgentServerHeartbeat] = []
        self.is_away = False
        self.changed = asyncio.Event()
        self.port = free_port()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "StubWeb":
        app = web.Application()
        app.router.add_post("/api/v1/ingest/agent-servers", self.take_heartbeat)
        app.router.add_post("/api/v1/ingest/{call}/events", self.take_events)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def take_heartbeat(self, request: web.Request) -> web.Response:
        """Keep a heartbeat."""
        if request.headers.get("Authorization") != f"Bearer {AGENTS_KEY}":
            return web.Response(status=401)
        self.heartbeats.append(AgentServerHeartbeat.model_validate_json(await request.read()))
        self.changed.set()
        return web.Response(status=204)

    async def take_events(self, request: web.Request) -> web.Response:
        """Store a batch as far as it is without a hole."""
        if self.is_away:
            return web.Response(status=503)
        call = self.calls.get(uuid.UUID(request.match_info["call"]))
        if call is None:
            return web.Response(status=404)
        batch = EventBatch.model_validate_json(await request.read())
        for event in batch.events:
            if event.seq == call.stored[batch.role] + 1:
                call.stored[batch.role] += 1
                call.events.append((batch.role, event))
        answer = BatchAcknowledged(acknowledged=call.stored[batch.role])
        return web.json_response(text=answer.model_dump_json())
