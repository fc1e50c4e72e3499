"""What a stack uses: CPU seconds and memory (PSS: shared pages are divided among those who share them)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from tests.live.stack import Stack

MIB = 1024 * 1024
HEARING = "rehearsal.hearing.worker"


@dataclass(frozen=True)
class Snapshot:
    """CPU seconds of each process so far, and PSS of each part."""

    at: float
    cpu_s: Mapping[str, Mapping[int, float]]
    pss_mib: Mapping[str, float]
    processes: Mapping[str, int]


def take(stack: Stack) -> Snapshot:
    """Look at every process of every part."""
    cpu_s: dict[str, dict[int, float]] = {}
    pss_mib: dict[str, float] = {}
    processes: dict[str, int] = {}
    for name, process in stack.processes.items():
        tree = _tree(process.pid)
        cpu_s[name], pss_mib[name], processes[name] = {}, 0.0, len(tree)
        for one in tree:
            try:
                times = one.cpu_times()
                cpu_s[name][one.pid] = times.user + times.system
                pss_mib[name] += one.memory_full_info().pss / MIB
            except psutil.Error:
                continue
    return Snapshot(time.monotonic(), cpu_s, pss_mib, processes)


def hearing_cpu_s(stack: Stack) -> float:
    """Add up the CPU seconds of the process that hears for all calls."""
    return sum(_seconds(one) for one in _tree(stack.processes["rehearsal"].pid) if HEARING in _command(one))


def cores(before: Snapshot, after: Snapshot) -> dict[str, float]:
    """Share of one core that each part used between two looks."""
    seconds = after.at - before.at
    return {
        name: sum(used - before.cpu_s[name].get(pid, 0.0) for pid, used in after.cpu_s[name].items()) / seconds
        for name in after.cpu_s
    }


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
