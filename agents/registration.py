"""Tell the web side which agent servers stand ready: LiveKit cannot list them."""

import asyncio
import logging
import os
import socket
import uuid
from collections.abc import Awaitable, Callable
from typing import Literal

import aiohttp
from livekit.agents import AgentServer

from agents.config import ServerConfig
from agents.leftovers import deliver_left_behind
from agents.waiting import is_set_within
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import AgentServerHeartbeat

INTERVAL_S = 5.0
REQUEST_S = 3.0

ServerState = Literal["ready", "draining", "stopped"]
logger = logging.getLogger("agents.registration")


class Registration:
    """Heartbeat of one agent server, from its registration with LiveKit until it stops."""

    def __init__(
        self,
        config: ServerConfig,
        role: Role,
        *,
        is_connected: Callable[[], bool],
        active_jobs: Callable[[], int],
        deliver: Callable[[], Awaitable[None]] = deliver_left_behind,
    ) -> None:
        self._config = config
        self._role = role
        self._is_connected = is_connected
        self._active_jobs = active_jobs
        self._server_id = uuid.uuid4().hex
        self._state: ServerState = "ready"
        self._deliver = deliver
        self._task: asyncio.Task[None] | None = None
        self._delivery: asyncio.Task[None] | None = None
        self._is_delivery_well = True
        self._wakened = asyncio.Event()
        self._is_reached = True

    def on_registered(self, *_: object) -> None:
        """Begin to tell, or tell at once after a reconnect."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"registration-{self._role}")
        self._wakened.set()

    def on_draining(self) -> None:
        """Tell that no new calls are taken."""
        self._state = "draining"
        self._wakened.set()

    async def aclose(self) -> None:
        """Tell that this server is gone."""
        if self._task is None:
            return
        tasks = [task for task in (self._task, self._delivery) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._task = None
        self._state = "stopped"
        async with self._session() as http:
            await self._tell(http)

    async def _run(self) -> None:
        async with self._session() as http:
            while True:
                self._wakened.clear()
                # Without LiveKit no job can reach this server: it does not say that it is ready.
                if self._is_connected() or self._state != "ready":
                    await self._tell(http)
                if self._is_reached and (self._delivery is None or self._delivery.done()):
                    # Beside the heartbeat, which neither a slow web side nor a broken file may stop.
                    self._delivery = asyncio.create_task(self._deliver_beside(), name=f"leftovers-{self._role}")
                await is_set_within(self._wakened, INTERVAL_S)

    async def _deliver_beside(self) -> None:
        try:
            await self._deliver()
        except Exception:
            # The outermost loop of a server: told once, and tried again with the next heartbeat.
            if self._is_delivery_well:
                logger.exception("events that were left behind cannot be delivered", extra={"role": self._role})
            self._is_delivery_well = False
        else:
            self._is_delivery_well = True

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=REQUEST_S),
            headers={"Authorization": f"Bearer {self._config.agents_key}", "Content-Type": "application/json"},
        )

    async def _tell(self, http: aiohttp.ClientSession) -> None:
        url = f"{self._config.web_url}/api/v1/ingest/agent-servers"
        was_reached, self._is_reached = self._is_reached, False
        problem: object = None
        try:
            async with http.post(url, data=self._heartbeat().model_dump_json()) as response:
                self._is_reached = response.status < 300
                problem = f"status {response.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            problem = type(error).__name__
        if was_reached and not self._is_reached:
            logger.warning("the web side does not take the registration", extra={"role": self._role, "error": problem})
        elif self._is_reached and not was_reached:
            logger.info("the web side takes the registration again", extra={"role": self._role})

    def _heartbeat(self) -> AgentServerHeartbeat:
        return AgentServerHeartbeat(
            server_id=self._server_id,
            role=self._role,
            host=socket.gethostname()[:200],
            pid=os.getpid(),
            state=self._state,
            active_jobs=self._active_jobs(),
        )


def is_connected(server: AgentServer) -> bool:
    """Say whether the server is registered with LiveKit just now."""
    # The SDK tells of each registration but not of a loss; this flag is set while it reconnects.
    return not bool(getattr(server, "_connecting", False))
