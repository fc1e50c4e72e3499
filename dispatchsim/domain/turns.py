"""Fold what agents report into the turns of one transcript.

    turn.started ─► turn.words … ─► turn.finished      one turn of the speaker who reports it
    peer.transcribed                                   what the other side heard of it

The transcript is the merge of both speakers' own orders by onset, whatever order the batches arrive in:
a late batch puts its turns where they belong. Repeats, unknown turn ids and events after the end change nothing
that is already settled. Nothing raises.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import AgentEvent, PeerTranscribed, TurnFinished, TurnStarted, TurnWords

# The listener's VAD marks the onset after its own delay and through the room's.
HEARD_BEFORE_S = 1.5  # an utterance may seem to start this much before its turn
HEARD_AFTER_S = 2.0  # or this much after its end


@dataclass(frozen=True)
class FoldedTurn:
    """One turn; times are seconds since the floor opened."""

    seq: int
    speaker: Role
    turn_id: str
    start_s: float
    item_id: str = ""
    text: str = ""
    heard_as: str | None = None
    end_s: float | None = None
    interrupted: bool = False
    response_latency_s: float | None = None
    is_final: bool = False


@dataclass(frozen=True)
class Heard:
    """What `listener` made of one utterance of its peer; `started_s` is None when the onset is unknown."""

    listener: Role
    at_s: float
    started_s: float | None
    text: str


def fold_events(
    turns: Sequence[FoldedTurn], *, role: Role, events: Iterable[AgentEvent], zero_at: float
) -> list[FoldedTurn]:
    """Apply one agent's events to the turns; `zero_at` is the epoch second at which the floor opened."""
    folded = list(turns)
    for event in events:
        if isinstance(event, TurnStarted | TurnWords | TurnFinished):
            _apply(folded, role, event, at_s=max(0.0, event.at - zero_at))
    return folded


def close_open_turns(turns: Sequence[FoldedTurn], *, end_s: float) -> list[FoldedTurn]:
    """Close what was still being said when the call ended: the text so far, marked as interrupted."""
    return [
        turn
        if turn.is_final
        else replace(turn, is_final=True, interrupted=True, end_s=max(end_s, turn.start_s, turn.end_s or 0.0))
        for turn in turns
    ]


def build_heard(role: Role, event: PeerTranscribed, *, zero_at: float) -> Heard | None:
    """Read a peer.transcribed event; None when the utterance was not transcribed."""
    if event.text is None or not event.text.strip():
        return None
    started_s = None if event.started_at is None else event.started_at - zero_at
    return Heard(listener=role, at_s=event.at - zero_at, started_s=started_s, text=event.text.strip())


def match_heard(turns: Sequence[FoldedTurn], heard: Iterable[Heard]) -> list[FoldedTurn]:
    """Set `heard_as` of every turn from everything that was heard; several utterances of a turn are joined."""
    texts: dict[int, list[str]] = {}
    for one in sorted(heard, key=_utterance_time):
        turn = _find_heard_turn(turns, one)
        if turn is not None:
            texts.setdefault(turn.seq, []).append(one.text)
    return [replace(turn, heard_as=" ".join(texts[turn.seq]) if turn.seq in texts else None) for turn in turns]


def _apply(turns: list[FoldedTurn], role: Role, event: TurnStarted | TurnWords | TurnFinished, *, at_s: float) -> None:
    index = _find_index(turns, role, event.turn_id)
    if index is None:
        index = _insert(turns, FoldedTurn(seq=0, speaker=role, turn_id=event.turn_id, start_s=at_s))
    turn = turns[index]
    if turn.is_final:
        return
    if isinstance(event, TurnStarted):
        turns[index] = replace(turn, item_id=turn.item_id or event.item_id, response_latency_s=event.response_latency_s)
    elif isinstance(event, TurnWords):
        turns[index] = replace(turn, text=event.text)
    else:
        turns[index] = _finish(turn, event, at_s)


def _finish(turn: FoldedTurn, event: TurnFinished, at_s: float) -> FoldedTurn:
    return replace(
        turn,
        item_id=event.item_id or turn.item_id,
        text=event.text,
        end_s=max(at_s, turn.start_s),
        interrupted=event.interrupted,
        is_final=True,
    )


def _find_index(turns: Sequence[FoldedTurn], role: Role, turn_id: str) -> int | None:
    # From the end: nearly every event is about one of the last turns.
    for index in range(len(turns) - 1, -1, -1):
        if turns[index].turn_id == turn_id and turns[index].speaker is role:
            return index
    return None


def _insert(turns: list[FoldedTurn], turn: FoldedTurn) -> int:
    """Put a new turn where its onset belongs, after the speaker's own earlier turns, and number what follows."""
    own = [other.start_s for other in turns if other.speaker is turn.speaker]
    # A clock that jumps back must not reorder what one side said.
    turn = replace(turn, start_s=max([turn.start_s, *own]))
    index = len(turns)
    while index > 0 and _onset(turns[index - 1]) > _onset(turn):
        index -= 1
    turns.insert(index, turn)
    for place in range(index, len(turns)):
        turns[place] = replace(turns[place], seq=place + 1)
    return index


def _onset(turn: FoldedTurn) -> tuple[float, str]:
    return (turn.start_s, turn.speaker.value)


def _utterance_time(heard: Heard) -> float:
    return heard.at_s if heard.started_s is None else heard.started_s


def _find_heard_turn(turns: Sequence[FoldedTurn], heard: Heard) -> FoldedTurn | None:
    spoken = [turn for turn in turns if turn.speaker is heard.listener.peer]
    if heard.started_s is None:
        # Nothing but the time of the report: the last turn that had begun by then.
        return next((turn for turn in reversed(spoken) if turn.start_s <= heard.at_s), None)
    started_s = heard.started_s
    within = [turn for turn in spoken if turn.start_s <= started_s <= _end_s(turn)]
    near = within or [turn for turn in spoken if _is_near(turn, started_s)]
    return min(near, key=lambda turn: abs(turn.start_s - started_s), default=None)


def _is_near(turn: FoldedTurn, started_s: float) -> bool:
    return turn.start_s - HEARD_BEFORE_S <= started_s <= _end_s(turn) + HEARD_AFTER_S


def _end_s(turn: FoldedTurn) -> float:
    return float("inf") if turn.end_s is None else turn.end_s
