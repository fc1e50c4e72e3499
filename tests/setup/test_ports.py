"""A port in use is told with its number, its purpose and the variable that moves it."""

import socket
from collections.abc import Iterator

import pytest

from dispatchsim.bootstrap.errors import SetupError
from dispatchsim.bootstrap.ports import check_ports, next_free_block, read_ports


@pytest.fixture
def base() -> int:
    return next_free_block(20_000)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as taken:
        yield taken


def test_free_ports_pass(base: int) -> None:
    check_ports({"PORT": str(base)})


def test_the_message_names_port_purpose_and_way_out(base: int, listener: socket.socket) -> None:
    listener.bind(("127.0.0.1", base + 1))
    listener.listen()

    with pytest.raises(SetupError) as caught:
        check_ports({"PORT": str(base)})

    assert f"Port {base + 1}, for LiveKit, is in use" in caught.value.message
    assert "PORT=" in caught.value.hint


def test_a_listener_on_every_address_counts(base: int, listener: socket.socket) -> None:
    listener.bind(("0.0.0.0", base))
    listener.listen()

    with pytest.raises(SetupError, match=f"Port {base}, for the web pages"):
        check_ports({"PORT": str(base)})


def test_a_taken_udp_port_counts(base: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", base + 2))

        with pytest.raises(SetupError, match=f"UDP port {base + 2}"):
            check_ports({"PORT": str(base)})


def test_ports_of_parts_that_run_elsewhere_may_be_taken(base: int, listener: socket.socket) -> None:
    listener.bind(("127.0.0.1", base + 1))
    listener.listen()

    check_ports({"PORT": str(base), "LIVEKIT_URL": "wss://livekit.example.org"})


@pytest.mark.parametrize("text", ["eighty", "0", "-1", "65533", "8000.5"])
def test_a_port_that_is_no_port_is_told(text: str) -> None:
    with pytest.raises(SetupError, match="no usable port"):
        read_ports({"PORT": text})


def test_the_inner_ports_follow_the_outer_one() -> None:
    ports = read_ports({"PORT": "9000"})

    assert (ports.web, ports.media, ports.media_udp, ports.rehearsal) == (9000, 9001, 9002, 9003)
