"""How well calls in rooms were heard, in lines for people or as counts for scripts."""

from dispatchsim.domain.hearing import FactKind, Score, Share

GOALS = {False: 0.05, True: 0.15}  # word error rate without and with facts that only the speaker knows
FEWEST_FOR_RATE = 10  # a rate of fewer says less than the counts


def describe_hearing(score: Score) -> list[str]:
    """Write word error rate and wrong facts, apart for what the listener knew and what only the speaker did."""
    lines = [f"{'heard wrong':<38}{'words':>14}{'money':>14}{'times':>14}{'numbers':>14}{'names':>14}"]
    for is_news, whose in ((False, "what the listener knows"), (True, "what only the speaker knows")):
        words = score.news if is_news else score.known
        label = f"{whose} (goal {GOALS[is_news]:.0%})"
        facts = "".join(f"{of(score.count([kind], is_news=is_news)):>14}" for kind in FactKind)
        lines.append(f"{label:<38}{of(words):>14}{facts}")
    lines.append(f"{'all words':<38}{of(score.words):>14}")
    if score.unmeasured:
        lines.append(f"{score.unmeasured} turns are not in it: they were interrupted, or nobody was left to hear them.")
    return lines


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
