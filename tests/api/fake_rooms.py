"""LiveKit's rooms, in memory."""

from dataclasses import dataclass, field

from dispatchsim.domain.errors import UnavailableError
from dispatchsim.gateways.livekit import Dispatch, Participant, Room


@dataclass
class FakeRooms:
    """Keeps what it is told; with `is_down` it answers nothing."""

    is_down: bool = False
    metadata: dict[str, str] = field(default_factory=dict)
    timeouts_s: dict[str, int] = field(default_factory=dict)
    participants: dict[str, list[Participant]] = field(default_factory=dict)
    dispatches: dict[str, list[Dispatch]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)

    def create_room(self, *, name: str, metadata: str, timeout_s: int) -> None:
        self._answer()
        self.metadata[name] = metadata
        self.timeouts_s[name] = timeout_s

    def delete_room(self, *, name: str) -> None:
        self._answer()
        self.metadata.pop(name, None)
        self.deleted.append(name)

    def list_rooms(self) -> list[Room]:
        self._answer()
        return [Room(name=name, metadata=metadata) for name, metadata in self.metadata.items()]

    def set_metadata(self, *, name: str, metadata: str) -> None:
        self._answer()
        if name in self.metadata:
            self.metadata[name] = metadata

    def list_participants(self, *, name: str) -> list[Participant]:
        self._answer()
        return list(self.participants.get(name, []))

    def create_dispatch(self, *, name: str, agent_name: str, metadata: str) -> None:
        self._answer()
        known = self.dispatches.setdefault(name, [])
        known.append(Dispatch(id=f"AD_{len(known)}", agent_name=agent_name, has_job=False))

    def list_dispatches(self, *, name: str) -> list[Dispatch]:
        self._answer()
        return list(self.dispatches.get(name, []))

    def delete_dispatch(self, *, name: str, dispatch_id: str) -> None:
        self._answer()
        self.dispatches[name] = [one for one in self.dispatches.get(name, []) if one.id != dispatch_id]

    def _answer(self) -> None:
        if self.is_down:
            raise UnavailableError("The LiveKit server does not answer.", part="livekit", hint="Start it.")
