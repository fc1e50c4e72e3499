"""What the loudspeaker of one agent plays, handed to those whom it concerns."""

from collections.abc import Callable

from livekit.agents.voice.io import PlaybackFinishedEvent, PlaybackProgressedEvent, PlaybackStartedEvent

from agents.floor import Floor
from agents.giving_way import GivingWay
from agents.turn_recorder import TurnRecorder


class Playback:
    """Listener on the loudspeaker of one agent; handlers are named after their event."""

    def __init__(
        self, recorder: TurnRecorder, *, floor: Floor, giving_way: GivingWay, now: Callable[[], float]
    ) -> None:
        self._recorder = recorder
        self._floor = floor
        self._giving_way = giving_way
        self._now = now

    def on_playback_started(self, event: PlaybackStartedEvent) -> None:
        """Begin a turn: its first frame is out."""
        self._floor.on_someone_spoke()
        self._recorder.on_playback_started(event.created_at)

    def on_playback_progressed(self, event: PlaybackProgressedEvent) -> None:
        """Note a gap in the sound."""
        ended_at = event.started_at + event.duration
        self._recorder.on_playback_progressed(event.offset + event.duration, self._now(), ended_at=ended_at)

    def on_playback_finished(self, event: PlaybackFinishedEvent) -> None:
        """End a turn: it was played or cut."""
        self._recorder.on_playback_finished(event.playback_position, self._now(), interrupted=event.interrupted)
        self._giving_way.on_own_turn_ended(played_s=event.playback_position, is_interrupted=event.interrupted)
