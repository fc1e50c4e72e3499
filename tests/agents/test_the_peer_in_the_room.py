"""Whether the other agent is heard, and when it counts as gone; told as a LiveKit room tells it."""

from types import SimpleNamespace

from livekit import rtc

from agents.peer_presence import GONE_S, PeerPresence
from tests.agents.fakes import FakeClock

PEER, OBSERVER = SimpleNamespace(identity="Driver"), SimpleNamespace(identity="Observer")
VOICE = SimpleNamespace(kind=rtc.TrackKind.KIND_AUDIO)
PICTURE = SimpleNamespace(kind=rtc.TrackKind.KIND_VIDEO)
NO_PUBLICATION = SimpleNamespace()


class Stage:
    """A room that tells of a peer's coming and going."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.peer = PeerPresence("Driver", now=self.clock)
        self.room = rtc.EventEmitter[str]()
        self.peer.follow(self.room)  # type: ignore[arg-type]

    def is_gone_after(self, seconds: float) -> bool:
        return self.peer.is_gone(self.clock.now + seconds)


def test_the_peer_is_heard_once_its_voice_arrives() -> None:
    stage = Stage()
    before = stage.peer.is_heard

    stage.room.emit("track_subscribed", VOICE, NO_PUBLICATION, PEER)

    assert (before, stage.peer.is_heard) == (False, True)


def test_neither_another_voice_nor_a_picture_is_the_peer_s_voice() -> None:
    stage = Stage()

    stage.room.emit("track_subscribed", VOICE, NO_PUBLICATION, OBSERVER)
    stage.room.emit("track_subscribed", PICTURE, NO_PUBLICATION, PEER)

    assert not stage.peer.is_heard


def test_a_peer_that_has_not_come_yet_is_not_gone() -> None:
    assert not Stage().is_gone_after(1000.0)


def test_a_peer_that_left_counts_as_gone_after_a_while() -> None:
    stage = Stage()

    stage.room.emit("participant_disconnected", PEER)

    assert (stage.is_gone_after(GONE_S - 0.1), stage.is_gone_after(GONE_S + 0.1)) == (False, True)


def test_a_peer_that_came_back_is_not_gone() -> None:
    stage = Stage()
    stage.room.emit("participant_disconnected", PEER)

    stage.room.emit("participant_connected", PEER)

    assert not stage.is_gone_after(GONE_S + 0.1)


def test_an_observer_who_leaves_is_not_missed() -> None:
    stage = Stage()

    stage.room.emit("participant_disconnected", OBSERVER)

    assert not stage.is_gone_after(GONE_S + 0.1)
