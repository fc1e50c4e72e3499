"""The way to the hearing process: ears for sessions, audio out, words back, and a new process when one dies.

session ── prepare, feed, feed … finish ──► pipe ──► worker ──► pipe ──► future of what was heard
"""

import asyncio
import itertools
import json
import logging
import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from rehearsal.hearing.heard import NOTHING, Heard, HeardWord
from rehearsal.hearing.worker import FEED, FINISH, FORGET, HEADER, PREPARE, pack

logger = logging.getLogger("rehearsal")

_ROOT = Path(__file__).resolve().parents[2]
_GRACE_S = 2.0  # for the process to end by itself
_WORKER = (sys.executable, "-m", "rehearsal.hearing.worker")
LATEST_S = 5.0  # that an utterance is begun after it was spoken: no answer waits longer for it
_FIRST_REST_S, _LONGEST_REST_S = 1.0, 30.0  # after a process that never answered; twice as long after the next
_WAITING_BYTES = 16 * 1024 * 1024  # of audio on its way, five minutes of it; more is not heard


class Ear(Protocol):
    """Hears for one session; no call blocks or raises."""

    def prepare(self, told: str) -> None:
        """Know these texts from the next utterance on."""

    def feed(self, pcm: bytes) -> None:
        """Hear the next piece of an utterance, PCM16 at 24 kHz."""

    def finish(self) -> "asyncio.Future[Heard]":
        """End the utterance; the future never fails."""

    def close(self) -> None:
        """Hear nothing more."""


class HearingProcess:
    """One worker for all sessions of a server, started when first needed, or by `warm_up`."""

    def __init__(
        self,
        command: Sequence[str] = _WORKER,
        *,
        latest_s: float = LATEST_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = (*command, str(latest_s))
        self._clock = clock
        self._rests_until = -math.inf
        self._in_vain = 0  # processes that never answered, one after the other
        self._process: asyncio.subprocess.Process | None = None
        self._running: asyncio.Task[None] | None = None
        self._unsent: list[bytes] = []  # until the process is there
        self._waiting: dict[tuple[int, int], asyncio.Future[Heard]] = {}
        self._sessions = itertools.count(1)
        self._is_closing = False
        self.generation = 0  # counts the processes, so that an ear knows when to tell a new one what it knows

    def warm_up(self) -> None:
        """Start the process now, unless those before it failed just now."""
        if not self._is_closing and not self.is_up and self._clock() >= self._rests_until:
            self.generation += 1
            self._unsent.clear()
            self._running = asyncio.create_task(self._run())

    def open_ear(self) -> Ear:
        """Give an ear to a session."""
        return ProcessEar(self, next(self._sessions))

    @property
    def is_up(self) -> bool:
        """Whether a process is there or on its way."""
        return self._running is not None and not self._running.done()

    def send(self, kind: bytes, session: int, utterance: int = 0, payload: bytes = b"") -> None:
        """Send one frame, or leave it out when the process is far behind."""
        self.warm_up()
        if not self.is_up:
            return
        frame = pack(kind, session, utterance, payload)
        stdin = None if self._process is None else self._process.stdin
        if stdin is None:
            self._unsent.append(frame)
        elif kind != FEED or stdin.transport.get_write_buffer_size() < _WAITING_BYTES:
            stdin.write(frame)

    def ask(self, session: int, utterance: int) -> "asyncio.Future[Heard]":
        """End an utterance; nothing was heard when there is no process, or when it dies over it."""
        future: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
        self.send(FINISH, session, utterance)
        if self.is_up:
            self._waiting[session, utterance] = future
        else:
            future.set_result(NOTHING)
        return future

    async def close(self) -> None:
        """End the process."""
        if self._running is None:
            return
        self._is_closing = True  # it may still be starting
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        ended, _ = await asyncio.wait([self._running], timeout=_GRACE_S)
        if not ended and self._process is not None:
            self._process.kill()
        await asyncio.wait([self._running])

    async def _run(self) -> None:
        self._in_vain += 1  # until it answers
        try:
            process = await self._start()
            try:
                await self._talk_to(process)
            finally:
                self._process = None
                self._give_up()
                await _end(process)
        except OSError as error:
            logger.error("hearing process failed error=%s", type(error).__name__)
        finally:
            self._give_up()  # what was asked while the process ended
            if self._in_vain:
                self._rests_until = self._clock() + min(_FIRST_REST_S * 2 ** (self._in_vain - 1), _LONGEST_REST_S)

    async def _start(self) -> asyncio.subprocess.Process:
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
        return await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )

    async def _talk_to(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        if process.stdin is not None and process.stdout is not None and not self._is_closing:
            process.stdin.writelines(self._unsent)
            self._unsent.clear()
            await self._read(process.stdout)

    async def _read(self, answers: asyncio.StreamReader) -> None:
        try:
            while True:
                _, _, session, utterance, size = HEADER.unpack(await answers.readexactly(HEADER.size))
                heard = _from_json(await answers.readexactly(size))
                self._in_vain = 0
                future = self._waiting.pop((session, utterance), None)
                if future is not None and not future.done():
                    future.set_result(heard)
        except asyncio.IncompleteReadError:
            return

    def _give_up(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            if not future.done():
                future.set_result(NOTHING)


class ProcessEar:
    """An ear in the hearing process."""

    def __init__(self, process: HearingProcess, session: int) -> None:
        self._process = process
        self._session = session
        self._utterances = itertools.count(1)
        self._told = ""
        self._prepared: tuple[int, str] | None = None  # which process knows what

    def prepare(self, told: str) -> None:
        """Know these texts from the next utterance on; a process that is there learns them in between."""
        self._told = told
        if self._process.is_up:
            self._tell()

    def feed(self, pcm: bytes) -> None:
        """Hear the next piece of an utterance."""
        self._tell()
        self._process.send(FEED, self._session, payload=pcm)

    def finish(self) -> "asyncio.Future[Heard]":
        """End the utterance."""
        self._tell()
        return self._process.ask(self._session, next(self._utterances))

    def close(self) -> None:
        """Forget what was told."""
        if self._prepared is not None and self._prepared[0] == self._process.generation and self._process.is_up:
            self._process.send(FORGET, self._session)

    def _tell(self) -> None:
        self._process.warm_up()
        if self._process.is_up and self._prepared != (self._process.generation, self._told):
            self._prepared = (self._process.generation, self._told)
            self._process.send(PREPARE, self._session, payload=self._told.encode("utf-8", "replace"))


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _GRACE_S)
    except TimeoutError:
        process.kill()
        await process.wait()
    if process.returncode:
        logger.error("hearing process ended code=%s", process.returncode)


def _from_json(payload: bytes) -> Heard:
    told = json.loads(payload)
    return Heard(told["text"], told["confidence"], tuple(HeardWord(*word) for word in told["words"]))
