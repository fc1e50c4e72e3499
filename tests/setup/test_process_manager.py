"""The process manager starts, restarts and stops real child processes, and leaves none."""

import asyncio
import errno
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from dispatchsim.management.leftovers import RUN_ID, RunRecord, end_leftovers, session_members
from dispatchsim.management.processes import Part, ProcessManager, RestartPolicy, StopPlan, StopStage

OBEDIENT = """
import signal, threading
done = threading.Event()
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: done.set())
print("ready", flush=True)
done.wait()
print("bye", flush=True)
"""
STUBBORN = """
import signal
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
print("ready", flush=True)
while True:
    signal.pause()
"""
PARENT_OF_STUBBORN = f"""
import signal, subprocess, sys
subprocess.Popen([sys.executable, "-S", "-c", {STUBBORN!r}], process_group=0)
signal.pause()
"""
DIES_LEAVING_A_CHILD = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-S", "-c", {STUBBORN!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(f"child {{child.pid}}", flush=True)
"""
DIES = "import sys; print('no luck', flush=True); sys.exit(3)"
LOUD = "import os, signal; os.write(1, b'x' * 50_000 + b'\\n\\xff last\\n'); print('ready', flush=True); signal.pause()"
TALKATIVE = """
import os, signal
for _ in range(40):
    os.write(1, b"x" * 9_999 + b"\\n")  # more than a pipe holds
os.write(1, b"last of many\\n")
signal.pause()
"""
QUICK = RestartPolicy(most=2, first_pause_s=0.01)


def part(name: str, code: str, **environ: str) -> Part:
    return Part(name=name, command=[sys.executable, "-S", "-c", code], environ=environ)


def plan(*names: str, number: signal.Signals = signal.SIGINT, wait_s: float = 5.0) -> StopPlan:
    return tuple(StopStage((name,), number, wait_s) for name in names)


@dataclass
class Stage:
    """A manager under test, what it said, and when which part became ready."""

    folder: Path
    lines: list[tuple[str, str]] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def say(self, name: str, line: str) -> None:
        self.lines.append((name, line))
        self.heard.set()

    def manager(self, *parts: Part, stop_plan: StopPlan = (), drain_plan: StopPlan = ()) -> ProcessManager:
        record = RunRecord(self.folder / "run.json", "test-run")
        return ProcessManager(
            parts, say=self.say, stop_plan=stop_plan, drain_plan=drain_plan, record=record, restarts=QUICK
        )

    async def until(self, *lines: str) -> None:
        async with asyncio.timeout(10):
            while not set(lines) <= {text for _, text in self.lines}:
                self.heard.clear()
                await self.heard.wait()

    async def run(self, manager: ProcessManager, *signals: signal.Signals) -> int:
        """Run until every part said `ready`, then send signals."""

        async def started() -> None:
            async with asyncio.timeout(10):
                while sum(text == "ready" for _, text in self.lines) < len(manager.names):
                    self.heard.clear()
                    await self.heard.wait()
            self.pids = manager.process_ids()
            for number in signals:
                manager.on_signal(number)

        return await manager.run(started)

    def left(self) -> list[psutil.Process]:
        return [member for pid in self.pids for member in session_members(pid)]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


async def test_ctrl_c_lets_every_part_say_goodbye(stage: Stage) -> None:
    manager = stage.manager(part("web", OBEDIENT), part("media", OBEDIENT), stop_plan=plan("web", "media"))

    code = await stage.run(manager, signal.SIGINT)

    assert code == 0
    assert stage.lines.count(("web", "bye")) == stage.lines.count(("media", "bye")) == 1


async def test_parts_stop_in_the_order_of_the_plan(stage: Stage) -> None:
    manager = stage.manager(part("web", OBEDIENT), part("agents", OBEDIENT), stop_plan=plan("agents", "web"))

    await stage.run(manager, signal.SIGINT)

    assert [name for name, text in stage.lines if text == "bye"] == ["agents", "web"]


async def test_a_part_that_does_not_listen_is_killed_when_its_time_is_up(stage: Stage) -> None:
    manager = stage.manager(part("web", STUBBORN), stop_plan=plan("web", wait_s=0.2))

    code = await stage.run(manager, signal.SIGINT)

    assert code == 0
    assert stage.left() == []


async def test_grandchildren_in_groups_of_their_own_are_not_left_behind(stage: Stage) -> None:
    manager = stage.manager(part("agents", PARENT_OF_STUBBORN), stop_plan=plan("agents", wait_s=2))

    await stage.run(manager, signal.SIGTERM)

    assert stage.left() == []


async def test_a_second_ctrl_c_kills_at_once(stage: Stage) -> None:
    manager = stage.manager(part("web", STUBBORN), stop_plan=plan("web", wait_s=60))
    begun = time.monotonic()

    await stage.run(manager, signal.SIGINT, signal.SIGINT)

    assert time.monotonic() - begun < 10
    assert stage.left() == []


async def test_sigterm_drains_by_the_other_plan(stage: Stage) -> None:
    manager = stage.manager(
        part("agents", OBEDIENT),
        part("web", OBEDIENT),
        stop_plan=plan("web", "agents"),
        drain_plan=plan("agents", "web"),
    )

    await stage.run(manager, signal.SIGTERM)

    assert [name for name, text in stage.lines if text == "bye"] == ["agents", "web"]


async def test_ctrl_c_cuts_a_drain_short(stage: Stage) -> None:
    manager = stage.manager(
        part("agents", STUBBORN), stop_plan=plan("agents", wait_s=0.1), drain_plan=plan("agents", wait_s=60)
    )
    begun = time.monotonic()

    code = await stage.run(manager, signal.SIGTERM, signal.SIGINT)

    assert code == 0
    assert time.monotonic() - begun < 10


async def test_a_part_that_dies_is_started_again(stage: Stage) -> None:
    manager = stage.manager(part("rehearsal", DIES))

    await manager.run(stage.until)

    assert ("", "rehearsal stopped with exit code 3; starting it again (1)") in stage.lines


async def test_a_part_that_keeps_dying_stops_everything_with_its_last_words(stage: Stage) -> None:
    manager = stage.manager(part("rehearsal", DIES), part("web", OBEDIENT), stop_plan=plan("web"))

    code = await manager.run(stage.until)

    assert code == 1
    assert "rehearsal stopped with exit code 3, 3 times within" in stage.lines[-1][1]
    assert "no luck" in stage.lines[-1][1]


async def test_a_program_that_is_not_there_stops_everything_with_the_reason(stage: Stage) -> None:
    manager = stage.manager(Part(name="media", command=["/nowhere/livekit-server"], environ={}))

    code = await manager.run(stage.until)

    assert code == 1
    assert "/nowhere/livekit-server" in stage.lines[-1][1]


async def test_what_a_dead_part_started_is_gone_before_it_starts_again(stage: Stage) -> None:
    manager = stage.manager(part("agents", DIES_LEAVING_A_CHILD))

    await manager.run(stage.until)

    children = [int(text.split()[1]) for _, text in stage.lines if text.startswith("child ")]
    assert len(children) == 3
    assert not any(is_running(child) for child in children)


async def test_a_start_that_fails_stops_everything_with_the_reason(stage: Stage) -> None:
    manager = stage.manager(part("web", OBEDIENT), stop_plan=plan("web"))

    async def cannot_start() -> None:
        await stage.until("ready")
        raise RuntimeError("no sign-in link")

    code = await manager.run(cannot_start)

    assert code == 1
    assert "no sign-in link" in stage.lines[-1][1]


async def test_long_lines_and_wrong_bytes_do_not_stop_the_output(stage: Stage) -> None:
    manager = stage.manager(part("agents", LOUD), stop_plan=plan("agents"))

    await stage.run(manager, signal.SIGINT)

    assert ("agents", "\N{REPLACEMENT CHARACTER} last") in stage.lines


async def test_each_part_sees_its_own_environment_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "of the manager")
    code = "import os, signal; print(sorted(os.environ)); print('ready', flush=True); signal.pause()"
    manager = stage.manager(part("rehearsal", code, REHEARSAL_API_KEY="k"), stop_plan=plan("rehearsal"))

    await stage.run(manager, signal.SIGINT)

    assert not any("SECRET_KEY" in text for _, text in stage.lines)


async def test_a_run_that_ended_in_order_leaves_no_record(stage: Stage) -> None:
    manager = stage.manager(part("web", OBEDIENT), stop_plan=plan("web"))

    await stage.run(manager, signal.SIGINT)

    assert list(stage.folder.iterdir()) == []


class FullDisk(RunRecord):
    """A record for which there is no room."""

    def add(self, session_id: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def remove(self) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))


async def test_a_record_that_cannot_be_written_stops_no_part_and_is_told_once(stage: Stage) -> None:
    manager = ProcessManager(
        (part("agents", TALKATIVE), part("rehearsal", DIES)),
        say=stage.say,
        stop_plan=plan("agents"),
        drain_plan=(),
        record=FullDisk(stage.folder / "run.json", "test-run"),
        restarts=RestartPolicy(most=1000, first_pause_s=0.01),
    )

    async def until_all_is_read_and_one_is_restarted() -> None:
        await stage.until("last of many", "rehearsal stopped with exit code 3; starting it again (1)")
        manager.on_signal(signal.SIGINT)

    code = await manager.run(until_all_is_read_and_one_is_restarted)

    assert code == 0
    assert ["No space left" in text for _, text in stage.lines].count(True) == 1


async def test_the_next_run_ends_what_a_crashed_one_left(stage: Stage) -> None:
    orphan = await start_orphan("crashed-run")
    record = RunRecord(stage.folder / "run.json", "crashed-run")
    record.add(orphan.pid)

    count = end_leftovers(stage.folder / "run.json")

    await orphan.wait()
    assert count == 1


async def test_a_stranger_with_a_recycled_number_is_left_alone(stage: Stage) -> None:
    stranger = await start_orphan("another-run")
    RunRecord(stage.folder / "run.json", "crashed-run").add(stranger.pid)

    count = end_leftovers(stage.folder / "run.json")

    assert count == 0
    assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()


async def start_orphan(run_id: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-S",
        "-c",
        STUBBORN,
        env={RUN_ID: run_id},
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout
    await process.stdout.readline()
    return process


def is_running(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
