import pytest

from agents.turn_recorder import TurnRecorder
from dispatchsim.domain.conversation import AgentState
from dispatchsim.domain.events import AgentStateChanged, TurnFinished, TurnStarted, TurnWords
from tests.agents.fakes import FakeSink


@pytest.fixture
def sink() -> FakeSink:
    return FakeSink()


@pytest.fixture
def recorder(sink: FakeSink) -> TurnRecorder:
    recorder = TurnRecorder(sink, turn_prefix="driver")
    recorder.on_ready(99.0)
    return recorder


def announce(
    recorder: TurnRecorder, item_id: str = "item_1", text: str = "one two three four", audio_s: float = 4.0
) -> None:
    recorder.on_item_text(item_id, text)
    recorder.on_item_audio(item_id, audio_s)
    recorder.on_item_complete(item_id)


def play(recorder: TurnRecorder, at: float, item_id: str = "item_1") -> None:
    recorder.on_item_forwarded(item_id)
    recorder.on_playback_started(at)


def test_a_turn_starts_with_its_first_frame_not_with_its_text(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)

    assert sink.of(TurnStarted) == []


def test_the_onset_is_the_time_of_the_first_frame(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)

    play(recorder, at=100.0)

    assert [(turn.at, turn.item_id) for turn in sink.of(TurnStarted)] == [(100.0, "item_1")]


def test_latency_runs_from_the_end_of_the_peers_voice(recorder: TurnRecorder, sink: FakeSink) -> None:
    recorder.on_peer_started(95.0)
    recorder.on_peer_stopped(99.5, silence_s=0.5)
    announce(recorder)

    play(recorder, at=100.0)

    assert sink.of(TurnStarted)[0].response_latency_s == pytest.approx(1.0)


def test_latency_is_unknown_when_the_peer_has_not_spoken(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)

    play(recorder, at=100.0)

    assert sink.of(TurnStarted)[0].response_latency_s is None


def test_a_second_turn_in_a_row_has_no_latency(recorder: TurnRecorder, sink: FakeSink) -> None:
    recorder.on_peer_started(95.0)
    recorder.on_peer_stopped(99.5, silence_s=0.5)
    announce(recorder)
    play(recorder, at=100.0)
    recorder.on_playback_finished(4.0, 104.0, interrupted=False)
    announce(recorder, "item_2")

    play(recorder, at=104.1, item_id="item_2")

    assert sink.of(TurnStarted)[1].response_latency_s is None


def test_words_follow_the_sound(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)
    play(recorder, at=100.0)

    recorder.on_tick(102.0)

    assert [words.text for words in sink.of(TurnWords)] == ["one two"]


def test_words_are_told_once(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)
    play(recorder, at=100.0)

    recorder.on_tick(102.0)
    recorder.on_tick(102.05)

    assert len(sink.of(TurnWords)) == 1


def test_a_gap_in_the_sound_holds_the_words_back(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)
    play(recorder, at=100.0)
    recorder.on_playback_progressed(1.0, 110.0, ended_at=101.0)

    recorder.on_tick(110.0)

    assert [words.text for words in sink.of(TurnWords)] == ["one"]


def test_a_turn_played_to_its_end_has_its_whole_text(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)
    play(recorder, at=100.0)

    recorder.on_playback_finished(4.0, 104.0, interrupted=False)

    assert [(turn.text, turn.interrupted) for turn in sink.of(TurnFinished)] == [("one two three four", False)]


def test_an_interrupted_turn_is_cut_and_marked(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)
    play(recorder, at=100.0)

    recorder.on_playback_finished(2.0, 102.0, interrupted=True)

    assert [(turn.text, turn.interrupted) for turn in sink.of(TurnFinished)] == [("one two", True)]


def test_an_item_that_never_plays_is_no_turn(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)
    recorder.on_playback_finished(0.0, 100.0, interrupted=True)

    assert sink.of(TurnStarted) + sink.of(TurnFinished) == []


def test_the_next_item_may_arrive_while_one_plays(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder, "item_1", "first")
    announce(recorder, "item_2", "second")
    play(recorder, at=100.0)
    recorder.on_playback_finished(4.0, 104.0, interrupted=False)

    play(recorder, at=104.0, item_id="item_2")
    recorder.on_playback_finished(4.0, 108.0, interrupted=False)

    assert [turn.text for turn in sink.of(TurnFinished)] == ["first", "second"]


def test_leaving_ends_the_turn_that_plays(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)
    play(recorder, at=100.0)

    recorder.on_closed(101.0)

    assert [turn.interrupted for turn in sink.of(TurnFinished)] == [True]


def test_states_go_from_listening_over_thinking_to_speaking_and_back(recorder: TurnRecorder, sink: FakeSink) -> None:
    recorder.on_peer_started(95.0)
    recorder.on_peer_stopped(99.5, silence_s=0.5)
    announce(recorder)
    play(recorder, at=100.0)
    recorder.on_playback_finished(4.0, 104.0, interrupted=False)

    assert [change.state for change in sink.of(AgentStateChanged)] == [
        AgentState.LISTENING,
        AgentState.THINKING,
        AgentState.SPEAKING,
        AgentState.LISTENING,
    ]


def test_a_response_without_sound_ends_the_thinking(recorder: TurnRecorder, sink: FakeSink) -> None:
    recorder.on_peer_started(95.0)
    recorder.on_peer_stopped(99.5, silence_s=0.5)

    recorder.on_response_done(100.0, is_cancelled=False)

    assert sink.of(AgentStateChanged)[-1].state is AgentState.LISTENING


def test_a_storm_of_voices_leaves_nobody_thinking_or_speaking(recorder: TurnRecorder, sink: FakeSink) -> None:
    for number in range(100):
        at = 100.0 + number * 0.2
        recorder.on_peer_started(at)
        announce(recorder, f"item_{number}")
        recorder.on_peer_stopped(at + 0.1, silence_s=0.05)
        recorder.on_response_done(at + 0.1, is_cancelled=True)

    assert sink.of(AgentStateChanged)[-1].state is AgentState.LISTENING


def test_a_peer_that_was_speaking_when_the_connection_was_lost_is_not_waited_for(recorder: TurnRecorder) -> None:
    recorder.on_peer_started(95.0)

    recorder.on_connection_lost(96.0)

    assert not recorder.is_peer_speaking


def test_an_answer_that_was_lost_with_the_connection_is_not_thought_about(
    recorder: TurnRecorder, sink: FakeSink
) -> None:
    recorder.on_peer_started(95.0)
    recorder.on_peer_stopped(97.0, silence_s=0.5)

    recorder.on_connection_lost(98.0)

    assert sink.of(AgentStateChanged)[-1].state is AgentState.LISTENING


def test_what_plays_when_the_connection_is_lost_is_one_turn(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)
    play(recorder, at=100.0)

    recorder.on_connection_lost(101.0)
    recorder.on_playback_finished(4.0, 104.0, interrupted=False)

    assert [turn.text for turn in sink.of(TurnFinished)] == ["one two three four"]


def test_a_turn_ends_with_its_sound_not_when_that_is_noticed(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)
    play(recorder, at=100.0)
    recorder.on_playback_progressed(4.0, 104.9, ended_at=104.0)

    recorder.on_playback_finished(4.0, 104.9, interrupted=False)

    assert [turn.at for turn in sink.of(TurnFinished)] == [104.0]


def test_a_turn_that_was_cut_ends_where_its_sound_was_cut(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)
    play(recorder, at=100.0)
    recorder.on_playback_progressed(2.0, 102.5, ended_at=102.0)

    recorder.on_playback_finished(2.0, 102.5, interrupted=True)

    assert [turn.at for turn in sink.of(TurnFinished)] == [102.0]


def test_a_gap_before_the_last_words_does_not_end_the_turn(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)
    play(recorder, at=100.0)
    recorder.on_playback_progressed(1.0, 103.0, ended_at=101.0)

    recorder.on_playback_finished(4.0, 106.0, interrupted=False)

    assert [turn.at for turn in sink.of(TurnFinished)] == [106.0]


def test_no_turn_ends_in_the_future(recorder: TurnRecorder, sink: FakeSink) -> None:
    announce(recorder)
    play(recorder, at=100.0)
    recorder.on_playback_progressed(4.0, 103.9, ended_at=104.0)

    recorder.on_playback_finished(4.0, 103.9, interrupted=False)

    assert [turn.at for turn in sink.of(TurnFinished)] == [103.9]
