"""The process manager behind `manage.py up`: starts parts, restarts what dies, leaves nothing behind.

    start ─► run ─► (a part dies ─► again, after a pause; too often ─► stop all, exit 1)
                └─► SIGINT ─► stop plan ─► exit 0                 (a second signal kills at once)
                └─► SIGTERM ─► drain plan ─► exit 0               (a signal meanwhile switches to the stop plan)

Each part is the leader of a session of its own: Ctrl-C on the terminal reaches only the manager, and whatever a part
started is found by its session, even after the part itself is gone.
"""

import asyncio
import os
import signal
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from dispatchsim.management.leftovers import RunRecord, kill_session

Say = Callable[[str, str], None]  # who speaks (a part, or "" for the manager) and one line
MAX_LINE_BYTES = 65_536  # longer output is cut into lines of this length
PIPE_WAIT_S = 1.0  # how long the last output of a dead part may take to be read
REMEMBERED_LINES = 8  # shown again when a part keeps dying
HANGUP_SIGNALS = (signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True)
class Part:
    """One process of the stack."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(repr=False)
    cwd: Path | None = None


@dataclass(frozen=True)
class StopStage:
    """Parts that are told to stop together, and how long they may take."""

    names: tuple[str, ...]
    signal: signal.Signals
    wait_s: float


StopPlan = tuple[StopStage, ...]


@dataclass(frozen=True)
class RestartPolicy:
    """How often a part may die before the whole stack is given up."""

    most: int = 3
    window_s: float = 60.0
    first_pause_s: float = 0.5  # doubled with each restart in the window


class _Running:
    """One part and its current process."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.process: asyncio.subprocess.Process | None = None
        self.deaths: deque[float] = deque()
        self.lines: deque[str] = deque(maxlen=REMEMBERED_LINES)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.returncode is None


class ProcessManager:
    """Runs parts until a signal, or until one of them cannot be kept alive."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        say: Say,
        stop_plan: StopPlan,
        drain_plan: StopPlan,
        record: RunRecord,
        restarts: RestartPolicy = RestartPolicy(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._running = {part.name: _Running(part) for part in parts}
        self._say = say
        self._stop_plan = stop_plan
        self._drain_plan = drain_plan
        self._record = record
        self._restarts = restarts
        self._clock = clock
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()  # set by a later signal: cuts the wait of the present stage
        self._signals: list[signal.Signals] = []
        self._failure = ""
        self._is_record_lost = False

    async def run(self, on_started: Callable[[], Awaitable[None]]) -> int:
        """Run everything until it is stopped; return the exit code. `on_started` runs beside the parts."""
        self._listen_to_signals()
        keepers = [asyncio.create_task(self._keep(running)) for running in self._running.values()]
        starter = asyncio.ensure_future(on_started())
        starter.add_done_callback(self._on_starter_done)
        try:
            await self._stopping.wait()
        finally:
            starter.cancel()
            await self._stop_all()
            await asyncio.gather(*keepers, return_exceptions=True)
            await asyncio.wait([starter])
            with suppress(OSError):  # the next run finds none of its processes
                self._record.remove()
        if self._failure:
            self._say("", self._failure)
        return 1 if self._failure else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The parts by name."""
        return tuple(self._running)

    def process_ids(self) -> list[int]:
        """List the processes of the parts as they are now."""
        return [running.process.pid for running in self._running.values() if running.process]

    def on_signal(self, number: signal.Signals) -> None:
        """Take one signal: the first chooses the plan, later ones hurry it."""
        self._signals.append(number)
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()

    def _on_starter_done(self, starter: asyncio.Future[None]) -> None:
        error = None if starter.cancelled() else starter.exception()
        if error is not None:
            self._failure = f"The start could not be finished: {error}"
            self._stopping.set()

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (*HANGUP_SIGNALS, signal.SIGTERM):
            loop.add_signal_handler(number, self.on_signal, number)

    async def _keep(self, running: _Running) -> None:
        """Start a part and start it again when it dies, up to the policy's limit."""
        while not self._stopping.is_set():
            code = await self._run_once(running)
            if self._stopping.is_set():
                return
            pause_s = self._next_pause(running)
            if pause_s is None:
                self._give_up(running, code)
                return
            self._say("", f"{running.part.name} {_describe(code)}; starting it again ({len(running.deaths)})")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause_s)

    async def _run_once(self, running: _Running) -> int:
        part = running.part
        read_end, write_end = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                env=dict(part.environ),
                cwd=part.cwd,
                start_new_session=True,
            )
        except OSError as error:
            os.close(read_end)
            running.lines.append(str(error))
            return 127
        finally:
            os.close(write_end)
        running.process = process
        self._remember(process.pid)
        if self._stopping.is_set():  # too late for the plan: nobody else would stop it
            kill_session(process.pid)
        reader = asyncio.create_task(self._read(running, read_end))
        code = await process.wait()
        kill_session(process.pid)
        await asyncio.wait([reader], timeout=PIPE_WAIT_S)
        reader.cancel()
        return code

    def _remember(self, session_id: int) -> None:
        """Write a session into the record; without one a part runs all the same, and only a crash of ours misses it."""
        try:
            self._record.add(session_id)
        except OSError as error:
            if not self._is_record_lost:
                self._say("", f"What runs cannot be written down, and a crash would leave it behind: {error}")
            self._is_record_lost = True

    async def _read(self, running: _Running, descriptor: int) -> None:
        """Pass a part's output on, line by line."""
        stream = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        pipe = os.fdopen(descriptor, "rb", buffering=0)
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
        try:
            rest = b""
            while chunk := await stream.read(MAX_LINE_BYTES):
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) >= MAX_LINE_BYTES:
                    lines, rest = [*lines, rest], b""
                self._pass_on(running, lines)
            self._pass_on(running, [rest])
        finally:
            transport.close()

    def _pass_on(self, running: _Running, lines: Sequence[bytes]) -> None:
        for line in lines:
            if text := line.decode("utf-8", "replace").rstrip():
                running.lines.append(text)
                self._say(running.part.name, text)

    def _next_pause(self, running: _Running) -> float | None:
        """Tell how long to wait before the next start; None when the part has died too often."""
        now = self._clock()
        running.deaths.append(now)
        while running.deaths and running.deaths[0] <= now - self._restarts.window_s:
            running.deaths.popleft()
        count = len(running.deaths)
        return None if count > self._restarts.most else self._restarts.first_pause_s * 2 ** (count - 1)

    def _give_up(self, running: _Running, code: int) -> None:
        last = "".join(f"\n    {line}" for line in running.lines)
        self._failure = (
            f"{running.part.name} {_describe(code)}, {len(running.deaths)} times within "
            f"{self._restarts.window_s:.0f} s: everything is stopped. Its last lines:{last}"
        )
        self._stopping.set()

    async def _stop_all(self) -> None:
        """Walk the plan of the first signal; a later signal goes over to the stop plan, one more to the end."""
        drains = self._signals[:1] == [signal.SIGTERM]
        plan = self._drain_plan if drains else self._stop_plan
        self._say("", "· Letting running calls end; Ctrl-C stops at once" if drains else "· Stopping")
        if await self._walk(plan) or plan is self._stop_plan:
            self._kill_all()
            return
        self._hurry.clear()
        await self._walk(self._stop_plan)
        self._kill_all()

    async def _walk(self, plan: StopPlan) -> bool:
        """Stop parts stage by stage; False when a signal cut it short."""
        for stage in plan:
            mine = [self._running[name] for name in stage.names if name in self._running]
            alive = [running.process for running in mine if running.process and running.is_alive]
            for process in alive:
                with suppress(ProcessLookupError):
                    process.send_signal(stage.signal)
            if not await self._wait_for(alive, stage.wait_s):
                return False
        return True

    async def _wait_for(self, processes: Sequence[asyncio.subprocess.Process], wait_s: float) -> bool:
        """Wait until processes are gone, then kill what stayed; False when a signal cut the wait."""
        hurried = asyncio.create_task(self._hurry.wait())
        gone = asyncio.create_task(_all_gone(processes))
        await asyncio.wait([hurried, gone], timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()
        gone.cancel()
        if self._hurry.is_set():
            return False
        for process in processes:
            if process.returncode is None:
                kill_session(process.pid)
        return True

    def _kill_all(self) -> None:
        for running in self._running.values():
            if running.process:
                kill_session(running.process.pid)


async def _all_gone(processes: Sequence[asyncio.subprocess.Process]) -> bool:
    await asyncio.gather(*(process.wait() for process in processes))
    return True


def _describe(code: int) -> str:
    if code >= 0:
        return f"stopped with exit code {code}"
    with suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"
