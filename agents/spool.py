"""Events on disk until they are acknowledged, so that a web side that is away loses nothing.

One file per agent and conversation, in a folder of this user's own (mode 0700): a first line with
address, token and role, then one event a line. Its owner holds a lock; a file without a lock was
left behind by a process that is gone and is delivered by the agent server.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from uuid import UUID

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import AgentEvent, agent_event_adapter


@dataclass(frozen=True)
class ReportAddress:
    """Where the events of one agent go."""

    conversation_id: UUID
    role: Role
    url: str
    token: str = field(repr=False)


def spool_folder() -> Path:
    """Return this user's folder of waiting events, made if it is missing."""
    folder = Path(tempfile.gettempdir()) / f"dispatchsim-spool-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder


class Spool:
    """The file of one agent in one conversation."""

    def __init__(self, file: IO[str], path: Path) -> None:
        self._file = file
        self.path = path

    @classmethod
    def create(cls, address: ReportAddress, folder: Path) -> "Spool":
        """Start a file and lock it."""
        path = folder / f"{address.conversation_id}-{address.role}-{os.getpid()}.jsonl"
        file = open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+", encoding="utf-8")  # noqa: SIM115  (kept open)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        spool = cls(file, path)
        spool._write_line(
            json.dumps(
                {
                    "conversation_id": str(address.conversation_id),
                    "role": address.role.value,
                    "url": address.url,
                    "token": address.token,
                }
            )
        )
        return spool

    def append(self, event: AgentEvent) -> None:
        """Keep an event."""
        self._write_line(event.model_dump_json())

    def close(self, *, is_delivered: bool) -> None:
        """Remove the file when nothing of it waits; else leave it to the agent server."""
        if is_delivered:
            self.path.unlink(missing_ok=True)
        self._file.close()

    def _write_line(self, line: str) -> None:
        self._file.write(line + "\n")
        self._file.flush()


@dataclass(frozen=True)
class LeftBehind:
    """Events of a process that is gone."""

    address: ReportAddress
    events: tuple[AgentEvent, ...]
    spool: Spool


def find_left_behind(folder: Path) -> Iterator[LeftBehind]:
    """Yield each file that no process holds any more, locked."""
    for path in sorted(folder.glob("*.jsonl")):
        try:
            file = path.open("r+", encoding="utf-8")
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        try:
            yield _read(file, path)
        except ValueError:
            # Cut short in its first line, or written by another version: nothing to deliver.
            Spool(file, path).close(is_delivered=True)


def _read(file: IO[str], path: Path) -> LeftBehind:
    head, *lines = file.read().splitlines()
    fields = json.loads(head)
    address = ReportAddress(
        conversation_id=UUID(fields["conversation_id"]),
        role=Role(fields["role"]),
        url=fields["url"],
        token=fields["token"],
    )
    # The last line may be cut: its process was killed while it wrote.
    events = tuple(agent_event_adapter.validate_json(line) for line in lines if line.endswith("}"))
    return LeftBehind(address=address, events=events, spool=Spool(file, path))
