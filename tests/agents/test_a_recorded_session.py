"""Replay of a session recorded with the rehearsal model: open the call, hear a question, answer it."""

import pytest

from agents.turn_recorder import TurnRecorder
from agents.voice_watch import Trouble
from agents.wire import Wire
from dispatchsim.domain.brief import VoiceSettings
from dispatchsim.domain.conversation import EndReason, VoiceProvider
from dispatchsim.domain.events import ErrorReported, PeerTranscribed, TurnFinished, UsageReported
from tests.agents.fakes import FakeClock, FakeSink, RecordedEvent, read_recording, replay


class Session:
    """A wire with everything behind it."""

    def __init__(self, *, transcription_model: str | None = "whisper-1") -> None:
        self.sink = FakeSink()
        self.clock = FakeClock()
        self.fatal: list[Trouble] = []
        self.recorder = TurnRecorder(self.sink, turn_prefix="dispatcher")
        settings = VoiceSettings(
            provider=VoiceProvider.REHEARSAL, model="rehearsal", voice="cedar", transcription_model=transcription_model
        )
        self.wire = Wire(self.sink, self.recorder, settings=settings, now=self.clock, on_fatal=self.fatal.append)


@pytest.fixture
def records() -> list[RecordedEvent]:
    return read_recording("exchange.jsonl")


def test_the_session_is_open_once_it_has_confirmed_every_setting(records: list[RecordedEvent]) -> None:
    session = Session()
    first_reply = next(index for index, record in enumerate(records) if record.event["type"] == "response.create")

    replay(records[:first_reply], session.wire, session.clock)

    assert session.wire.is_open


def test_the_session_is_not_open_while_settings_wait(records: list[RecordedEvent]) -> None:
    session = Session()
    last_confirmed = [i for i, record in enumerate(records) if record.event["type"] == "session.updated"][-1]

    replay(records[:last_confirmed], session.wire, session.clock)

    assert not session.wire.is_open


def test_each_response_tells_its_tokens(records: list[RecordedEvent]) -> None:
    session = Session()

    replay(records, session.wire, session.clock)

    assert [usage.output_audio_tokens > 0 for usage in session.sink.of(UsageReported)] == [True, True]


def test_the_answer_is_heard_as_the_model_wrote_it(records: list[RecordedEvent]) -> None:
    session = Session()
    replay(records, session.wire, session.clock)
    item_id = next(r.event["item_id"] for r in reversed(records) if r.event["type"] == "response.output_audio.delta")

    session.wire.on_item_forwarded(item_id)
    session.recorder.on_playback_started(session.clock.now)
    session.recorder.on_playback_finished(3.0, session.clock.now + 3.0, interrupted=False)

    assert "frozen chicken" in session.sink.of(TurnFinished)[0].text


def test_a_failed_transcription_is_told_as_none(records: list[RecordedEvent]) -> None:
    session = Session()

    replay(records, session.wire, session.clock)

    assert [heard.text for heard in session.sink.of(PeerTranscribed)] == [None]


def test_an_utterance_is_told_once_without_a_transcription_model(records: list[RecordedEvent]) -> None:
    session = Session(transcription_model=None)

    replay(records, session.wire, session.clock)

    assert len(session.sink.of(PeerTranscribed)) == 1


def test_the_onset_of_the_peer_lies_before_its_detection(records: list[RecordedEvent]) -> None:
    session = Session()
    detected_at = next(r.at for r in records if r.event["type"] == "input_audio_buffer.speech_started")

    replay(records, session.wire, session.clock)

    started_at = session.sink.of(PeerTranscribed)[0].started_at
    assert started_at is not None
    assert 0.0 <= 1000.0 + detected_at - started_at <= 1.0


def test_a_healthy_session_reports_no_trouble(records: list[RecordedEvent]) -> None:
    session = Session()

    replay(records, session.wire, session.clock)
    session.wire.on_tick(session.clock.now + 60)

    assert (session.fatal, session.sink.of(ErrorReported)) == ([], [])


def test_a_response_that_stops_in_the_middle_ends_the_call(records: list[RecordedEvent]) -> None:
    session = Session()
    half = next(index for index, record in enumerate(records) if record.event["type"] == "response.output_audio.delta")

    replay(records[: half + 3], session.wire, session.clock)
    session.wire.on_tick(session.clock.now + 12.5)

    assert [trouble.reason for trouble in session.fatal] == [EndReason.VOICE_MODEL_UNREACHABLE]


def test_a_model_that_dies_between_responses_ends_the_call(records: list[RecordedEvent]) -> None:
    session = Session()
    replay(records, session.wire, session.clock)

    session.wire.on_client_event({"type": "response.create"})
    session.wire.on_tick(session.clock.now + 12.5)

    assert [trouble.reason for trouble in session.fatal] == [EndReason.VOICE_MODEL_UNREACHABLE]


def test_a_model_that_does_not_answer_the_peer_ends_the_call(records: list[RecordedEvent]) -> None:
    session = Session()
    replay(records, session.wire, session.clock)

    session.wire.on_server_event({"type": "input_audio_buffer.speech_stopped"})
    session.wire.on_tick(session.clock.now + 12.5)

    assert [trouble.reason for trouble in session.fatal] == [EndReason.VOICE_MODEL_UNREACHABLE]


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.cancel"},
        {"type": "session.update", "session": {"audio": {"input": {"turn_detection": {"create_response": False}}}}},
    ],
)
def test_an_answer_that_is_not_wanted_any_more_is_not_waited_for(
    records: list[RecordedEvent], event: dict[str, object]
) -> None:
    session = Session()
    replay(records, session.wire, session.clock)
    session.wire.on_client_event({"type": "response.create"})

    session.wire.on_client_event(event)
    session.wire.on_tick(session.clock.now + 12.5)

    assert session.fatal == []


def test_refused_settings_end_the_call(records: list[RecordedEvent]) -> None:
    session = Session()
    replay(records[:4], session.wire, session.clock)
    update = next(r.event["event_id"] for r in records if r.event["type"] == "session.update")

    session.wire.on_server_event({"type": "error", "error": {"event_id": update, "param": "session.voice"}})

    assert [trouble.reason for trouble in session.fatal] == [EndReason.VOICE_MODEL_REFUSED]


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": 5},
        {"type": "response.done"},
        {"type": "response.done", "response": {"usage": "none"}},
        {"type": "response.output_audio.delta", "item_id": "x", "delta": 7},
        {"type": "input_audio_buffer.speech_started", "audio_start_ms": "soon"},
        {"type": "conversation.item.input_audio_transcription.completed", "transcript": None},
        {"type": "session.unheard_of"},
    ],
)
def test_an_event_that_makes_no_sense_raises_nothing(event: dict[str, object]) -> None:
    session = Session()

    session.wire.on_server_event(event)

    assert session.fatal == []
