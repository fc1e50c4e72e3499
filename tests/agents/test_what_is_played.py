"""What the loudspeaker plays reaches the turns, the floor and whoever gives way."""

from livekit.agents.voice.io import PlaybackFinishedEvent, PlaybackStartedEvent

from agents.floor import Floor, FloorAction
from agents.giving_way import GivingWay
from agents.playback import Playback
from agents.turn_recorder import TurnRecorder
from dispatchsim.domain.control import RoomControl
from dispatchsim.domain.events import TurnFinished, TurnStarted
from tests.agents.fakes import FakeClock, FakeSink

SILENCE_S = 0.5


class Stage:
    """An agent that did not open the call, and its loudspeaker."""

    def __init__(self) -> None:
        self.sink, self.clock = FakeSink(), FakeClock()
        self.recorder = TurnRecorder(self.sink, turn_prefix="driver")
        self.floor = Floor(is_opener=False, opening_fallback_s=5.0)
        self.giving_way = GivingWay(is_opener=False)
        self.playback = Playback(self.recorder, floor=self.floor, giving_way=self.giving_way, now=self.clock)

    def play(self, seconds: float, *, interrupted: bool = False) -> None:
        self.playback.on_playback_started(PlaybackStartedEvent(created_at=self.clock.now))
        self.clock.now += seconds
        self.playback.on_playback_finished(PlaybackFinishedEvent(playback_position=seconds, interrupted=interrupted))


def test_what_is_played_is_a_turn_from_its_first_frame_to_its_last() -> None:
    stage = Stage()

    stage.play(2.0)

    assert [event.at for event in stage.sink.of(TurnStarted)] == [1000.0]
    assert [event.at for event in stage.sink.of(TurnFinished)] == [1002.0]


def test_a_call_in_which_something_was_played_needs_no_opening() -> None:
    stage = Stage()
    stage.floor.on_control(RoomControl(floor_open=True), stage.clock.now)
    stage.floor.on_ready(stage.clock.now)

    stage.play(2.0)

    assert FloorAction.OPEN_THE_CALL not in stage.floor.on_tick(stage.clock.now + 60.0)


def test_a_turn_that_is_cut_at_once_makes_the_next_answer_give_way() -> None:
    stage = Stage()
    stage.giving_way.on_peer_started(stage.clock.now)

    stage.play(0.4, interrupted=True)
    stage.giving_way.on_peer_stopped(stage.clock.now + SILENCE_S, silence_s=SILENCE_S)

    assert stage.giving_way.on_response_created(stage.clock.now + SILENCE_S)
