"""A real LiveKit server alone, with a configuration of the test's own."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from dispatchsim.bootstrap.media_server import find_server


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(config: Path, port: int) -> Iterator[psutil.Process]:
    program = find_server()
    assert program, "no LiveKit server: `make test` finds or builds one"
    process = subprocess.Popen([program, "--config", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        give_up_at = time.monotonic() + 20
        while not answers(port):
            assert process.poll() is None, "the server stopped"
            assert time.monotonic() < give_up_at, "the server does not answer"
        yield psutil.Process(process.pid)
    finally:
        process.kill()  # told to stop while it still starts, it may hang
        process.wait(10)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
