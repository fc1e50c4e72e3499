"""LiveKit, rehearsal and both agent servers, with a stub of the web side."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

from livekit import api

from dispatchsim.bootstrap.media_server import find_server
from dispatchsim.domain.brief import ConversationBrief
from dispatchsim.domain.control import RoomControl
from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.events import (
    AgentLeft,
    AgentReady,
    HangUpRequested,
)
from tests.agents.briefs import NAMES, build_brief, build_voice
from tests.agents.ports import free_port, wait_for_port
from tests.agents.stub_web import AGENTS_KEY, ReportedCall, StubWeb

ROOT = Path(__file__).resolve().parents[2]
SECRET = "livekit-secret-for-tests-" + "l" * 40
REHEARSAL_KEY = "rehearsal-key-for-tests-" + "r" * 40
FACTS = (
    ("commodity", "frozen chicken"),
    ("weight", "42,000 pounds"),
    ("pickup", "Dallas at 8 in the morning"),
    ("rate", "2,150 dollars"),
)


class CallStack:
    """The processes of a call."""

    def __init__(self, stub: StubWeb, *, executor: str = "process") -> None:
        self.stub = stub
        self.executor = executor
        self.livekit_port = free_port()
        self.rehearsal_port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="dispatchsim-agents-"))
        self.processes: dict[str, asyncio.subprocess.Process] = {}

    @property
    def environ(self) -> dict[str, str]:
        """Environment of the processes."""
        return {
            **os.environ,
            "LIVEKIT_URL": f"ws://127.0.0.1:{self.livekit_port}",
            "LIVEKIT_API_KEY": "dispatchsim",
            "LIVEKIT_API_SECRET": SECRET,
            "DISPATCHSIM_AGENTS_KEY": AGENTS_KEY,
            "DISPATCHSIM_WEB_URL": f"http://127.0.0.1:{self.stub.port}",
            "REHEARSAL_URL": f"http://127.0.0.1:{self.rehearsal_port}/v1",
            "REHEARSAL_API_KEY": REHEARSAL_KEY,
            "SECRET_KEY": "canary-secret-key-" + "s" * 40,
            "TMPDIR": str(self.folder),
        }

    async def start_livekit(self) -> None:
        """Start LiveKit on loopback alone."""
        config = {
            "port": self.livekit_port,
            "bind_addresses": ["127.0.0.1"],
            "rtc": {
                "udp_port": free_port(),
                "tcp_port": 0,
                "node_ip": "127.0.0.1",
                "interfaces": {"includes": ["lo"]},
                "enable_loopback_candidate": True,
                "use_external_ip": False,
            },
            "keys": {"dispatchsim": SECRET},
            "agents": {"target_load": 100},
            "room": {"auto_create": False},
            "logging": {"level": "warn"},
        }
        path = self.folder / "livekit.yaml"
        path.write_text(json.dumps(config))
        server = os.environ.get("LIVEKIT_SERVER_BIN") or find_server()
        await self._start("livekit", str(server), "--config", str(path))
        await wait_for_port(self.livekit_port)

    async def start_rehearsal(self) -> None:
        """Start the local voice model."""
        await self._start(
            "rehearsal", sys.executable, "-m", "rehearsal", "--host", "127.0.0.1", "--port", str(self.rehearsal_port)
        )
        await wait_for_port(self.rehearsal_port)

    async def start_agents(self) -> None:
        """Start both agent servers and wait until they are registered."""
        self.stub.heartbeats.clear()
        await self._start("agents", sys.executable, "manage.py", "run_agents", "--executor", self.executor)
        await self.stub.wait_for_servers()

    async def start_missing(self) -> None:
        """Start what an earlier test has stopped."""
        if "rehearsal" not in self.processes:
            await self.start_rehearsal()
        if "agents" not in self.processes:
            await self.start_agents()

    async def stop(self, name: str, number: signal.Signals = signal.SIGTERM, timeout_s: float = 20.0) -> int:
        """Stop one process and return its exit code."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        try:
            return await asyncio.wait_for(process.wait(), timeout_s)
        except TimeoutError:
            process.kill()
            return await process.wait()

    async def aclose(self) -> None:
        """Stop what still runs."""
        for name in list(self.processes)[::-1]:
            await self.stop(name, signal.SIGINT)

    async def _start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=self.environ, stdout=log, stderr=log
            )

    # One call -----------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def livekit(self) -> AsyncIterator[api.LiveKitAPI]:
        """Open LiveKit's server API."""
        async with api.LiveKitAPI(f"http://127.0.0.1:{self.livekit_port}", "dispatchsim", SECRET) as livekit:
            yield livekit

    async def launch(self, livekit: api.LiveKitAPI, *, model: str = "rehearsal") -> ReportedCall:
        """Make a room and dispatch both agents into it."""
        call = ReportedCall(uuid.uuid4())
        self.stub.calls[call.call_id] = call
        room = str(call.call_id)
        await livekit.room.create_room(
            api.CreateRoomRequest(
                name=room, empty_timeout=600, departure_timeout=600, metadata=RoomControl().model_dump_json()
            )
        )
        for role in Role:
            brief = self.brief(call.call_id, role, model=model)
            await livekit.agent_dispatch.create_dispatch(
                api.CreateAgentDispatchRequest(agent_name=role.value, room=room, metadata=brief.model_dump_json())
            )
        return call

    async def set_control(self, livekit: api.LiveKitAPI, call: ReportedCall, control: RoomControl) -> None:
        """Tell all agents of a call."""
        await livekit.room.update_room_metadata(
            api.UpdateRoomMetadataRequest(room=str(call.call_id), metadata=control.model_dump_json())
        )

    async def open_floor(self, livekit: api.LiveKitAPI, call: ReportedCall) -> None:
        """Let the agents speak once both are ready."""
        await call.wait_for(AgentReady, roles=2)
        call.floor_opened_at = time.time()
        await self.set_control(livekit, call, RoomControl(floor_open=True))

    async def hold(self, livekit: api.LiveKitAPI, call: ReportedCall, *, timeout_s: float = 150.0) -> None:
        """Open the floor, wait until somebody hangs up, and end the call."""
        await self.open_floor(livekit, call)
        await call.wait_for(HangUpRequested, timeout_s=timeout_s)
        await self.end(livekit, call)

    async def end(self, livekit: api.LiveKitAPI, call: ReportedCall) -> None:
        """End a call as its owner does and delete the room."""
        await self.set_control(livekit, call, RoomControl(floor_open=True, ending=EndReason.AGENT_HUNG_UP))
        await call.wait_for(AgentLeft, roles=2, timeout_s=20)
        await livekit.room.delete_room(api.DeleteRoomRequest(room=str(call.call_id)))

    def brief(self, call_id: uuid.UUID, role: Role, *, model: str = "rehearsal") -> ConversationBrief:
        """Write the brief of one role."""
        return build_brief(
            role,
            conversation_id=call_id,
            instructions=_instructions(role),
            voice=build_voice(role, model=model, transcription_model="whisper-1"),
            report_url=f"http://127.0.0.1:{self.stub.port}/api/v1/ingest/{call_id}/events",
        )


@contextlib.asynccontextmanager
async def running_stack(*, executor: str = "process") -> AsyncIterator[CallStack]:
    """Run everything that a call needs."""
    async with StubWeb() as stub:
        stack = CallStack(stub, executor=executor)
        try:
            await stack.start_livekit()
            await stack.start_rehearsal()
            await stack.start_agents()
            yield stack
        finally:
            await stack.aclose()
            shutil.rmtree(stack.folder, ignore_errors=True)


def _instructions(role: Role) -> str:
    sheet = "\n".join(f"{key}: {value if role is Role.DISPATCHER else '?'}" for key, value in FACTS)
    decision = "\n\n# Your decision\ndecision: accept" if role is Role.DRIVER else ""
    return (
        f"You are {NAMES[role]}, a {role.value}, on a live phone call with {NAMES[role.peer]}.\n\n"
        f"# Your part\nrole: {role.value}\nname: {NAMES[role]}\npeer_role: {role.peer.value}\n"
        f"peer_name: {NAMES[role.peer]}\nopens_the_call: {'yes' if role is Role.DISPATCHER else 'no'}\n\n"
        f"# Load sheet\n{sheet}{decision}\n\n"
        "# How to end the call\nSay goodbye, then call the function `end_call`.\n"
    )
