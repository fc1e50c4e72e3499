"""A whole running system for live tests: real LiveKit, web, rehearsal model, agents and supervisor.

The parts are the product's own, as `manage.py up` starts them; a test starts, stops and kills them by name.
LiveKit runs with short room timeouts, so that a call which relies on the server's defaults is cut.
"""

import asyncio
import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from livekit import api as livekit_api

from dispatchsim.bootstrap.media_server import ensure_server
from dispatchsim.bootstrap.ports import next_free_block, read_ports
from dispatchsim.bootstrap.secrets import prepare
from dispatchsim.management import parts
from dispatchsim.management.media_config import build_media_config, write_media_config
from tests.environment import SCRUBBED
from tests.live.client import ApiClient, wait_until

ROOT = Path(__file__).resolve().parents[2]
FIRST_PORT = 20_000  # below the ephemeral range, away from a stack that a person runs
STOP_S = 40.0
TALK_S = 90.0
READY_S = 120.0  # a machine that others use takes more than one minute for all parts
HASTY_EMPTY_S, HASTY_DEPARTURE_S = 10, 3  # LiveKit's room timeouts
SHORT_SCENARIO = "short-load"
# More to talk about than a busy machine takes to start the web part.
LONG_SHEET = (
    "commodity: paper towels\nweight: 12,000 pounds\nmiles: 340\npickup: Reno, Nevada, tomorrow at 9\n"
    "delivery: Boise, Idaho, on Friday at 3\ntrailer: dry van\nrate: $900\nreference: 4417\ndock: 12"
)
SHORT_SHEET = "commodity: paper towels\nweight: 12,000 pounds\npickup: Reno, Nevada, tomorrow at 9"
BRISK_SPEED = 1.5  # how fast the people of the library talk here, so that calls are soon over: the fastest there is
UNHURRIED = "rosa"  # but this driver, whose turns are long enough to be measured in their middle
# As `manage.py up` does, in one process; static files once for all that share the tree, also when two start at a time.
SET_UP = f"""
from django.core.management import call_command
from dispatchsim.management.static_build import collect_when_needed
from dispatchsim.models import Persona, Scenario
collect_when_needed()
call_command("migrate", verbosity=0)
call_command("load_library")
Scenario.objects.create(slug="{SHORT_SCENARIO}", title="A short load", load_sheet={SHORT_SHEET!r})
Persona.objects.exclude(slug="{UNHURRIED}").update(speed={BRISK_SPEED})
"""
AGENT_SERVERS = ("agent_server_dispatcher", "agent_server_driver")  # as /readyz names them
BESIDES_WEB = ("livekit", "voice_model", *AGENT_SERVERS, "supervisor")  # what /readyz misses of a web part alone
ALL_PARTS = ("media", "rehearsal", "web", "agents", "supervisor")


class Stack:
    """Processes by name: media, rehearsal, web, agents, supervisor and whatever a test adds."""

    def __init__(self, directory: Path, **environ: str) -> None:
        self.directory = directory
        self.ports = read_ports({"PORT": str(_free_port())})
        self.environ = _clean_environ() | {
            "PORT": str(self.ports.web),
            "DISPATCHSIM_DATA_DIR": str(directory / "data"),
            "DISPATCHSIM_API_TOKEN": secrets.token_urlsafe(32),
            **environ,
        }
        prepare(self.environ)
        self.web_url = f"http://127.0.0.1:{self.ports.web}"
        self.livekit_url = f"ws://127.0.0.1:{self.ports.media}"
        self.rehearsal_url = f"http://127.0.0.1:{self.ports.rehearsal}/v1"
        self.api = ApiClient(self.web_url, self.environ["DISPATCHSIM_API_TOKEN"])
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.cookies: list[Any] = []  # of a browser that has signed in
        self._parts = {part.name: part for part in parts.build_parts(self._description())}

    def set_up(self) -> None:
        """Make static files, the database and the library, brisk people and a scenario that is soon over."""
        self.manage("shell", "-c", SET_UP)

    @contextmanager
    def running(self, prepared: "Stack", *names: str, without: Sequence[str] = ()) -> Iterator["Stack"]:
        """Start parts on a copy of a prepared set-up, wait until nothing is missing but the parts named, and close."""
        self._copy_set_up(prepared)
        try:
            self.start(*names)
            if names:
                self.wait_ready(without=without)
            yield self
        finally:
            self.close()

    def _copy_set_up(self, prepared: "Stack") -> None:
        """Take over the database of a stack that is set up and was never started."""
        data = Path(self.environ["DISPATCHSIM_DATA_DIR"])
        for file in Path(prepared.environ["DISPATCHSIM_DATA_DIR"]).glob("db.sqlite3*"):
            shutil.copy(file, data / file.name)

    def manage(self, *command: str) -> str:
        """Run a management command and return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout

    def popen(self, *command: str, stdin: int | None = None) -> subprocess.Popen[str]:
        """Start Python with a command, in this stack's environment, and read what it prints."""
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environ,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Read rows of the database."""
        database = Path(self.environ["DISPATCHSIM_DATA_DIR"]) / "db.sqlite3"
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def start(self, *names: str, **environ: str) -> None:
        """Start parts by name, with the product's own commands."""
        for name in names:
            part = self._parts[name]
            self.start_command(name, part.command, {**part.environ, **environ})

    def start_agents(self, *options: str) -> None:
        """Start the agent servers with options of their command."""
        part = self._parts["agents"]
        self.start_command("agents", [*part.command, *options], part.environ)

    def start_command(self, name: str, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start one process under a name; its output goes to a file of that name."""
        with (self.directory / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self, *, without: Sequence[str] = ()) -> None:
        """Wait until /readyz finds nothing missing but the parts named."""
        wait_until(
            self.missing,
            lambda missing: missing is not None and missing <= set(without),
            limit_s=READY_S,
            what="the stack to be ready",
        )

    def stop(self, *names: str, by: signal.Signals = signal.SIGINT) -> dict[str, int]:
        """Tell parts to stop, wait, and return their exit codes."""
        chosen = {name: self.processes.pop(name) for name in names}
        for process in chosen.values():
            if process.poll() is None:
                process.send_signal(by)
        return {name: _wait(name, process) for name, process in chosen.items()}

    def kill(self, name: str) -> None:
        """Kill one part as the kernel would."""
        process = self.processes.pop(name)
        process.kill()
        process.wait(timeout=STOP_S)

    def close(self) -> None:
        """Stop everything, web and media last; what does not stop by itself is a failure, once the rest has stopped."""
        last = [name for name in ("web", "rehearsal", "media") if name in self.processes]
        with ExitStack() as rest:  # calls back in reverse order, and all of it whatever fails
            for name in reversed([*(name for name in self.processes if name not in last), *last]):
                by = signal.SIGTERM if name in last else signal.SIGINT  # as the product's stop plan does
                rest.callback(self.stop, name, by=by)

    def talk(self, *, scenario: str | dict[str, Any] = SHORT_SCENARIO, turns: int = 2) -> str:
        """Launch a call and wait until that many turns have begun."""
        conversation_id = self.api.create(scenario)
        status = self.api.wait_for_turns(conversation_id, turns, limit_s=TALK_S)
        assert status["status"] == "live", status
        return conversation_id

    def log(self, name: str) -> str:
        """Return what a part has printed."""
        return (self.directory / f"{name}.log").read_text(errors="replace")

    def floor_opened_at(self, status: Mapping[str, Any]) -> float:
        """Zero of the call's clock, in epoch seconds."""
        return datetime.fromisoformat(status["floor_opened_at"]).timestamp()

    def sign_in_link(self) -> str:
        """Make a one-time sign-in link."""
        return self.manage("sign_in_link").split()[-1]

    def mute(self, room: str, identity: str) -> None:
        """Mute a participant's microphone on the server's side."""
        with ThreadPoolExecutor(1) as thread:  # the caller's thread may have a loop of its own
            thread.submit(asyncio.run, self._mute(room, identity)).result()

    async def _mute(self, room: str, identity: str) -> None:
        async with self._livekit() as livekit:
            who = livekit_api.RoomParticipantIdentity(room=room, identity=identity)
            track = (await livekit.room.get_participant(who)).tracks[0]
            await livekit.room.mute_published_track(
                livekit_api.MuteRoomTrackRequest(room=room, identity=identity, track_sid=track.sid, muted=True)
            )

    def show_observers_out(self, room: str) -> int:
        """Take everybody who only listens out of a room; give how many they were."""
        with ThreadPoolExecutor(1) as thread:  # as above
            return thread.submit(asyncio.run, self._show_observers_out(room)).result()

    async def _show_observers_out(self, room: str) -> int:
        async with self._livekit() as livekit:
            everybody = await livekit.room.list_participants(livekit_api.ListParticipantsRequest(room=room))
            observers = [one.identity for one in everybody.participants if one.identity.startswith("observer-")]
            for identity in observers:
                await livekit.room.remove_participant(livekit_api.RoomParticipantIdentity(room=room, identity=identity))
        return len(observers)

    def has_room(self, room: str) -> bool:
        """Ask LiveKit whether a room is open."""
        with ThreadPoolExecutor(1) as thread:  # as above
            return thread.submit(asyncio.run, self._has_room(room)).result()

    async def _has_room(self, room: str) -> bool:
        async with self._livekit() as livekit:
            answer = await livekit.room.list_rooms(livekit_api.ListRoomsRequest(names=[room]))
        return bool(answer.rooms)

    async def count_jobs(self, room: str) -> dict[str, int]:
        """Count the jobs that LiveKit made for a room, by agent name."""
        async with self._livekit() as livekit:
            dispatches = await livekit.agent_dispatch.list_dispatch(room)
        counts: dict[str, int] = {}
        for dispatch in dispatches:
            if not dispatch.agent_name:
                continue  # LiveKit's own entry for agents that ask for every room; it has no jobs
            counts[dispatch.agent_name] = counts.get(dispatch.agent_name, 0) + len(dispatch.state.jobs)
        return counts

    def _livekit(self) -> livekit_api.LiveKitAPI:
        return livekit_api.LiveKitAPI(self.livekit_url, "dispatchsim", self.environ["LIVEKIT_API_SECRET"])

    def missing(self) -> set[str] | None:
        """Names of the parts that /readyz misses; None while the web does not answer."""
        try:
            with urllib.request.urlopen(f"{self.web_url}/readyz", timeout=10) as answer:
                document = json.load(answer)
        except urllib.error.HTTPError as error:
            document = json.load(error)
        except OSError:
            return None
        return {part["name"] for part in document["parts"] if not part["ok"]}

    def _description(self) -> parts.Stack:
        config = self.directory / "media.json"
        write_media_config(
            config,
            build_media_config(
                http_port=self.ports.media,
                udp_port=self.ports.media_udp,
                api_key="dispatchsim",
                api_secret=self.environ["LIVEKIT_API_SECRET"],
                empty_timeout_s=HASTY_EMPTY_S,
                departure_timeout_s=HASTY_DEPARTURE_S,
            ),
        )
        return parts.Stack(
            root=ROOT,
            python=parts.path_of(sys.executable),
            ports=self.ports,
            media_server=ensure_server(),
            media_config=config,
            environ=self.environ,
            run_id=parts.new_run_id(),
        )


def _wait(name: str, process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(timeout=STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=STOP_S)
        raise AssertionError(f"{name} did not stop within {STOP_S:.0f} s and was killed") from None


def _free_port() -> int:
    """Find four free ports; test workers that run side by side look in places of their own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return next_free_block(FIRST_PORT + 2000 * worker + 4 * secrets.randbelow(400))


def _clean_environ() -> dict[str, str]:
    """This process's environment without anything of the project's own."""
    return {name: value for name, value in os.environ.items() if name not in SCRUBBED}
