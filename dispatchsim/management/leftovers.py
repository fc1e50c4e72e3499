"""Processes that must not stay: found by their session, and by the record of an earlier run."""

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

RUN_ID = "DISPATCHSIM_RUN_ID"  # in every part's environment: tells our processes from a stranger's
KILL_ROUNDS, KILL_PAUSE_S = 20, 0.02  # a killed process is gone within milliseconds


def session_members(session_id: int) -> list[psutil.Process]:
    """List the live processes of a session, also after its leader is gone."""
    return [process for process in _live_processes() if _session_of(process.pid) == session_id]


def kill_session(session_id: int) -> None:
    """Kill every process of a session, and what they start meanwhile.

    Nobody is waited for by pid: reaping the leader belongs to asyncio.
    """
    for _ in range(KILL_ROUNDS):
        members = session_members(session_id)
        if not members:
            return
        for process in members:
            _kill(process)
        time.sleep(KILL_PAUSE_S)


class RunRecord:
    """A file that names the sessions of a run, so that the next run can end what a crash left."""

    def __init__(self, path: Path, run_id: str) -> None:
        self._path = path
        self._run_id = run_id
        self._sessions: list[int] = []

    def add(self, session_id: int) -> None:
        """Remember a session before anything can go wrong with it."""
        self._sessions.append(session_id)
        self._path.write_text(json.dumps({"run_id": self._run_id, "sessions": self._sessions}), encoding="utf-8")

    def remove(self) -> None:
        """Forget the run: it ended in order."""
        self._path.unlink(missing_ok=True)


def end_leftovers(path: Path) -> int:
    """Kill what the run in this record left behind; return how many processes that were."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        run_id, sessions = str(record["run_id"]), set(record["sessions"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    found = [process for process in _live_processes() if _session_of(process.pid) in sessions]
    ours = [process for process in found if _run_id_of(process) == run_id]
    for process in ours:
        _kill(process)
    psutil.wait_procs(ours, timeout=2)
    path.unlink(missing_ok=True)
    return len(ours)


def _live_processes() -> Iterable[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE:
                yield process
        except psutil.Error:
            continue


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _run_id_of(process: psutil.Process) -> str:
    try:
        return process.environ().get(RUN_ID, "")
    except (psutil.Error, OSError):
        return ""


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.Error:
        return
