"""The four ports of a stack, and whether they are free."""

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from dispatchsim.bootstrap.errors import SetupError

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8000
LOWEST, HIGHEST = 1, 65_532  # three more follow PORT
PROBE_S = 0.5


@dataclass(frozen=True)
class Ports:
    """PORT and the three after it."""

    web: int
    media: int
    media_udp: int
    rehearsal: int


def read_ports(environ: Mapping[str, str]) -> Ports:
    """Read PORT; raise SetupError when it is no usable number."""
    text = environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not LOWEST <= int(text) <= HIGHEST:
        raise SetupError(
            f"PORT is {text!r}, which is no usable port.",
            hint=f"Set it to a number from 1024 to {HIGHEST}, as in: PORT=8100 make run",
        )
    port = int(text)
    return Ports(web=port, media=port + 1, media_udp=port + 2, rehearsal=port + 3)


def used_ports(ports: Ports, environ: Mapping[str, str]) -> dict[str, tuple[int, socket.SocketKind]]:
    """Name the ports that this stack will open; parts that run elsewhere open none."""
    used = {"the web pages": (ports.web, socket.SOCK_STREAM)}
    if not environ.get("LIVEKIT_URL"):
        used["LiveKit"] = (ports.media, socket.SOCK_STREAM)
        used["LiveKit's sound"] = (ports.media_udp, socket.SOCK_DGRAM)
    if not environ.get("REHEARSAL_URL"):
        used["the rehearsal model"] = (ports.rehearsal, socket.SOCK_STREAM)
    return used


def check_ports(environ: Mapping[str, str]) -> None:
    """Raise SetupError when a port of the stack is taken."""
    ports = read_ports(environ)
    for purpose, (port, kind) in used_ports(ports, environ).items():
        if not is_free(port, kind):
            protocol = "UDP port" if kind is socket.SOCK_DGRAM else "Port"
            other = next_free_block(ports.web)
            raise SetupError(
                f"{protocol} {port}, for {purpose}, is in use by another program.",
                hint=f"Stop that program, or choose other ports with PORT: PORT={other} make run "
                f"(it takes {other} to {other + 3}).",
            )


def next_free_block(port: int) -> int:
    """Find a port whose three successors are free too."""
    for candidate in range(port + 100, HIGHEST, 100):
        tcp_free = all(is_free(candidate + offset, socket.SOCK_STREAM) for offset in (0, 1, 3))
        if tcp_free and is_free(candidate + 2, socket.SOCK_DGRAM):
            return candidate
    return DEFAULT_PORT


def is_free(port: int, kind: socket.SocketKind) -> bool:
    """Whether nobody listens on the port, on loopback or on all addresses."""
    with socket.socket(socket.AF_INET, kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # old connections of ours do not count
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise SetupError(f"Port {port} needs root.", hint="Choose one above 1023: PORT=8000 make run") from None
            return False
    return kind is socket.SOCK_DGRAM or not _answers(port)


def _answers(port: int) -> bool:
    """Ask whether somebody answers: macOS lets a second program bind a narrower address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_S)
        return probe.connect_ex((LOOPBACK, port)) == 0
