"""How late a spoken word reaches the page: the socket's frames against the sound in the room."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.call import FollowedCall
from tests.bench.speech import align


@dataclass(frozen=True)
class WordLag:
    """One word on the page, in seconds after its sound began and after it ended."""

    after_start_s: float
    after_end_s: float


def word_lags(call: FollowedCall) -> list[WordLag]:
    """Measure each word of each turn that the aligner can place."""
    return [lag for turn in call.stack.api.turns(call.conversation_id) for lag in _turn_lags(call, turn)]


def _turn_lags(call: FollowedCall, turn: dict[str, object]) -> Iterator[WordLag]:
    opened_at = call.stack.floor_opened_at(call.stack.api.status(call.conversation_id))
    heard = call.observer.sides[str(turn["speaker"]).capitalize()]
    start, end = opened_at + float(str(turn["start_s"])), opened_at + float(str(turn["end_s"]))
    shown = list(_shown(call, int(str(turn["seq"]))))
    for word in align(str(turn["text"]), heard, start=start, end=end):
        at = next((at for at, count in shown if count > word.index), None)
        if at is not None:
            yield WordLag(at - word.start, at - word.end)


def _shown(call: FollowedCall, seq: int) -> Iterator[tuple[float, int]]:
    """Give how many words of a turn the page had, and since when."""
    for at, frame in call.frames:
        if frame["type"] == "words" and frame["seq"] == seq:
            yield at, len(frame["text"].split())
        elif frame["type"] == "turn" and frame["seq"] == seq:
            yield at, len(frame["turn"]["text"].split())
