"""How well calls in rooms were heard, in lines for people or as counts for scripts."""

from collections.abc import Mapping

from dispatchsim.domain.hearing import FactKind, Score, Share
from dispatchsim.domain.line import LineQuality

GOALS = {False: 0.05, True: 0.15}  # word error rate on a clear line, without and with facts that only the speaker knows
FEWEST_FOR_RATE = 10  # a rate of fewer says less than the counts


def describe_hearing(scores: Mapping[LineQuality, Score]) -> list[str]:
    """Write word error rate and wrong facts by line, apart for what the listener knew and what only the speaker did."""
    lines = [f"{'heard wrong':<42}{'words':>14}{'money':>14}{'times':>14}{'numbers':>14}{'names':>14}"]
    for line in sorted(scores, key=list(LineQuality).index):
        for is_news, whose in ((False, "what the listener knows"), (True, "what only the speaker knows")):
            note = f"goal {GOALS[is_news]:.0%}" if line is LineQuality.CLEAR else f"line: {line.label}"
            lines.append(f"{f'{whose} ({note})':<42}{_row(scores[line], is_news=is_news)}")
    total = sum(scores.values(), Score())
    lines.append(f"{'all words':<42}{of(total.words):>14}")
    if total.unmeasured:
        lines.append(f"{total.unmeasured} turns are not in it: they were interrupted, or nobody was left to hear them.")
    return lines


def _row(score: Score, *, is_news: bool) -> str:
    words = score.news if is_news else score.known
    facts = "".join(f"{of(score.count([kind], is_news=is_news)):>14}" for kind in FactKind)
    return f"{of(words):>14}{facts}"


def of(share: Share) -> str:
    """Write wrong ones with their rate; few are counts alone."""
    if share.total < FEWEST_FOR_RATE:
        return f"{share.wrong} of {share.total}"
    return f"{percent(share)} of {share.total}"


def percent(share: Share) -> str:
    """Write a rate."""
    return "none" if share.rate is None else f"{share.rate:.1%}"


def score_as_json(score: Score) -> dict[str, object]:
    """Give counts, so that a script can add up calls."""
    return {
        "known": _counts(score.known),
        "news": _counts(score.news),
        "facts": [
            {"kind": kind.value, "is_news": is_news, **_counts(share)} for (kind, is_news), share in score.facts.items()
        ],
        "unmeasured": score.unmeasured,
    }


def _counts(share: Share) -> dict[str, int]:
    return {"wrong": share.wrong, "total": share.total}
