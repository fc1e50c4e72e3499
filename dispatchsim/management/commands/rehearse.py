"""Many calls of two rehearsal minds, without a room: `manage.py rehearse --all --seeds 20 --errors 0.05`.

exit 0: the expected outcome in at least 9 of 10 seeds of each scenario; 1: in fewer, with the reasons
"""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.domain.errors import DispatchsimError
from dispatchsim.management.commands.converse import find_persona, find_scenario
from dispatchsim.management.output import clean
from dispatchsim.management.rehearsing import Rehearsed, Spec, rehearse
from dispatchsim.models import Scenario
from dispatchsim.services.freezing import freeze_scenario
from dispatchsim.services.launch import CallOrder, preview_sides

PASSING_SHARE = 0.9


@dataclass(frozen=True)
class Row:
    """One scenario's calls."""

    scenario: str
    calls: tuple[Rehearsed, ...]

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


class Command(BaseCommand):
    """Rehearse scenarios with many seeds, and print how they end."""

    help = "Let two rehearsal minds hold each scenario's call without a room, with many seeds, and print how they end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what is rehearsed, how often, and how badly the sides hear."""
        parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="slugs, as in chicken-to-dallas")
        parser.add_argument("--all", action="store_true", dest="is_all", help="every scenario of the library")
        parser.add_argument("--seeds", type=int, default=10, metavar="N", help="calls of each scenario (default 10)")
        parser.add_argument("--first-seed", default="1", metavar="SEED", help="a number, or a text to number from")
        parser.add_argument("--errors", type=float, default=0.0, metavar="RATE", help="share of misheard words, to 0.5")
        parser.add_argument("--dispatcher", metavar="SLUG", help="persona of the dispatcher")
        parser.add_argument("--driver", metavar="SLUG", help="persona of the driver")
        parser.add_argument("--show", action="store_true", dest="is_shown", help="print each call line by line")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON object a call, for scripts")

    def handle(self, *_args: Any, scenarios: list[str], is_all: bool, **options: Any) -> None:
        """Rehearse and tell."""
        if options["seeds"] < 1 or not 0 <= options["errors"] <= 0.5:
            raise CommandError("--seeds must be at least 1, and --errors from 0 to 0.5.")
        wanted = list(Scenario.objects.order_by("slug")) if is_all else [find_scenario(slug) for slug in scenarios]
        if not wanted:
            raise CommandError(
                "Name a scenario, or take --all. An empty library is filled by `manage.py load_library`."
            )
        rows = [Row(scenario.slug, tuple(self._rehearse(scenario, options))) for scenario in wanted]
        if not options["as_json"]:
            self.stdout.write(table(rows))
        sys.exit(int(not all(row.is_passing for row in rows)))

    def _rehearse(self, scenario: Scenario, options: dict[str, Any]) -> Iterator[Rehearsed]:
        for spec in specs(scenario, options):
            call = rehearse(spec)
            if options["is_shown"]:
                self.stdout.write("\n".join(transcript(spec, call)))
            if options["as_json"]:
                self.stdout.write(json.dumps(as_json(spec, call)))
            yield call


def specs(scenario: Scenario, options: dict[str, Any]) -> Iterator[Spec]:
    """Compose the calls of a scenario: one prompt for each side, one seed for each call."""
    try:
        order = CallOrder(
            scenario,
            find_persona(options["dispatcher"], Role.DISPATCHER),
            find_persona(options["driver"], Role.DRIVER),
            provider=VoiceProvider.REHEARSAL,
        )
        prompts = {role: side.instructions for role, side in preview_sides(order).items()}
        frozen = freeze_scenario(scenario)
    except DispatchsimError as error:
        raise CommandError(f"{scenario.slug}: {error.message} {error.hint}") from error
    first = options["first_seed"]
    for number in range(options["seeds"]):
        seed = str(int(first) + number) if first.isdigit() else f"{first}-{number + 1}"
        yield Spec(frozen, prompts, seed, options["errors"])


def transcript(spec: Spec, call: Rehearsed) -> list[str]:
    """Write a call line by line; what was misheard stands below its line when words can go wrong."""
    lines = [f"--- {spec.scenario.slug}, seed {spec.seed}"]
    for turn in call.turns:
        if turn.tool:
            lines.append(f"      {turn.speaker.value} {clean(turn.tool)}: {clean(turn.text)}")
            continue
        lines.append(f"{turn.speaker.value.upper():<11} {clean(turn.text)}")
        if spec.error_rate > 0:
            lines.append(f"{'heard':>11} {turn.heard_as}")
    return [*lines, f"--- {call.failure or call.outcome}, {len(call.spoken)} turns, {call.length_s:.0f} s", ""]


def as_json(spec: Spec, call: Rehearsed) -> dict[str, object]:
    """Give a call for scripts."""
    return {
        "scenario": spec.scenario.slug,
        "seed": spec.seed,
        "outcome": call.outcome,
        "failure": call.failure,
        "turns": len(call.spoken),
        "length_s": round(call.length_s, 1),
        "lines": [{"speaker": turn.speaker.value, "tool": turn.tool, "text": turn.text} for turn in call.turns],
    }


def table(rows: Sequence[Row]) -> str:
    """Write one line for each scenario, and what went wrong below it."""
    width = max(len(row.scenario) for row in rows)
    lines = [f"{'scenario':<{width}}  as expected   turns  seconds"]
    for row in rows:
        share = f"{row.passed}/{len(row.calls)}"
        turns, seconds = (fmean(values) for values in (_turns(row), _seconds(row)))
        mark = "" if row.is_passing else "  too few"
        lines.append(f"{row.scenario:<{width}}  {share:>11}  {turns:6.1f}  {seconds:7.0f}{mark}")
        lines += [f"{'':<{width}}    {count} x {reason}" for reason, count in row.failures]
    passed, total = sum(row.passed for row in rows), sum(len(row.calls) for row in rows)
    return "\n".join([*lines, f"{'all':<{width}}  {f'{passed}/{total}':>11}"])


def _turns(row: Row) -> list[float]:
    return [float(len(call.spoken)) for call in row.calls]


def _seconds(row: Row) -> list[float]:
    return [call.length_s for call in row.calls]
