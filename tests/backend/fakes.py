"""Stand-ins for what is outside: LiveKit's rooms, and an agent that reports."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from dispatchsim.domain.control import RoomControl
from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.errors import UnavailableError
from dispatchsim.domain.events import (
    AgentEvent,
    AgentLeft,
    AgentReady,
    ErrorReported,
    EventBatch,
    HangUpRequested,
    Heartbeat,
    PeerTranscribed,
    TurnFinished,
    TurnStarted,
    TurnWords,
)
from dispatchsim.gateways.livekit import Dispatch, Participant, Room
from dispatchsim.services.ingest import store_batch


@dataclass
class FakeRoom:
    """One room, with everything that was ever asked of it."""

    timeout_s: int
    controls: list[str]
    participants: list[Participant] = field(default_factory=list)
    dispatches: list[Dispatch] = field(default_factory=list)

    @property
    def control(self) -> RoomControl:
        return RoomControl.model_validate_json(self.controls[-1])


class FakeRooms:
    """LiveKit in memory. `answers=False` is a server that is away."""

    def __init__(self) -> None:
        self.open: dict[str, FakeRoom] = {}
        self.deleted: list[str] = []
        self.dispatched: list[tuple[str, str, str]] = []
        self.answers = True
        self.takes_dispatches = True  # False: an agent server that never gets its job
        self.calls = 0

    def create_room(self, *, name: str, metadata: str, timeout_s: int) -> None:
        self._ask()
        self.open.setdefault(name, FakeRoom(timeout_s=timeout_s, controls=[metadata]))

    def delete_room(self, *, name: str) -> None:
        self._ask()
        self.deleted.append(name)
        self.open.pop(name, None)

    def list_rooms(self) -> list[Room]:
        self._ask()
        return [Room(name=name, metadata=room.controls[-1]) for name, room in self.open.items()]

    def set_metadata(self, *, name: str, metadata: str) -> None:
        self._ask()
        if name in self.open:
            self.open[name].controls.append(metadata)

    def list_participants(self, *, name: str) -> list[Participant]:
        self._ask()
        return list(self.open[name].participants) if name in self.open else []

    def create_dispatch(self, *, name: str, agent_name: str, metadata: str) -> None:
        self._ask()
        self.dispatched.append((name, agent_name, metadata))
        dispatch = Dispatch(id=f"AD_{len(self.dispatched)}", agent_name=agent_name, has_job=self.takes_dispatches)
        self.open[name].dispatches.append(dispatch)

    def list_dispatches(self, *, name: str) -> list[Dispatch]:
        self._ask()
        return list(self.open[name].dispatches)

    def delete_dispatch(self, *, name: str, dispatch_id: str) -> None:
        self._ask()
        self.open[name].dispatches = [one for one in self.open[name].dispatches if one.id != dispatch_id]

    def join(self, name: UUID, role: Role) -> None:
        self.open[str(name)].participants.append(Participant(role.identity, is_agent=True, is_hidden=False))

    def leave(self, name: UUID, role: Role) -> None:
        room = self.open[str(name)]
        room.participants = [one for one in room.participants if one.identity != role.identity]

    def _ask(self) -> None:
        self.calls += 1
        if not self.answers:
            raise UnavailableError("The LiveKit server does not answer.", part="livekit")


class FakeAgent:
    """One agent's side of the ingest: numbers its events and reports them."""

    def __init__(self, conversation_id: UUID, role: Role) -> None:
        self.conversation_id = conversation_id
        self.role = role
        self.seq = 0
        self.turns = 0

    def ready(self) -> None:
        self.report(lambda seq, at: AgentReady(seq=seq, at=at))

    def beat(self) -> None:
        self.report(lambda seq, at: Heartbeat(seq=seq, at=at))

    def start(self, *, at: float | None = None) -> str:
        self.turns += 1
        turn_id = f"{self.role}-{self.turns}"
        self.report(lambda seq, now: TurnStarted(seq=seq, at=at or now, turn_id=turn_id, item_id=f"item-{turn_id}"))
        return turn_id

    def words(self, turn_id: str, text: str) -> None:
        self.report(lambda seq, at: TurnWords(seq=seq, at=at, turn_id=turn_id, text=text))

    def finish(self, turn_id: str, text: str, *, at: float | None = None, interrupted: bool = False) -> None:
        self.report(
            lambda seq, now: TurnFinished(seq=seq, at=at or now, turn_id=turn_id, text=text, interrupted=interrupted)
        )

    def say(self, text: str) -> None:
        self.finish(self.start(), text)

    def heard(self, text: str | None, *, started_at: float | None = None) -> None:
        self.report(lambda seq, at: PeerTranscribed(seq=seq, at=at, started_at=started_at, text=text))

    def hang_up(self) -> None:
        self.report(lambda seq, at: HangUpRequested(seq=seq, at=at))

    def fail(self, reason: EndReason, message: str) -> None:
        self.report(lambda seq, at: ErrorReported(seq=seq, at=at, reason=reason, message=message, fatal=True))

    def leave(self) -> None:
        self.report(lambda seq, at: AgentLeft(seq=seq, at=at))

    def report(self, build: Callable[[int, float], AgentEvent]) -> None:
        self.seq += 1
        self.send([build(self.seq, time.time())])

    def send(self, events: Sequence[AgentEvent]) -> int:
        batch = EventBatch(role=self.role, events=list(events))
        return store_batch(conversation_id=self.conversation_id, batch=batch).acknowledged
