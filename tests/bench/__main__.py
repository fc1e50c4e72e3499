"""Bring up a stack of its own, hold calls in it, print figures: `python -m tests.bench`."""

import argparse
import asyncio
import logging
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.call import FollowedCall, end, finish, launch
from tests.bench.cost import Snapshot, cores, take
from tests.bench.heard import hold_and_report
from tests.bench.pages import page_times_ms
from tests.bench.speech import response_gaps_s
from tests.bench.words import WordLag, word_lags
from tests.live.stack import Stack

SCENARIO = "late-to-pickup"
BUSY_S = 30.0  # of a running call over which its CPU is measured
SETTLE_S = 8.0  # after a call or a start, until spare processes are warm
COLLECT_STATIC = "from dispatchsim.management.static_build import collect_when_needed; collect_when_needed()"
GOALS = {"first word heard": "goal 3, then 1", "lag": "goal 0.3 p95, never before its sound"}


@dataclass
class Figures:
    """Everything measured with one executor."""

    milestones: list[dict[str, float]] = field(default_factory=list)
    gaps_s: list[float] = field(default_factory=list)
    told_gaps_s: list[float] = field(default_factory=list)
    lags: list[WordLag] = field(default_factory=list)
    words: int = 0
    cores: list[dict[str, float]] = field(default_factory=list)
    idle: Snapshot | None = None
    grown_mib: list[dict[str, float]] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)


async def measure(stack: Stack, *, launches: int, calls: int) -> Figures:
    """Launch some calls only to their first word, and hold others to their end."""
    figures = Figures()
    await asyncio.sleep(SETTLE_S)
    figures.idle = await asyncio.to_thread(take, stack)
    for _ in range(launches):
        call = await launch(stack, SCENARIO)
        await end(call)
        figures.milestones.append(call.milestones())
        await asyncio.sleep(SETTLE_S)
    for _ in range(calls):
        await hold(stack, figures)
        await asyncio.sleep(SETTLE_S)
    return figures


async def hold(stack: Stack, figures: Figures) -> None:
    """Hold one call and add its figures."""
    idle = await asyncio.to_thread(take, stack)
    call = await launch(stack, SCENARIO)
    await asyncio.sleep(SETTLE_S)
    before = await asyncio.to_thread(take, stack)
    await asyncio.sleep(BUSY_S)
    after = await asyncio.to_thread(take, stack)
    await finish(call)
    figures.milestones.append(call.milestones())
    figures.cores.append(cores(before, after))
    figures.grown_mib.append({name: after.pss_mib[name] - idle.pss_mib[name] for name in after.pss_mib})
    await asyncio.to_thread(listen_again, call, figures)


def listen_again(call: FollowedCall, figures: Figures) -> None:
    """Compare what was heard with what was shown."""
    turns = call.stack.api.turns(call.conversation_id)
    figures.gaps_s += response_gaps_s(call.observer.sides)
    figures.told_gaps_s += [turn["response_latency_s"] for turn in turns if turn["response_latency_s"] is not None]
    figures.lags += word_lags(call)
    figures.words += sum(len(turn["text"].split()) for turn in turns)
    figures.ends.append(str(call.stack.api.status(call.conversation_id)["end_reason"]))


def run(executor: str, options: argparse.Namespace, *, heard: int) -> None:
    """Measure with one executor on a fresh stack, and print; how well is heard, in so many calls more."""
    with tempfile.TemporaryDirectory(prefix="dispatchsim-bench-") as folder:
        stack = Stack(Path(folder))
        stack.set_up()
        stack.manage("shell", "-c", COLLECT_STATIC)
        try:
            stack.start("media", "rehearsal", "web", "supervisor")
            command = [sys.executable, "manage.py", "run_agents", "--executor", executor]
            stack.start_command("agents", command, {**stack.environ, "PYTHONUNBUFFERED": "1"})
            stack.wait_ready()
            figures = asyncio.run(measure(stack, launches=options.launches, calls=options.calls))
            report(executor, figures)
            if options.pages:
                report_pages(stack, options.pages)
            if heard:
                hold_and_report(stack, heard, say)
        finally:
            put_away(stack)


def put_away(stack: Stack) -> None:
    """Stop every part; one that does not stop is told, and the rest is measured all the same."""
    for name in ("supervisor", "agents", "rehearsal", "web", "media"):
        try:
            if name in stack.processes:
                stack.stop(name)
        except AssertionError as error:
            say(f"! {error}")


def report(executor: str, figures: Figures) -> None:
    """Print what was measured with one executor."""
    say(f"\n## {executor} executor: {len(figures.milestones)} launches, ends: {', '.join(figures.ends) or 'none held'}")
    say("\nseconds from the launch           median    slowest")
    for name in figures.milestones[0] if figures.milestones else ():
        row(
            name, [steps[name] for steps in figures.milestones if name in steps], slowest=True, note=GOALS.get(name, "")
        )
    say("\nseconds                              p50       p95       max")
    row("response gap, heard", figures.gaps_s)
    row("response gap, as agents tell it", figures.told_gaps_s)
    placed = f"{len(figures.lags)} of {figures.words} words placed"
    row("word shown after its sound began", [lag.after_start_s for lag in figures.lags], note=placed)
    row("word shown after its sound ended", [lag.after_end_s for lag in figures.lags], note=GOALS["lag"])
    early_s = [-lag.after_start_s for lag in figures.lags if lag.after_start_s < 0]
    of = f"{len(early_s)} of {len(figures.lags)}"
    say(f"words shown before their sound     {of}, by up to {max(early_s, default=0):.2f} s")
    report_cost(figures)


def report_cost(figures: Figures) -> None:
    """Print CPU and memory by part."""
    if figures.idle is None or not figures.cores:
        return
    say("\npart            cores in a call   MiB (PSS) more in a call   MiB when idle   processes when idle")
    for name in figures.idle.pss_mib:
        used = statistics.mean(one[name] for one in figures.cores)
        grown = statistics.mean(one[name] for one in figures.grown_mib)
        idle_mib, count = figures.idle.pss_mib[name], figures.idle.processes[name]
        say(f"{name:<14}  {used:>15.2f}   {grown:>24.0f}   {idle_mib:>13.0f}   {count:>19}")
    total = statistics.mean(sum(one.values()) for one in figures.cores)
    grown = statistics.mean(sum(one.values()) for one in figures.grown_mib)
    say(f"{'all':<14}  {total:>15.2f}   {grown:>24.0f}   {sum(figures.idle.pss_mib.values()):>13.0f}")


def report_pages(stack: Stack, count: int) -> None:
    """Print page times, while no call runs."""
    with_calls = stack.api.get("conversations")["items"]
    times = page_times_ms(stack, conversation_id=with_calls[0]["conversation_id"], count=count)
    say(f"\nmilliseconds, {count} times each     median    slowest")
    for name, (median, slowest) in times.items():
        say(f"{name:<30}  {median:>8.0f}   {slowest:>8.0f}")


def row(name: str, values: Sequence[float], *, slowest: bool = False, note: str = "") -> None:
    """Print median and tail of some seconds."""
    if not values:
        say(f"{name:<33}  not measured")
        return
    tail = [max(values)] if slowest else [percentile(values, 0.95), max(values)]
    say(
        f"{name:<33}  {statistics.median(values):>7.2f}" + "".join(f"   {value:>7.2f}" for value in tail) + f"   {note}"
    )


def percentile(values: Iterable[float], share: float) -> float:
    """Give the value that this share of values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def say(text: str) -> None:
    """Print now."""
    print(text, flush=True)  # noqa: T201  (printing is its job)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="make bench", description="Print figures of this machine.")
    parser.add_argument("--executor", choices=["process", "thread", "both"], default="both")
    parser.add_argument("--launches", type=int, default=3, help="calls that are ended after their first word")
    parser.add_argument("--calls", type=int, default=1, help="calls that are held to their end")
    parser.add_argument("--heard", type=int, default=6, help="scenarios in which hearing is measured; 0 for none")
    parser.add_argument("--pages", type=int, default=30, help="times that each page is asked for; 0 for none")
    options = parser.parse_args()
    logging.disable(logging.ERROR)  # LiveKit's client tells of every join and goodbye
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    say(f"# {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; load before: {load}")
    for number, executor in enumerate(("process", "thread") if options.executor == "both" else (options.executor,)):
        run(executor, options, heard=0 if number else options.heard)


if __name__ == "__main__":
    main()
