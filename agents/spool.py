"""Events on disk until they are acknowledged, so that a web side that is away loses nothing.

One file per agent and conversation, in a folder of this user's own (mode 0700): a first line with
address, token and role, then one event a line. Its owner holds a lock; a file without a lock was
left behind by a process that is gone and is delivered by the agent server.
"""

import fcntl
import json
import logging
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from uuid import UUID

from pydantic import ValidationError

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import AgentEvent, Heartbeat, agent_event_adapter

KEPT_S = 24 * 3600.0  # nobody waits for the events of yesterday's call; without an end they would pile up

logger = logging.getLogger("agents.spool")


@dataclass(frozen=True)
class ReportAddress:
    """Where the events of one agent go."""

    conversation_id: UUID
    role: Role
    url: str
    token: str = field(repr=False)


def spool_folder(data_folder: Path | None) -> Path:
    """Return this user's folder of waiting events, made if it is missing; PermissionError where it is not safe."""
    shared = Path(tempfile.gettempdir()) / f"dispatchsim-spool-{os.getuid()}"
    folder = shared if data_folder is None else data_folder / "spool"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()  # not stat: where everybody may write, somebody else may have laid a link
    is_own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not is_own or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionError(f"{folder} is not a folder of this user alone")
    return folder


class Spool:
    """The file of one agent in one conversation."""

    def __init__(self, file: IO[str], path: Path, head: str = "") -> None:
        self._file = file
        self._head = head
        self.path = path

    @classmethod
    def create(cls, address: ReportAddress, folder: Path) -> "Spool":
        """Start a file and lock it."""
        path = folder / f"{address.conversation_id}-{address.role}-{os.getpid()}.jsonl"
        head = json.dumps(
            {
                "conversation_id": str(address.conversation_id),
                "role": address.role.value,
                "url": address.url,
                "token": address.token,
            }
        )
        return cls(_start(path, [head]), path, head)

    def rewrite(self, events: Sequence[AgentEvent]) -> None:
        """Keep these events instead of all that were kept."""
        fresh = self.path.with_suffix(".new")
        file = _start(fresh, [self._head, *(event.model_dump_json() for event in events)])
        fresh.replace(self.path)
        self._file.close()  # not before: the file is never there without a lock
        self._file = file

    def append(self, event: AgentEvent) -> None:
        """Keep an event."""
        _write(self._file, [event.model_dump_json()])

    def close(self, *, is_delivered: bool) -> None:
        """Remove the file when nothing of it waits; else leave it to the agent server."""
        if is_delivered:
            self.path.unlink(missing_ok=True)
        self._file.close()


def _start(path: Path, lines: list[str]) -> IO[str]:
    file = open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+", encoding="utf-8")  # noqa: SIM115  (kept open)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    _write(file, lines)
    return file


def _write(file: IO[str], lines: list[str]) -> None:
    file.write("".join(f"{line}\n" for line in lines))
    file.flush()


@dataclass(frozen=True)
class LeftBehind:
    """Events of a process that is gone."""

    address: ReportAddress
    events: tuple[AgentEvent, ...]
    spool: Spool


def find_left_behind(folder: Path, *, now: float) -> Iterator[LeftBehind]:
    """Yield each file that no process holds any more, locked; remove those that nobody can or need deliver."""
    for path in sorted(folder.glob("*.jsonl")):
        file = _open_if_left(path)
        if file is None:
            continue
        try:
            left = _read(file, path)
        except (ValueError, KeyError, TypeError):
            # Cut short in its first line, or written by another version: nobody knows where to deliver it.
            _drop(file, path, "events without an address are dropped")
            continue
        if now - os.fstat(file.fileno()).st_mtime > KEPT_S:
            _drop(file, path, "events older than a day are dropped")
            continue
        yield left


def _open_if_left(path: Path) -> IO[str] | None:
    """Open and lock a file; None when a process holds it, or it has gone meanwhile."""
    try:
        # A kill may have cut a character in two.
        file = path.open("r+", encoding="utf-8", errors="replace", newline="\n")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return file
    except (BlockingIOError, FileNotFoundError):
        pass
    file.close()
    return None


def _drop(file: IO[str], path: Path, why: str) -> None:
    logger.warning(why, extra={"conversation_id": path.stem})
    Spool(file, path).close(is_delivered=True)


def _read(file: IO[str], path: Path) -> LeftBehind:
    # Not splitlines: a turn may hold other characters that end a line, U+2028 for one.
    head, *lines = file.read().split("\n")
    fields = json.loads(head)
    address = ReportAddress(
        conversation_id=UUID(str(fields["conversation_id"])),
        role=Role(fields["role"]),
        url=str(fields["url"]),
        token=str(fields["token"]),
    )
    return LeftBehind(address=address, events=tuple(_read_events(lines)), spool=Spool(file, path))


def _read_events(lines: list[str]) -> Iterator[AgentEvent]:
    seq, at = 0, 0.0
    for number, line in enumerate(lines, start=1):
        try:
            event = agent_event_adapter.validate_json(line)
        except ValidationError:
            if number == len(lines):  # empty, or cut: its process was killed while it wrote
                return
            event = Heartbeat(seq=seq + 1, at=at)  # written by another version: the others must not wait for it
        seq, at = event.seq, event.at
        yield event
