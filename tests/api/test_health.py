"""Probes tell whether the system is alive and what a call still lacks."""

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from dispatchsim.domain.conversation import Role
from dispatchsim.gateways.voice_model import forget_probes, probe_voice_model
from dispatchsim.models import AgentServer
from dispatchsim.services.supervisors import record_heartbeat
from tests.api.fake_rooms import FakeRooms

pytestmark = pytest.mark.django_db
KEY = "rehearsal-key-of-this-test-" + "k" * 40


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server: Any = self.server
        server.asked.append(self.path)
        is_known = self.headers["Authorization"] == f"Bearer {KEY}"
        self.send_response(server.answer or (200 if is_known else 401))
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class VoiceServer(HTTPServer):
    """A voice model's HTTP side; `answer` is a status that it gives to everybody."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.answer: int | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@pytest.fixture
def voice_server(settings: Settings) -> Iterator[VoiceServer]:
    forget_probes()
    with VoiceServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        settings.REHEARSAL_URL, settings.REHEARSAL_API_KEY = server.base_url, KEY
        yield server
        server.shutdown()
        thread.join()
    forget_probes()


@pytest.fixture
def agent_servers(db: None) -> None:
    for role in Role:
        AgentServer.objects.create(server_id=f"AS_{role}", role=role, last_seen_at=timezone.now())


@pytest.fixture
def supervisor(db: None) -> None:
    record_heartbeat(timezone.now())


def part(body: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in body["parts"] if one["name"] == name)
    return found


def test_a_live_process_says_so(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


@pytest.mark.django_db(databases=[])
def test_being_alive_asks_no_database(client: Client) -> None:
    assert client.get("/healthz").status_code == 200


@pytest.mark.usefixtures("rooms", "voice_server", "agent_servers", "supervisor")
def test_a_whole_system_is_ready(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["ready"]) == (200, True)


@pytest.mark.usefixtures("rooms", "voice_server", "agent_servers")
def test_every_part_is_told_by_its_name(client: Client) -> None:
    names = [one["name"] for one in client.get("/readyz").json()["parts"]]

    agents = ["agent_server_dispatcher", "agent_server_driver"]
    assert names == ["database", "livekit", "voice_model", *agents, "supervisor"]


@pytest.mark.usefixtures("voice_server", "agent_servers")
def test_without_livekit_the_system_is_not_ready(client: Client, rooms: FakeRooms) -> None:
    rooms.is_down = True

    answer = client.get("/readyz")

    assert (answer.status_code, part(answer.json(), "livekit")["ok"]) == (503, False)


@pytest.mark.usefixtures("rooms", "agent_servers")
def test_a_refused_key_is_told(client: Client, voice_server: VoiceServer, settings: Settings) -> None:
    settings.REHEARSAL_API_KEY = "another-key"

    detail = part(client.get("/readyz").json(), "voice_model")["detail"]

    assert "refuses the key" in detail


@pytest.mark.usefixtures("rooms", "voice_server", "supervisor")
def test_a_missing_agent_server_is_told_by_its_role(client: Client) -> None:
    AgentServer.objects.create(server_id="AS_1", role=Role.DISPATCHER, last_seen_at=timezone.now())

    parts = client.get("/readyz").json()["parts"]

    assert [one["name"] for one in parts if not one["ok"]] == ["agent_server_driver"]


@pytest.mark.usefixtures("rooms", "voice_server", "agent_servers")
def test_an_agent_server_is_missed_fifteen_seconds_after_its_last_heartbeat(client: Client) -> None:
    AgentServer.objects.filter(role=Role.DRIVER).update(last_seen_at=timezone.now() - timedelta(seconds=15))
    AgentServer.objects.filter(role=Role.DISPATCHER).update(last_seen_at=timezone.now() - timedelta(seconds=12))

    parts = client.get("/readyz").json()["parts"]

    states = {one["name"]: one["ok"] for one in parts}
    assert (states["agent_server_driver"], states["agent_server_dispatcher"]) == (False, True)


@pytest.mark.usefixtures("rooms", "voice_server", "agent_servers")
def test_without_a_supervisor_the_system_is_not_ready(client: Client) -> None:
    answer = client.get("/readyz")

    missing = [one["name"] for one in answer.json()["parts"] if not one["ok"]]
    assert (answer.status_code, missing) == (503, ["supervisor"])


@pytest.mark.usefixtures("rooms", "voice_server", "agent_servers")
def test_a_supervisor_that_looks_no_more_is_missed(client: Client) -> None:
    record_heartbeat(timezone.now() - timedelta(seconds=15))

    assert client.get("/readyz").status_code == 503


@pytest.mark.usefixtures("rooms", "voice_server", "agent_servers")
def test_no_secret_is_told(client: Client, settings: Settings) -> None:
    text = client.get("/readyz").content.decode()

    secrets = (KEY, settings.SECRET_KEY, settings.LIVEKIT_API_SECRET, settings.DISPATCHSIM_AGENTS_KEY)
    assert not any(secret in text for secret in secrets)


@pytest.mark.usefixtures("rooms", "voice_server", "agent_servers")
def test_no_cache_keeps_a_probes_answer(client: Client) -> None:
    assert "no-store" in client.get("/readyz").headers["Cache-Control"]


def test_a_probe_is_remembered_for_a_moment(voice_server: VoiceServer) -> None:
    for now in (0.0, 1.0, 2.0):
        probe_voice_model(base_url=voice_server.base_url, api_key=KEY, clock=lambda now=now: now, fresh_s=5.0)  # type: ignore[misc]

    assert voice_server.asked == ["/v1/models"]


def test_an_old_answer_is_asked_for_again(voice_server: VoiceServer) -> None:
    for now in (0.0, 6.0):
        probe_voice_model(base_url=voice_server.base_url, api_key=KEY, clock=lambda now=now: now, fresh_s=5.0)  # type: ignore[misc]

    assert len(voice_server.asked) == 2


@pytest.mark.parametrize(("took_s", "is_asked_again"), [(0.1, True), (3.0, False)])
def test_a_server_that_comes_back_is_found_soon_unless_asking_takes_long(
    voice_server: VoiceServer, took_s: float, is_asked_again: bool
) -> None:
    voice_server.answer = 503
    asked_and_answered = iter((0.0, took_s))
    probe_voice_model(base_url=voice_server.base_url, api_key=KEY, clock=lambda: next(asked_and_answered))
    voice_server.answer = 200

    later = probe_voice_model(base_url=voice_server.base_url, api_key=KEY, clock=lambda: took_s + 1.1)

    assert later.is_ok == is_asked_again


def test_a_server_that_is_not_there_is_no_error() -> None:
    forget_probes()

    state = probe_voice_model(base_url="http://127.0.0.1:9/v1", api_key=KEY)

    assert (state.is_ok, state.detail) == (False, "The server cannot be reached.")


def test_no_key_is_not_even_asked_with(voice_server: VoiceServer) -> None:
    state = probe_voice_model(base_url=voice_server.base_url, api_key="")

    assert (state.is_ok, voice_server.asked) == (False, [])


def test_a_compatible_server_without_a_list_of_models_is_there(voice_server: VoiceServer) -> None:
    voice_server.answer = 404

    assert probe_voice_model(base_url=voice_server.base_url, api_key=KEY).is_ok


def test_a_server_that_fails_is_not_there(voice_server: VoiceServer) -> None:
    voice_server.answer = 503

    assert not probe_voice_model(base_url=voice_server.base_url, api_key=KEY).is_ok
