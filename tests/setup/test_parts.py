"""Each part gets what it needs and no secret more; the order of stopping leaves time to tell."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from dispatchsim.bootstrap.ports import read_ports
from dispatchsim.management.leftovers import RunRecord
from dispatchsim.management.parts import Stack, build_drain_plan, build_parts, build_stop_plan
from dispatchsim.management.processes import Part, ProcessManager

ENVIRON = {
    "PATH": "/usr/bin",
    "PORT": "9000",
    "SECRET_KEY": "canary-secret-key",
    "DATABASE_URL": "postgres://canary-database",
    "DISPATCHSIM_API_TOKEN": "canary-api-token",
    "DISPATCHSIM_AGENTS_KEY": "canary-agents-key",
    "LIVEKIT_API_SECRET": "canary-livekit",
    "OPENAI_API_KEY": "canary-openai",
    "REHEARSAL_API_KEY": "canary-rehearsal",
    "AWS_SECRET_ACCESS_KEY": "canary-of-the-person",
}


def parts_of(environ: dict[str, str], media_server: Path | None = Path("/bin/livekit-server")) -> dict[str, Part]:
    stack = Stack(
        root=Path("/srv"),
        python=Path("/srv/.venv/bin/python"),
        ports=read_ports(environ),
        media_server=media_server,
        media_config=Path("/data/livekit.yaml"),
        environ=environ,
        run_id="run",
    )
    return {part.name: part for part in build_parts(stack)}


def canaries(part: Part) -> set[str]:
    return {value for value in part.environ.values() if "canary" in value}


def test_the_media_server_gets_no_secret() -> None:
    assert canaries(parts_of(ENVIRON)["media"]) == set()


def test_the_rehearsal_model_gets_its_own_key_alone() -> None:
    assert canaries(parts_of(ENVIRON)["rehearsal"]) == {"canary-rehearsal"}


@pytest.mark.parametrize("name", ["DATABASE_URL", "DISPATCHSIM_API_TOKEN"])
def test_agents_get_neither_database_nor_api_token(name: str) -> None:
    assert name not in parts_of(ENVIRON)["agents"].environ


def test_every_part_listens_on_loopback_at_its_own_port() -> None:
    parts = parts_of(ENVIRON)

    assert "-b 127.0.0.1 -p 9000" in " ".join(parts["web"].command)
    assert "--host 127.0.0.1 --port 9003" in " ".join(parts["rehearsal"].command)


def test_no_secret_is_on_a_command_line() -> None:
    assert not any("canary" in word for part in parts_of(ENVIRON).values() for word in part.command)


def test_a_livekit_elsewhere_is_not_started_here() -> None:
    assert "media" not in parts_of(ENVIRON, media_server=None)


def test_a_rehearsal_model_elsewhere_is_not_started_here() -> None:
    assert "rehearsal" not in parts_of(ENVIRON | {"REHEARSAL_URL": "http://voices.example.org/v1"})


def test_a_proxy_of_the_person_does_not_stand_between_parts() -> None:
    environ = parts_of(ENVIRON | {"NO_PROXY": "intranet"})["agents"].environ

    assert environ["NO_PROXY"] == "intranet,127.0.0.1,localhost"


def test_ctrl_c_is_over_within_15_s() -> None:
    assert sum(stage.wait_s for stage in build_stop_plan()) < 15


def test_a_drain_waits_for_supervisor_and_agents_before_anything_else() -> None:
    first = build_drain_plan(30.0)[0]

    assert first.names == ("supervisor", "agents")
    assert first.wait_s > 30.0


NAMES_ITS_SIGNAL = """
import os, signal, threading
done = threading.Event()
def tell(number, _frame):
    os.write(1, f"{signal.Signals(number).name}\\n".encode())  # printing is not for handlers
    done.set()
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, tell)
print("ready", flush=True)
done.wait()
"""


async def test_sigterm_reaches_each_part_that_holds_calls_as_sigterm(tmp_path: Path) -> None:
    said: list[tuple[str, str]] = []
    all_are_up = asyncio.Event()

    def say(name: str, line: str) -> None:
        said.append((name, line))
        if sum(text == "ready" for _, text in said) == 2:
            all_are_up.set()

    async def terminate() -> None:
        async with asyncio.timeout(20):
            await all_are_up.wait()
        manager.on_signal(signal.SIGTERM)

    command = [sys.executable, "-S", "-c", NAMES_ITS_SIGNAL]
    manager = ProcessManager(
        [Part(name, command, environ={}) for name in ("agents", "supervisor")],
        say=say,
        stop_plan=build_stop_plan(),
        drain_plan=build_drain_plan(30.0),
        record=RunRecord(tmp_path / "run.json", "run"),
    )
    await manager.run(terminate)

    assert {("supervisor", "SIGTERM"), ("agents", "SIGTERM")} <= set(said)


def test_every_part_is_stopped_by_the_plan() -> None:
    assert {name for stage in build_stop_plan() for name in stage.names} == set(parts_of(ENVIRON))
