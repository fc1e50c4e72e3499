"""What it means that LiveKit ended an agent's stay in the room."""

from dataclasses import dataclass

from livekit import rtc

from agents.voice_watch import Trouble
from dispatchsim.domain.conversation import EndReason


@dataclass(frozen=True)
class RoomEnd:
    """Trouble to report, if any; an evicted agent reports nothing, its successor does.

    `is_own`: it was this side that left.
    """

    trouble: Trouble | None = None
    is_evicted: bool = False
    is_own: bool = False


_GONE = Trouble(EndReason.ROOM_VANISHED, "The LiveKit room was closed in the middle of the call.", is_fatal=True)
_LOST = Trouble(EndReason.LIVEKIT_UNAVAILABLE, "The connection to LiveKit was lost.", is_fatal=True)

_ENDS = {
    # Not asked for by this agent, which leaves in its own order: the SDK shuts the job down.
    rtc.DisconnectReason.CLIENT_INITIATED: RoomEnd(is_own=True),
    rtc.DisconnectReason.PARTICIPANT_REMOVED: RoomEnd(),
    rtc.DisconnectReason.DUPLICATE_IDENTITY: RoomEnd(is_evicted=True),
    rtc.DisconnectReason.ROOM_DELETED: RoomEnd(_GONE),
    rtc.DisconnectReason.ROOM_CLOSED: RoomEnd(_GONE),
}


def read_room_end(reason: rtc.DisconnectReason.ValueType) -> RoomEnd:
    """Read a disconnect reason."""
    return _ENDS.get(reason, RoomEnd(_LOST))
