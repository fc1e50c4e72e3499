"""How well both sides hear in real rooms, and what their ears cost: calls of the library, three at a time."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from dispatchsim.domain.hearing import FactKind, Score, Share
from dispatchsim.domain.line import LineQuality
from dispatchsim.management.hearing_report import describe_hearing
from tests.bench.calls import LIBRARY
from tests.bench.cost import hearing_cpu_s
from tests.live.stack import ROOT, Stack

CORES_GOAL = 0.15  # per call
LIMIT_S = 1800


def hold_and_report(stack: Stack, count: int, say: Callable[[str], None]) -> None:
    """Hold one call of some scenarios and print word errors, wrong facts, and CPU of the hearing process."""
    before_s = hearing_cpu_s(stack)
    calls = hold(stack, pick(count))
    cpu_s, talked_s = hearing_cpu_s(stack) - before_s, sum(call["length_s"] for call in calls)
    expected = sum(not call["failure"] for call in calls)
    say(f"\n## ears, in {len(calls)} calls in rooms: {expected} ended as expected\n")
    scores: dict[LineQuality, Score] = {}
    for call in calls:
        line = LineQuality(call["line"])
        scores[line] = scores.get(line, Score()) + read_score(call["heard"])
    for text in describe_hearing(scores):
        say(text)
    say(f"{'CPU of the hearing process':<42}{cpu_s / max(talked_s, 1.0):>14.3f} of a core per call (goal {CORES_GOAL})")
    for call in calls:
        if call["failure"]:
            say(f"! {call['scenario']}: {call['failure']}")


def pick(count: int) -> list[str]:
    """Pick scenarios from all over the library."""
    slugs = sorted(path.stem for path in LIBRARY.glob("*.yaml"))
    count = min(count, len(slugs))
    return [slugs[number * len(slugs) // count] for number in range(count)]


def hold(stack: Stack, slugs: list[str]) -> list[dict[str, Any]]:
    """Let the stack hold the calls; it may be that some end otherwise than expected."""
    done = subprocess.run(
        [sys.executable, "manage.py", "rehearse", *slugs, "--room", "--seeds", "1", "--json"],
        cwd=ROOT,
        env=stack.environ,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    calls: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert calls, done.stderr[-2000:]
    return calls


def read_score(heard: dict[str, Any]) -> Score:
    """Read the counts of one call."""
    facts = {(FactKind(one["kind"]), bool(one["is_news"])): _share(one) for one in heard["facts"]}
    return Score(_share(heard["known"]), _share(heard["news"]), facts, int(heard["unmeasured"]))


def _share(counts: dict[str, Any]) -> Share:
    return Share(int(counts["wrong"]), int(counts["total"]))
