"""Whether the other agent of a call is heard in the room, and since when it has been gone from it."""

from collections.abc import Callable

from livekit import rtc

GONE_S = 5.0  # a peer that drops out may come back with the same identity


class PeerPresence:
    """The other agent, as the room tells of it; other participants do not count."""

    def __init__(self, identity: str, *, now: Callable[[], float]) -> None:
        self._identity = identity
        self._now = now
        self._left_at: float | None = None
        self.is_heard = False

    def follow(self, room: rtc.Room) -> None:
        """Listen to what the room tells."""
        room.on("track_subscribed", self.on_track_subscribed)
        room.on("participant_connected", self.on_participant_connected)
        room.on("participant_disconnected", self.on_participant_disconnected)

    def is_gone(self, now: float) -> bool:
        """Say whether the peer has left, and not come back in time."""
        return self._left_at is not None and now - self._left_at > GONE_S

    def on_track_subscribed(
        self, track: rtc.Track, _: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        """Note that the peer's voice arrives."""
        if participant.identity == self._identity and track.kind == rtc.TrackKind.KIND_AUDIO:
            self.is_heard = True

    def on_participant_connected(self, participant: rtc.RemoteParticipant) -> None:
        """Note that the peer is there, or there again."""
        if participant.identity == self._identity:
            self._left_at = None

    def on_participant_disconnected(self, participant: rtc.RemoteParticipant) -> None:
        """Note that the peer has left."""
        if participant.identity == self._identity:
            self._left_at = self._now()
