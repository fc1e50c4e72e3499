import asyncio
import logging
import math
import os
import uuid
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from livekit.agents import JobExecutorType

from agents.config import ConfigError, ServerConfig, prepare_job_environment, read_server_config, read_voice_endpoint
from agents.logs import FieldFormatter
from agents.registration import Registration
from agents.server import Doorkeeper, build_server
from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.management.commands.run_agents import Command
from tests.agents.briefs import build_brief
from tests.agents.stub_web import AGENTS_KEY, StubWeb

ROOM = str(uuid.uuid4())


@dataclass
class FakeJobRequest:
    """A job request that keeps its answer."""

    metadata: str
    id: str = "AJ_1"
    room: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(name=ROOM))
    accepted: list[tuple[str, str]] = field(default_factory=list)
    is_rejected: bool = False

    @property
    def job(self) -> SimpleNamespace:
        return SimpleNamespace(metadata=self.metadata)

    async def accept(self, *, identity: str, name: str) -> None:
        self.accepted.append((identity, name))

    async def reject(self) -> None:
        self.is_rejected = True


def brief_json() -> str:
    return build_brief(Role.DRIVER, conversation_id=uuid.UUID(ROOM)).model_dump_json()


async def test_a_job_is_taken_under_the_identity_of_its_role() -> None:
    request = FakeJobRequest(brief_json())

    await Doorkeeper(set).on_request(request)  # type: ignore[arg-type]

    assert request.accepted == [("Driver", "Chris (Driver)")]


async def test_a_job_without_a_brief_is_refused() -> None:
    request = FakeJobRequest("{}")

    await Doorkeeper(set).on_request(request)  # type: ignore[arg-type]

    assert request.is_rejected


async def test_a_second_job_of_a_call_is_refused() -> None:
    request = FakeJobRequest(brief_json())

    await Doorkeeper(lambda: {ROOM}).on_request(request)  # type: ignore[arg-type]

    assert request.is_rejected


def config_for(stub: StubWeb) -> ServerConfig:
    return config(f"http://127.0.0.1:{stub.port}")


def config(web_url: str = "http://x") -> ServerConfig:
    return ServerConfig(
        livekit_url="ws://x",
        livekit_api_key="k",
        livekit_api_secret="s",
        web_url=web_url,
        agents_key=AGENTS_KEY,
        drain_s=1.0,
    )


@pytest.mark.parametrize(("jobs", "load"), [(0, 0.0), (8, 0.008), (5000, 0.99)])
async def test_the_load_that_a_server_tells_is_its_jobs_whatever_the_machine_does(jobs: int, load: float) -> None:
    server = build_server(Role.DRIVER, config())

    assert server.load_fnc is not None
    assert server.load_fnc(SimpleNamespace(active_jobs=[None] * jobs)) == load  # type: ignore[arg-type, call-arg]


async def test_no_load_makes_a_server_turn_jobs_away() -> None:
    server = build_server(Role.DRIVER, config())

    assert server._load_threshold == math.inf


async def test_a_server_runs_each_job_in_a_process_of_its_own_by_default() -> None:
    server = build_server(Role.DRIVER, config())

    assert server._job_executor_type is JobExecutorType.PROCESS


def test_the_command_that_starts_the_agents_runs_jobs_in_processes_by_default() -> None:
    options = vars(Command().create_parser("manage.py", "run_agents").parse_args([]))

    assert JobExecutorType(options["executor"]) is JobExecutorType.PROCESS


@dataclass
class FakeServer:
    """An agent server that is over as soon as it runs."""

    role: Role
    has_run: bool = False

    async def run(self) -> None:
        self.has_run = True

    async def aclose(self) -> None:
        """Have nothing to close."""


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[FakeServer]:
    """The servers that the command builds; what it does to this process is undone."""
    servers: list[FakeServer] = []

    def build(role: Role, _config: ServerConfig, *, executor: JobExecutorType) -> FakeServer:
        servers.append(FakeServer(role))
        return servers[-1]

    monkeypatch.setattr("agents.server.build_server", build)
    monkeypatch.setattr("agents.logs.configure_logging", lambda: None)
    monkeypatch.setattr("os.environ", dict(os.environ))
    return servers


@pytest.mark.parametrize(
    ("arguments", "roles"),
    [(["--role", "dispatcher"], [Role.DISPATCHER]), (["--role", "driver"], [Role.DRIVER]), ([], list(Role))],
)
def test_the_command_runs_the_server_of_the_role_that_it_is_told_and_else_of_both(
    built: list[FakeServer], arguments: list[str], roles: list[Role]
) -> None:
    with pytest.raises(CommandError, match="stopped by itself"):
        call_command("run_agents", *arguments)

    assert [(server.role, server.has_run) for server in built] == [(role, True) for role in roles]


async def test_a_server_tells_that_it_is_ready_draining_and_gone() -> None:
    async with StubWeb() as stub:
        registration = Registration(config_for(stub), Role.DRIVER, is_connected=lambda: True, active_jobs=lambda: 2)

        registration.on_registered("AW_1")
        await wait_for_states(stub, 1)
        registration.on_draining()
        await wait_for_states(stub, 2)
        await registration.aclose()

    assert [beat.state for beat in stub.heartbeats] == ["ready", "draining", "stopped"]


async def test_a_server_without_livekit_does_not_say_that_it_is_ready() -> None:
    async with StubWeb() as stub:
        registration = Registration(config_for(stub), Role.DRIVER, is_connected=lambda: False, active_jobs=lambda: 0)

        registration.on_registered("AW_1")
        await asyncio.sleep(0)
        await registration.aclose()

    assert [beat.state for beat in stub.heartbeats] == ["stopped"]


async def beat_twice_with_broken_leftovers() -> list[str]:
    """Give the states that a server tells which finds its folder of events broken at each of two heartbeats."""

    async def fail() -> None:
        raise NotADirectoryError("spool")

    async with StubWeb() as stub:
        registration = Registration(
            config_for(stub), Role.DRIVER, is_connected=lambda: True, active_jobs=lambda: 0, deliver=fail
        )
        for number in (1, 2):
            registration.on_registered(f"AW_{number}")
            await wait_for_states(stub, number)
        await registration.aclose()
    return [beat.state for beat in stub.heartbeats]


async def test_leftovers_that_cannot_be_delivered_stop_no_heartbeat() -> None:
    assert await beat_twice_with_broken_leftovers() == ["ready", "ready", "stopped"]


async def test_leftovers_that_cannot_be_delivered_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    await beat_twice_with_broken_leftovers()

    told = "events that were left behind cannot be delivered"
    assert [record.getMessage() for record in caplog.records].count(told) == 1


async def test_a_server_that_stops_just_when_something_is_to_be_told_stops() -> None:
    async with StubWeb() as stub:
        registration = Registration(config_for(stub), Role.DRIVER, is_connected=lambda: True, active_jobs=lambda: 0)
        registration.on_registered("AW_1")
        await wait_for_states(stub, 1)
        await asyncio.sleep(0.1)

        registration.on_draining()
        async with asyncio.timeout(5):
            await registration.aclose()

    assert stub.heartbeats[-1].state == "stopped"


async def test_a_delivery_that_hangs_starves_no_heartbeat() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    async with StubWeb() as stub:
        registration = Registration(
            config_for(stub), Role.DRIVER, is_connected=lambda: True, active_jobs=lambda: 0, deliver=hang
        )

        registration.on_registered("AW_1")
        await wait_for_states(stub, 1)
        registration.on_registered("AW_2")
        await wait_for_states(stub, 2)
        await registration.aclose()

    assert [beat.state for beat in stub.heartbeats] == ["ready", "ready", "stopped"]


async def wait_for_states(stub: StubWeb, count: int) -> None:
    async with asyncio.timeout(5):
        while len(stub.heartbeats) < count:
            stub.changed.clear()
            await stub.changed.wait()


@pytest.mark.parametrize("name", ["LIVEKIT_API_SECRET", "DISPATCHSIM_AGENTS_KEY"])
def test_a_missing_variable_is_named(name: str) -> None:
    environ = {"LIVEKIT_API_SECRET": "s", "DISPATCHSIM_AGENTS_KEY": "k"}
    del environ[name]

    with pytest.raises(ConfigError, match=name):
        read_server_config(environ)


def test_addresses_follow_the_port() -> None:
    environ = {"LIVEKIT_API_SECRET": "s", "DISPATCHSIM_AGENTS_KEY": "k", "PORT": "9000"}

    assert read_server_config(environ).livekit_url == "ws://127.0.0.1:9001"


def test_a_missing_key_of_the_voice_model_is_named() -> None:
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        read_voice_endpoint(VoiceProvider.OPENAI, {})


def test_jobs_do_not_inherit_the_secrets_of_the_web_side() -> None:
    environ = {"SECRET_KEY": "x", "DATABASE_URL": "x", "DISPATCHSIM_AGENTS_KEY": "x", "LIVEKIT_API_SECRET": "stays"}

    prepare_job_environment(environ)

    assert {name for name in environ if not name.startswith("LIVEKIT_AGENTS_")} == {"LIVEKIT_API_SECRET"}


def log_line(message: str, **fields: object) -> str:
    record = logging.makeLogRecord({"msg": message, "levelno": logging.INFO, **fields})
    return FieldFormatter("%(message)s", secrets=frozenset({"canary-secret"})).format(record)


def test_log_lines_have_the_conversation_and_no_spoken_text() -> None:
    line = log_line("said", conversation_id="c1", **{"lk.pii.text": "hello there", "text": "hello there"})

    assert line == "said conversation_id=c1"


@pytest.mark.parametrize("secret", ["sk-abcdef123456", "canary-secret", "eyJhbGciOi.eyJzdWIi.c2ln"])
def test_log_lines_mask_what_looks_like_a_key(secret: str) -> None:
    assert secret not in log_line("refused", error=f"Incorrect key {secret}")
