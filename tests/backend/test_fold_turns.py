import random

from hypothesis import given
from hypothesis import strategies as st

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import AgentEvent, PeerTranscribed, TurnFinished, TurnStarted, TurnWords
from dispatchsim.domain.turns import FoldedTurn, Heard, build_heard, close_open_turns, fold_events, match_heard

ZERO = 1000.0


def started(seq: int, turn_id: str, at_s: float) -> TurnStarted:
    return TurnStarted(seq=seq, at=ZERO + at_s, turn_id=turn_id)


def words(seq: int, turn_id: str, text: str, at_s: float = 1.0) -> TurnWords:
    return TurnWords(seq=seq, at=ZERO + at_s, turn_id=turn_id, text=text)


def finished(seq: int, turn_id: str, text: str, at_s: float, *, interrupted: bool = False) -> TurnFinished:
    return TurnFinished(seq=seq, at=ZERO + at_s, turn_id=turn_id, text=text, interrupted=interrupted)


def fold(*batches: tuple[Role, list[AgentEvent]]) -> list[FoldedTurn]:
    turns: list[FoldedTurn] = []
    for role, events in batches:
        turns = fold_events(turns, role=role, events=events, zero_at=ZERO)
    return turns


def turn(seq: int, speaker: Role, start_s: float, end_s: float | None) -> FoldedTurn:
    return FoldedTurn(seq=seq, speaker=speaker, turn_id=f"{speaker}-{seq}", start_s=start_s, end_s=end_s)


_event = st.one_of(
    st.builds(started, st.just(1), st.sampled_from("abc"), st.floats(-5, 60)),
    st.builds(words, st.just(1), st.sampled_from("abc"), st.text(max_size=5), st.floats(-5, 60)),
    st.builds(finished, st.just(1), st.sampled_from("abc"), st.text(max_size=5), st.floats(-5, 60)),
)
_batches = st.lists(st.tuples(st.sampled_from(Role), st.lists(_event, max_size=6)), max_size=6)


@st.composite
def two_speakers(draw: st.DrawFn) -> tuple[list[AgentEvent], list[AgentEvent]]:
    sides: list[list[AgentEvent]] = []
    for _ in Role:
        at_s, events = 0.0, list[AgentEvent]()
        for number in range(draw(st.integers(0, 6))):
            at_s += draw(st.floats(0.01, 5))
            events += [started(1, f"t{number}", at_s), words(1, f"t{number}", "so", at_s + 0.1)]
            at_s += draw(st.floats(0.2, 5))
            events.append(finished(1, f"t{number}", f"said {number}", at_s))
        sides.append(events)
    return sides[0], sides[1]


@given(_batches)
def test_numbers_run_from_one_without_holes_whatever_is_reported(batches: list[tuple[Role, list[AgentEvent]]]) -> None:
    turns = fold(*batches)

    assert [one.seq for one in turns] == list(range(1, len(turns) + 1))


@given(_batches)
def test_no_turn_ends_before_it_starts_whatever_the_clocks_do(batches: list[tuple[Role, list[AgentEvent]]]) -> None:
    turns = fold(*batches)

    assert all(one.start_s >= 0 and (one.end_s is None or one.end_s >= one.start_s) for one in turns)


@given(_batches)
def test_one_sides_turns_keep_the_order_in_which_they_were_reported(
    batches: list[tuple[Role, list[AgentEvent]]],
) -> None:
    turns = fold(*batches)

    for role in Role:
        reported = [event.turn_id for side, events in batches if side is role for event in events]  # type: ignore[union-attr]
        assert [one.turn_id for one in turns if one.speaker is role] == list(dict.fromkeys(reported))


@given(two_speakers())
def test_a_replay_of_everything_changes_nothing(sides: tuple[list[AgentEvent], list[AgentEvent]]) -> None:
    batches = [(Role.DISPATCHER, sides[0]), (Role.DRIVER, sides[1])]

    assert fold(*batches, *batches) == fold(*batches)


@given(two_speakers(), st.randoms(use_true_random=False))
def test_the_order_in_which_batches_arrive_does_not_matter(
    sides: tuple[list[AgentEvent], list[AgentEvent]], chance: random.Random
) -> None:
    waiting = {Role.DISPATCHER: list(sides[0]), Role.DRIVER: list(sides[1])}
    batches = list[tuple[Role, list[AgentEvent]]]()
    while any(waiting.values()):
        role = chance.choice([role for role in Role if waiting[role]])
        batches.append((role, [waiting[role].pop(0)]))

    assert fold(*batches) == fold((Role.DRIVER, sides[1]), (Role.DISPATCHER, sides[0]))


def test_a_late_batch_puts_its_turn_between_those_of_the_other_side() -> None:
    turns = fold(
        (Role.DISPATCHER, [started(1, "a", 0), finished(2, "a", "one", 2), started(3, "b", 6)]),
        (Role.DRIVER, [started(1, "a", 3), finished(2, "a", "two", 5)]),
    )

    assert [(one.seq, one.speaker, one.start_s) for one in turns] == [
        (1, Role.DISPATCHER, 0),
        (2, Role.DRIVER, 3),
        (3, Role.DISPATCHER, 6),
    ]


def test_words_after_the_end_of_a_turn_are_left_out() -> None:
    turns = fold((Role.DRIVER, [started(1, "a", 0), finished(2, "a", "all of it", 2), words(3, "a", "all")]))

    assert turns[0].text == "all of it"


def test_a_second_end_of_a_turn_is_left_out() -> None:
    turns = fold((Role.DRIVER, [finished(1, "a", "first", 2), finished(2, "a", "second", 9, interrupted=True)]))

    assert (turns[0].text, turns[0].end_s, turns[0].interrupted) == ("first", 2, False)


def test_a_turn_whose_beginning_was_never_reported_is_kept() -> None:
    turns = fold((Role.DRIVER, [finished(1, "a", "hello", 4)]))

    assert (turns[0].text, turns[0].start_s, turns[0].end_s, turns[0].is_final) == ("hello", 4, 4, True)


def test_an_interrupted_turn_keeps_what_was_heard_of_it() -> None:
    turns = fold(
        (Role.DRIVER, [started(1, "a", 0), words(2, "a", "I will"), finished(3, "a", "I", 1, interrupted=True)])
    )

    assert (turns[0].text, turns[0].interrupted) == ("I", True)


def test_what_is_being_said_when_the_call_ends_is_closed_with_the_text_so_far() -> None:
    turns = fold((Role.DRIVER, [started(1, "a", 5), words(2, "a", "I was")]))

    closed = close_open_turns(turns, end_s=7.0)

    assert (closed[0].text, closed[0].end_s, closed[0].interrupted, closed[0].is_final) == ("I was", 7.0, True, True)


def test_a_transcription_goes_to_the_turn_that_starts_nearest_to_it() -> None:
    turns = [turn(1, Role.DRIVER, 0, 2), turn(2, Role.DISPATCHER, 3, 4), turn(3, Role.DRIVER, 5, 7)]

    matched = match_heard(turns, [Heard(Role.DISPATCHER, at_s=9, started_s=5.3, text="late")])

    assert [one.heard_as for one in matched] == [None, None, "late"]


def test_what_was_said_late_in_a_turn_is_not_given_to_the_next_one() -> None:
    turns = [turn(1, Role.DRIVER, 0, 6), turn(2, Role.DRIVER, 6.8, 9)]

    matched = match_heard(turns, [Heard(Role.DISPATCHER, at_s=6.5, started_s=5.4, text="let me check")])

    assert [one.heard_as for one in matched] == ["let me check", None]


def test_a_transcription_that_comes_before_its_turn_is_matched_once_the_turn_is_there() -> None:
    heard = [Heard(Role.DISPATCHER, at_s=2, started_s=0.4, text="hello")]

    assert match_heard([], heard) == []
    assert match_heard([turn(1, Role.DRIVER, 0.2, 2)], heard)[0].heard_as == "hello"


def test_two_utterances_of_one_turn_are_joined_in_the_order_of_their_sound() -> None:
    heard = [
        Heard(Role.DISPATCHER, at_s=8, started_s=3.0, text="to Dallas"),
        Heard(Role.DISPATCHER, at_s=9, started_s=0.2, text="I go"),
    ]

    assert match_heard([turn(1, Role.DRIVER, 0, 5)], heard)[0].heard_as == "I go to Dallas"


def test_a_transcription_of_nothing_that_was_said_is_given_to_no_turn() -> None:
    heard = [Heard(Role.DISPATCHER, at_s=60, started_s=50, text="noise")]

    assert match_heard([turn(1, Role.DRIVER, 0, 5)], heard)[0].heard_as is None


def test_a_transcription_without_an_onset_goes_to_the_last_turn_that_had_begun() -> None:
    turns = [turn(1, Role.DRIVER, 0, 2), turn(2, Role.DRIVER, 4, 6), turn(3, Role.DRIVER, 9, 10)]

    matched = match_heard(turns, [Heard(Role.DISPATCHER, at_s=7, started_s=None, text="that")])

    assert [one.heard_as for one in matched] == [None, "that", None]


def test_an_utterance_that_was_not_transcribed_is_not_heard() -> None:
    event = PeerTranscribed(seq=1, at=ZERO + 3, started_at=ZERO, text=None)

    assert build_heard(Role.DRIVER, event, zero_at=ZERO) is None
