"""When one agent speaks although nobody has spoken to it: to open the call, to break a silence, to answer after all."""

from dataclasses import dataclass, field

from agents.ending import Ending
from agents.floor import Floor, FloorAction
from agents.giving_way import GivingWay
from agents.hang_up import HangUp
from agents.initiative import NEXT_OPENING_S, Initiative
from agents.prompting import BROKEN_SILENCE, OPENER_PATIENCE_S
from agents.second_try import FIRST_WAIT_S, SecondTry
from agents.turn_recorder import TurnRecorder
from agents.voice_watch import VoiceError
from agents.wire import Wire
from dispatchsim.domain.brief import VoiceSettings
from dispatchsim.domain.control import RoomControl
from dispatchsim.domain.conversation import EndReason, VoiceProvider
from tests.agents.fakes import FakeClock, FakeSink


@dataclass
class FakeSpeech:
    error: BaseException | None = None

    async def wait_for_playout(self) -> None:
        return

    def exception(self) -> BaseException | None:
        return self.error


@dataclass
class FakeSpeaker:
    """Keep what it was asked for; nothing of it is played."""

    error: BaseException | None = None
    notes: list[str | None] = field(default_factory=list)

    def speak(self, note: str | None = None) -> FakeSpeech:
        self.notes.append(note)
        return FakeSpeech(self.error)


class Stage:
    """An agent that opens the call, on an open floor."""

    def __init__(self, speaker: FakeSpeaker | None = None) -> None:
        sink, self.clock, self.ending = FakeSink(), FakeClock(), Ending()
        self.speaker = speaker or FakeSpeaker()
        self.recorder = TurnRecorder(sink, turn_prefix="dispatcher")
        self.second_try = SecondTry()
        self.floor = Floor(is_opener=True, opening_fallback_s=5.0)
        voice = VoiceSettings(provider=VoiceProvider.REHEARSAL, model="rehearsal", voice="cedar")
        self.wire = Wire(sink, self.recorder, settings=voice, now=self.clock, on_fatal=lambda trouble: None)
        self.hang_up = HangUp(sink, is_peer_speaking=lambda: False, now=self.clock, sleep=self.clock.sleep)
        self.initiative = Initiative(
            self.speaker, is_opener=True, floor=self.floor, recorder=self.recorder, wire=self.wire,
            hang_up=self.hang_up, giving_way=GivingWay(is_opener=True), second_try=self.second_try,
            ending=self.ending, now=self.clock,
        )  # fmt: skip

    def be_spoken_to(self) -> None:
        self.recorder.on_peer_started(self.clock.now)
        self.recorder.on_peer_stopped(self.clock.now, silence_s=0.5)

    def wait(self, seconds: float) -> None:
        """Tick now and after so many seconds of silence."""
        self.initiative.on_tick(self.clock.now)
        self.clock.now += seconds
        self.initiative.on_tick(self.clock.now)


async def test_the_first_word_is_asked_for_without_a_note() -> None:
    stage = Stage()

    await stage.initiative.open_the_call()

    assert (stage.speaker.notes, stage.ending.is_over) == ([None], False)


async def test_a_call_that_is_over_is_not_opened() -> None:
    stage = Stage()
    stage.ending.fail(EndReason.AGENT_VANISHED, "Driver is not in the room any more.")

    await stage.initiative.open_the_call()

    assert stage.speaker.notes == []


async def test_a_first_word_that_failed_is_tried_again_soon() -> None:
    stage = Stage(FakeSpeaker(error=TimeoutError()))

    await stage.initiative.open_the_call()

    assert stage.floor.on_tick(stage.clock.now) == []
    assert stage.floor.on_tick(stage.clock.now + NEXT_OPENING_S) == [FloorAction.OPEN_THE_CALL]


async def test_a_voice_that_does_not_begin_the_second_time_has_failed_and_the_reason_is_told() -> None:
    stage = Stage(FakeSpeaker(error=TimeoutError()))
    stage.wire.on_connected()
    stage.wire.on_voice_error(VoiceError(code="server_error", is_about_a_request=True))

    await stage.initiative.open_the_call()
    await stage.initiative.open_the_call()

    trouble = (await stage.ending.wait()).trouble
    assert trouble is not None
    assert trouble.message == "The voice model did not begin to speak (error server_error)."


async def test_a_first_word_that_failed_does_not_matter_once_the_peer_has_spoken() -> None:
    stage = Stage(FakeSpeaker(error=TimeoutError()))
    stage.be_spoken_to()

    await stage.initiative.open_the_call()
    await stage.initiative.open_the_call()

    assert not stage.ending.is_over


async def test_a_silence_is_broken_with_a_note_that_says_so() -> None:
    stage = Stage()
    stage.be_spoken_to()

    stage.wait(OPENER_PATIENCE_S)

    assert stage.speaker.notes == [BROKEN_SILENCE]


async def test_before_anybody_has_spoken_there_is_no_silence_to_break() -> None:
    stage = Stage()

    stage.wait(10 * OPENER_PATIENCE_S)

    assert stage.speaker.notes == []


async def test_an_answer_that_failed_is_asked_for_as_it_was() -> None:
    stage = Stage()
    stage.be_spoken_to()
    stage.second_try.on_failed(stage.clock.now)

    stage.wait(FIRST_WAIT_S)

    assert stage.speaker.notes == [None]


async def test_an_answer_that_is_owed_needs_no_note_even_after_a_long_silence() -> None:
    stage = Stage()
    stage.be_spoken_to()
    stage.second_try.on_failed(stage.clock.now)

    stage.wait(OPENER_PATIENCE_S)

    assert stage.speaker.notes == [None]


async def test_a_side_that_is_hanging_up_breaks_no_silence() -> None:
    stage = Stage()
    stage.be_spoken_to()
    stage.hang_up.on_called("call_1", "{}")

    stage.wait(10 * OPENER_PATIENCE_S)

    assert stage.speaker.notes == []


async def test_a_call_that_is_being_ended_is_left_in_silence() -> None:
    stage = Stage()
    stage.be_spoken_to()
    stage.floor.on_control(RoomControl(floor_open=True, ending=EndReason.AGENT_HUNG_UP), stage.clock.now)

    stage.wait(10 * OPENER_PATIENCE_S)

    assert stage.speaker.notes == []
