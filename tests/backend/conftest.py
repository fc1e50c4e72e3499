"""A library, two agent servers, a rehearsal model that listens, and LiveKit in memory."""

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import AgentServerHeartbeat
from dispatchsim.gateways.livekit import use_rooms
from dispatchsim.models import Conversation, Persona, Scenario
from dispatchsim.services.agent_servers import record_heartbeat
from dispatchsim.services.launch import launch_conversation
from tests.backend.fakes import FakeAgent, FakeRooms
from tests.backend.watching import Watch, Watcher
from tests.freight.cases import build_case, build_scenario

LOAD_SHEET = "commodity: frozen chicken\nweight: 42,000 pounds\nrate: 1,450 dollars\n"


@pytest.fixture(autouse=True)
def rooms() -> Iterator[FakeRooms]:
    fake = FakeRooms()
    with use_rooms(fake):
        yield fake


@pytest.fixture(autouse=True)
def rehearsal_model(settings: Settings) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        settings.REHEARSAL_URL = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        yield


@dataclass
class Library:
    scenario: Scenario
    tim: Persona
    chris: Persona


@pytest.fixture
def library(db: None) -> Library:
    return Library(
        scenario=Scenario.objects.create(
            slug="chicken",
            title="Chicken",
            load_sheet=LOAD_SHEET,
            dispatcher_briefing="The rate is all in.",
            driver_briefing="You are empty.",
            driver_decision="accept",
        ),
        tim=Persona.objects.create(slug="tim-t", role=Role.DISPATCHER.value, name="Tim", title="Calm dispatcher"),
        chris=Persona.objects.create(slug="chris-t", role=Role.DRIVER.value, name="Chris", title="Careful driver"),
    )


@pytest.fixture
def agent_servers(db: None) -> None:
    for role in Role:
        record_heartbeat(AgentServerHeartbeat(server_id=f"server-{role}", role=role))


Launch = Callable[..., Conversation]


@pytest.fixture
def launch(library: Library) -> Launch:
    def launch_it(**arguments: object) -> Conversation:
        chosen = {"scenario": library.scenario, "dispatcher": library.tim, "driver": library.chris} | arguments
        return launch_conversation(**chosen)  # type: ignore[arg-type]

    return launch_it


@dataclass
class Call:
    """A launched call with its two agents."""

    conversation: Conversation
    dispatcher: FakeAgent
    driver: FakeAgent

    def refresh(self) -> Conversation:
        self.conversation.refresh_from_db()
        return self.conversation


@pytest.fixture
def launching_call(launch: Launch, agent_servers: None, rooms: FakeRooms) -> Call:
    conversation = launch(expects_listener=False)
    for role in Role:
        rooms.join(conversation.pk, role)
    return Call(conversation, FakeAgent(conversation.pk, Role.DISPATCHER), FakeAgent(conversation.pk, Role.DRIVER))


@pytest.fixture
def live_call(launching_call: Call) -> Call:
    launching_call.dispatcher.ready()
    launching_call.driver.ready()
    launching_call.refresh()
    return launching_call


@pytest.fixture
def freight_call(library: Library, launching_call: Call) -> Call:
    """A live call with a booking at stake."""
    scenario = build_scenario(build_case())
    Conversation.objects.filter(pk=launching_call.conversation.pk).update(
        scenario_copy=scenario.model_dump(mode="json")
    )
    launching_call.dispatcher.ready()
    launching_call.driver.ready()
    launching_call.refresh()
    return launching_call


@pytest.fixture
async def watch(settings: Settings) -> AsyncIterator[Watch]:
    """Open sockets of the live feed, and close them after the test."""
    settings.DISPATCHSIM_API_TOKEN = token = "api-token-for-tests-" + "t" * 40
    opened = list[Watcher]()

    def open_one(conversation_id: UUID, **arguments: Any) -> Watcher:
        headers = {} if "cookie" in arguments else {"authorization": f"Bearer {token}"}
        opened.append(Watcher(conversation_id, **(headers | arguments)))
        return opened[-1]

    yield open_one
    for watcher in opened:
        await watcher.socket.disconnect()
