"""Processes of a running stack as the kernel sees them: descendants, and who holds which connection."""

import psutil

from tests.live.client import wait_until

GONE_S = 10.0


def descendants(pid: int) -> list[psutil.Process]:
    """List every process below one, whatever it is called."""
    return psutil.Process(pid).children(recursive=True)


def connected_to(port: int, among: list[psutil.Process]) -> list[psutil.Process]:
    """Pick those that hold an open connection to a port: a job talks to the voice model, an idle one does not."""
    return [process for process in among if _has_connection(process, port)]


def wait_gone(processes: list[psutil.Process], *, limit_s: float = GONE_S) -> None:
    """Wait until none of them is left; an orphan fails the test."""
    wait_until(
        lambda: [process for process in processes if _is_alive(process)],
        lambda left: not left,
        limit_s=limit_s,
        what="the processes to be gone",
    )


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _has_connection(process: psutil.Process, port: int) -> bool:
    try:
        connections = process.net_connections(kind="tcp")
    except psutil.Error:
        return False
    return any(one.raddr and one.raddr.port == port and one.status == psutil.CONN_ESTABLISHED for one in connections)
