"""LiveKit's server API: rooms, participants, agent dispatches, access tokens."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Participant:
    """One participant of a room as ListParticipants tells it."""

    identity: str
    is_agent: bool
    is_hidden: bool


def list_participants(room: str) -> list[Participant]:
    """List who is in a room; empty when there is no such room. Raises UnavailableError."""
    raise NotImplementedError
