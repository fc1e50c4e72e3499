"""Fakes of the agents' tests: a sink that keeps events, and a recorded Realtime session."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from agents.outbox import BuildEvent
from agents.wire import RawEvent, Wire
from dispatchsim.domain.events import AgentEvent

RECORDINGS = Path(__file__).parent / "recordings"
E = TypeVar("E")


@dataclass
class FakeSink:
    """Keep every event, numbered."""

    events: list[AgentEvent] = field(default_factory=list)

    def add(self, build: BuildEvent) -> None:
        self.events.append(build(len(self.events) + 1))

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


@dataclass
class FakeClock:
    """Time that moves only when it is told to; `sleep` moves it."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass(frozen=True)
class RecordedEvent:
    """One event of a recorded session; sound is replaced by its length."""

    at: float
    sender: str
    event: RawEvent


def read_recording(name: str) -> list[RecordedEvent]:
    lines = (RECORDINGS / name).read_text().splitlines()
    return [_restore(json.loads(line)) for line in lines]


def replay(records: list[RecordedEvent], wire: Wire, clock: FakeClock, *, start: float = 1000.0) -> None:
    for record in records:
        clock.now = start + record.at
        if record.sender == "server":
            wire.on_server_event(record.event)
        elif record.sender == "client":
            wire.on_client_event(record.event)
        else:
            wire.on_connected()


def _restore(line: RawEvent) -> RecordedEvent:
    event: RawEvent = line["event"]
    length = event.pop("_base64_length", None)
    for key in ("delta", "audio"):
        if length is not None and key in event:
            event[key] = "A" * length
    return RecordedEvent(at=line["at"], sender=line["from"], event=event)
