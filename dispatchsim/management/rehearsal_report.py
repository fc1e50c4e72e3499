"""What is told of rehearsed calls: a table, each call line by line, how well they heard; for people or scripts."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from dispatchsim.domain.hearing import Score
from dispatchsim.domain.line import LineQuality
from dispatchsim.management.hearing_report import describe_hearing, percent, score_as_json
from dispatchsim.management.output import clean
from dispatchsim.management.rehearsing import Rehearsed, Turn
from dispatchsim.management.room_rehearsal import RoomCall

PASSING_SHARE = 0.9
Call = Rehearsed | RoomCall


@dataclass(frozen=True)
class Row:
    """One scenario's calls."""

    scenario: str
    calls: tuple[Call, ...]

    @property
    def passed(self) -> int:
        """How many ended as expected."""
        return sum(not call.failure for call in self.calls)

    @property
    def is_passing(self) -> bool:
        """Whether enough did."""
        return self.passed >= PASSING_SHARE * len(self.calls)

    @property
    def failures(self) -> list[tuple[str, int]]:
        """Why the others did not, the most frequent reason first."""
        return Counter(call.failure for call in self.calls if call.failure).most_common()

    @property
    def score(self) -> Score | None:
        """How well they heard; None for calls without sound."""
        scores = add_scores(self.calls)
        return sum(scores.values(), Score()) if scores else None


def add_scores(calls: Iterable[Call]) -> dict[LineQuality, Score]:
    """Add up how well calls in rooms heard, by their line."""
    scores: dict[LineQuality, Score] = {}
    for call in calls:
        if isinstance(call, RoomCall):
            scores[call.line] = scores.get(call.line, Score()) + call.score
    return scores


def build_rows(calls: Iterable[RoomCall], slugs: Sequence[str]) -> list[Row]:
    """Sort calls by scenario."""
    held = list(calls)
    rows = [Row(slug, tuple(call for call in held if call.scenario == slug)) for slug in slugs]
    return [row for row in rows if row.calls]


def table(rows: Sequence[Row]) -> str:
    """Write one line for each scenario, what went wrong below it, and how well everybody heard."""
    width = max(len(row.scenario) for row in rows)
    scores = add_scores(call for row in rows for call in row.calls)
    heading = f"{'scenario':<{width}}  as expected   turns  seconds"
    lines = [f"{heading}   word errors" if scores else heading]
    for row in rows:
        lines.append(_line(row, width))
        lines += [f"{'':<{width}}    {count} x {clean(reason)}" for reason, count in row.failures]
    passed, held = sum(row.passed for row in rows), sum(len(row.calls) for row in rows)
    lines.append(f"{'all':<{width}}  {f'{passed}/{held}':>11}")
    return "\n".join([*lines, "", *describe_hearing(scores)] if scores else lines)


def _line(row: Row, width: int) -> str:
    turns = _mean(row, lambda call: len(call.spoken))
    seconds = _mean(row, lambda call: call.length_s)
    line = f"{row.scenario:<{width}}  {f'{row.passed}/{len(row.calls)}':>11}  {turns:6.1f}  {seconds:7.0f}"
    if row.score is not None:
        line += f"   {percent(row.score.words):>11}"
    return line + ("" if row.is_passing else "  too few")


def _mean(row: Row, measure: Callable[[Call], float]) -> float:
    return fmean(measure(call) for call in row.calls)


def transcript(*, scenario: str, seed: str, call: Call, has_errors: bool) -> list[str]:
    """Write a call line by line; what was heard stands below its line when words can go wrong."""
    lines = [f"--- {scenario}, seed {seed}"]
    for turn in call.turns:
        lines += _turn_lines(turn, has_errors=has_errors)
    return [*lines, f"--- {call.failure or call.outcome}, {len(call.spoken)} turns, {call.length_s:.0f} s", ""]


def _turn_lines(turn: Turn, *, has_errors: bool) -> list[str]:
    if turn.tool:
        return [f"      {turn.speaker.value} {clean(turn.tool)}: {clean(turn.text)}"]
    line = f"{turn.speaker.value.upper():<11} {clean(turn.text)}"
    return [line, f"{'heard':>11} {clean(turn.heard_as)}"] if has_errors else [line]


def as_json(*, scenario: str, seed: str, call: Call) -> dict[str, object]:
    """Give a call for scripts."""
    fields: dict[str, object] = {
        "scenario": scenario,
        "seed": seed,
        "outcome": call.outcome,
        "failure": call.failure,
        "turns": len(call.spoken),
        "length_s": round(call.length_s, 1),
        "lines": [_line_as_json(turn, is_heard=isinstance(call, RoomCall)) for turn in call.turns],
    }
    if isinstance(call, RoomCall):
        fields |= {
            "conversation_id": str(call.conversation_id),
            "line": call.line.value,
            "heard": score_as_json(call.score),
        }
    return fields


def _line_as_json(turn: Turn, *, is_heard: bool) -> dict[str, object]:
    line: dict[str, object] = {"speaker": turn.speaker.value, "tool": turn.tool, "text": turn.text}
    return {**line, "heard_as": turn.heard_as} if is_heard and not turn.tool else line
