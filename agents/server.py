"""Agent servers: built for a role, run together in one event loop, and stopped in order.

SIGTERM ──► draining: no new calls, up to DISPATCHSIM_DRAIN_S ──► stop
SIGINT  ──► stop: every call ends at once, all gone within 15 s
a signal while draining ──► stop; a signal while stopping ──► out, whatever is left
"""

import asyncio
import contextlib
import logging
import math
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from typing import Any

from livekit.agents import NOT_GIVEN, AgentServer, JobExecutorType, JobRequest, NotGivenOr, WorkerPermissions
from livekit.rtc._ffi_client import FfiClient
from pydantic import ValidationError

from agents.call import entrypoint
from agents.config import ServerConfig, prepare_job_environment
from agents.registration import Registration, is_connected
from dispatchsim.domain.brief import ConversationBrief
from dispatchsim.domain.conversation import Role

STOP_S = 11.0  # then the rest is killed: all must be gone within 15 s
JOB_STOP_S = 6.0  # a job says goodbye to the web side in this time
MAX_JOBS = 1000  # load is told as a share of this; the true cap is where calls are launched
IDLE_PROCESSES = 1  # warm, per role; each costs memory

logger = logging.getLogger("agents.server")


class RegisteredServer(AgentServer):
    """Agent server that tells the web side of itself, and whose jobs inherit only what they need."""

    registration: Registration | None = None

    async def run(self, *, devmode: bool = False, unregistered: bool = False) -> None:
        """Clean the environment, then run: job processes are started from here on."""
        prepare_job_environment()
        await super().run(devmode=devmode, unregistered=unregistered)

    async def drain(self, timeout: NotGivenOr[int | None] = NOT_GIVEN) -> None:  # noqa: ASYNC109  (the SDK's)
        """Take no new jobs and wait for those that run."""
        if self.registration is not None:
            self.registration.on_draining()
        await super().drain(timeout)

    async def aclose(self) -> None:
        """End everything and say so."""
        await super().aclose()
        if self.registration is not None:
            await self.registration.aclose()


def build_server(
    role: Role,
    config: ServerConfig,
    *,
    executor: JobExecutorType = JobExecutorType.PROCESS,
) -> RegisteredServer:
    """Build the agent server of a role."""
    server = RegisteredServer(
        job_executor_type=executor,
        # CPU load must not lose a dispatch: the cap of calls belongs where they are launched.
        load_fnc=_job_load,
        load_threshold=math.inf,
        drain_timeout=math.ceil(config.drain_s),
        num_idle_processes=IDLE_PROCESSES,
        shutdown_process_timeout=JOB_STOP_S,
        session_end_timeout=5.0,
        initialize_process_timeout=30.0,
        permissions=WorkerPermissions(can_publish=True, can_subscribe=True, can_publish_data=True, hidden=False),
        max_retry=2**31,  # LiveKit may come up later than the agents, or come back after hours
        ws_url=config.livekit_url,
        api_key=config.livekit_api_key,
        api_secret=config.livekit_api_secret,
        host="127.0.0.1",
        port=0,
        preload_modules=["agents.warm_up"],
        log_level="INFO",
    )
    server.rtc_session(entrypoint, agent_name=role.value, on_request=Doorkeeper(lambda: _rooms_of(server)).on_request)
    server.registration = Registration(
        config, role, is_connected=lambda: is_connected(server), active_jobs=lambda: len(server.active_jobs)
    )
    server.on("worker_registered", server.registration.on_registered)
    return server


class Doorkeeper:
    """Take each job once, under the fixed identity of its role."""

    def __init__(self, running_rooms: Callable[[], set[str]]) -> None:
        self._running_rooms = running_rooms
        self._taking: set[str] = set()

    async def on_request(self, request: JobRequest) -> None:
        """Accept a job, or refuse one that has no valid brief or is a second one for its room.

        A second agent of a role would evict the first, and LiveKit then ends the job of the second.
        """
        brief = _find_brief(request)
        room = request.room.name
        if brief is None or room in self._taking | self._running_rooms():
            logger.warning("job refused", extra={"job_id": request.id, "conversation_id": room})
            await request.reject()
            return
        self._taking.add(room)
        try:
            # Returns once the job is launched: from then on it is among the running ones.
            await request.accept(identity=brief.identity, name=brief.display_name)
        finally:
            self._taking.discard(room)


def _find_brief(request: JobRequest) -> ConversationBrief | None:
    try:
        return ConversationBrief.model_validate_json(request.job.metadata)
    except ValidationError as error:
        logger.error(
            "job without a valid brief", extra={"job_id": request.id, "error": f"{error.error_count()} faults"}
        )
        return None


def _rooms_of(server: AgentServer) -> set[str]:
    return {info.job.room.name for info in server.active_jobs}


async def serve(roles: Sequence[Role], config: ServerConfig, *, executor: JobExecutorType) -> int:
    """Run the servers of these roles until a signal says to stop; return the exit code."""
    if executor is JobExecutorType.THREAD:
        # Made lazily and without a lock: two first jobs at once would make two and panic.
        _ = FfiClient.instance
    fleet = [build_server(role, config, executor=executor) for role in roles]
    stop = _Signals()
    runs = [asyncio.create_task(server.run(), name="agent-server") for server in fleet]
    stopped = asyncio.create_task(stop.asked.wait())
    everything: list[asyncio.Task[Any]] = [stopped, *runs]
    await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
    if stop.is_graceful:
        await _drain(fleet, config.drain_s, stop)
    await _stop(fleet, runs)
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    return 0 if stop.asked.is_set() else 1


class _Signals:
    """SIGTERM and SIGINT, turned into events."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.hurry = asyncio.Event()
        self.is_graceful = False
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal, number)

    def _on_signal(self, number: signal.Signals) -> None:
        logger.info("asked to stop", extra={"reason": number.name})
        if not self.asked.is_set():
            self.is_graceful = number == signal.SIGTERM
            self.asked.set()
        elif self.is_graceful and not self.hurry.is_set():
            self.hurry.set()
        else:
            _kill_children()
            os._exit(0)


async def _drain(fleet: Sequence[RegisteredServer], drain_s: float, stop: _Signals) -> None:
    drains = asyncio.gather(*(server.drain(timeout=None) for server in fleet), return_exceptions=True)
    hurry = asyncio.create_task(stop.hurry.wait())
    waited: list[asyncio.Future[Any]] = [drains, hurry]
    await asyncio.wait(waited, timeout=drain_s, return_when=asyncio.FIRST_COMPLETED)
    # A drain holds the server's lock: it must be over before the server can be closed.
    for work in waited:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


async def _stop(fleet: Sequence[RegisteredServer], runs: Sequence[asyncio.Task[None]]) -> None:
    for run in runs:
        if run.done() and not run.cancelled() and (error := run.exception()):
            logger.error("agent server failed", extra={"error": error})
    stops = asyncio.gather(*(server.aclose() for server in fleet), return_exceptions=True)
    try:
        await asyncio.wait_for(stops, STOP_S)
    except TimeoutError:
        logger.error("jobs did not stop in time and are killed")
        _kill_children()
    for run in runs:
        run.cancel()
    await asyncio.gather(*runs, return_exceptions=True)


def _job_load(server: AgentServer) -> float:
    return min(len(server.active_jobs) / MAX_JOBS, 0.99)


def _kill_children() -> None:
    for child in multiprocessing.active_children():
        child.kill()
