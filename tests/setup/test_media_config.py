"""The local LiveKit server listens on loopback alone, and its configuration holds its secret safely."""

import json
import socket
import stat
from pathlib import Path

import pytest

from dispatchsim.management.media_config import build_media_config, write_media_config
from tests.setup.real_media import free_port, running_server

SECRET = "livekit-secret-for-tests-" + "l" * 40


def test_the_file_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "livekit.yaml"

    write_media_config(path, build_media_config(http_port=1, udp_port=2, api_key="k", api_secret=SECRET))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_older_file_with_open_rights_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "livekit.yaml"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)

    write_media_config(path, build_media_config(http_port=1, udp_port=2, api_key="k", api_secret=SECRET))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text(encoding="utf-8"))["keys"] == {"k": SECRET}


def test_a_token_alone_makes_no_room() -> None:
    config = build_media_config(http_port=1, udp_port=2, api_key="k", api_secret=SECRET)

    assert config["room"] == {"auto_create": False}


def test_tests_can_shorten_the_room_timeouts() -> None:
    config = build_media_config(
        http_port=1, udp_port=2, api_key="k", api_secret=SECRET, empty_timeout_s=10, departure_timeout_s=3
    )

    assert config["room"] == {"auto_create": False, "empty_timeout": 10, "departure_timeout": 3}


@pytest.mark.live
def test_the_real_server_opens_ports_on_loopback_alone(tmp_path: Path) -> None:
    http_port, udp_port = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_DGRAM)
    config = build_media_config(http_port=http_port, udp_port=udp_port, api_key="k", api_secret=SECRET)
    write_media_config(tmp_path / "livekit.yaml", config)

    with running_server(tmp_path / "livekit.yaml", http_port) as server:
        opened = {(c.laddr.ip, c.laddr.port) for c in server.net_connections(kind="inet") if not c.raddr}

    assert opened == {("127.0.0.1", http_port), ("127.0.0.1", udp_port)}
