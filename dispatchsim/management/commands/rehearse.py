"""Many calls of two rehearsal minds: `manage.py rehearse --all --seeds 20 --errors 0.05`, or `--all --room`.

Without a room the two minds are paired in this process. With `--room` the running system holds the calls, several at
a time, and how well both sides heard is told as well.

exit 0: the expected outcome in at least 9 of 10 calls (of each scenario; with --room, of all); 1: in fewer, with the
reasons; 130: Ctrl-C, which ends the calls and tells of those that are over
"""

import json
import logging
import math
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.domain.errors import DispatchsimError
from dispatchsim.management.commands.converse import (
    INTERRUPTED,
    Interrupts,
    find_persona,
    find_scenario,
    require_parts,
)
from dispatchsim.management.output import clean
from dispatchsim.management.rehearsal_report import (
    PASSING_SHARE,
    Call,
    Row,
    as_json,
    build_rows,
    table,
    transcript,
)
from dispatchsim.management.rehearsing import Rehearsed, Spec, rehearse
from dispatchsim.management.room_rehearsal import RoomCall, RoomOrder, RoomRehearsal
from dispatchsim.models import Persona, Scenario
from dispatchsim.services.freezing import freeze_scenario
from dispatchsim.services.launch import CallOrder, preview_sides

SEEDS, ROOM_SEEDS = 10, 2  # calls of each scenario: in seconds, or in a minute and more
AT_ONCE = 3  # calls in rooms that two cores hold without a stutter
CALL_S = 67.0  # of a place: the 32 calls of the library take 12 minutes in three places


class Command(BaseCommand):
    """Rehearse scenarios with many seeds, and print how they end."""

    help = "Let two rehearsal minds hold each scenario's call with many seeds, and print how they end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what is rehearsed, where, how often, and how badly the sides hear."""
        parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="slugs, as in chicken-to-dallas")
        parser.add_argument("--all", action="store_true", dest="is_all", help="every scenario of the library")
        parser.add_argument(
            "--seeds", type=int, metavar="N", help=f"calls of each scenario (default {SEEDS}, in rooms {ROOM_SEEDS})"
        )
        parser.add_argument("--first-seed", default="1", metavar="SEED", help="a number, or a text to number from")
        parser.add_argument("--errors", type=float, default=0.0, metavar="RATE", help="share of misheard words, to 0.5")
        parser.add_argument("--room", action="store_true", dest="is_room", help="in rooms of the running system")
        parser.add_argument(
            "--at-once", type=int, default=AT_ONCE, metavar="N", help=f"calls in rooms at a time (default {AT_ONCE})"
        )
        parser.add_argument("--dispatcher", metavar="SLUG", help="persona of the dispatcher")
        parser.add_argument("--driver", metavar="SLUG", help="persona of the driver")
        parser.add_argument("--show", action="store_true", dest="is_shown", help="print each call line by line")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON object a call, for scripts")

    def handle(self, *_args: Any, scenarios: list[str], is_all: bool, is_room: bool, **options: Any) -> None:
        """Rehearse and tell."""
        refuse_odd(options, is_room=is_room)
        options["seeds"] = options["seeds"] or (ROOM_SEEDS if is_room else SEEDS)
        wanted = list(Scenario.objects.order_by("slug")) if is_all else [find_scenario(slug) for slug in scenarios]
        if not wanted:
            raise CommandError(
                "Name a scenario, or take --all. An empty library is filled by `manage.py load_library`."
            )
        rows = self._in_rooms(wanted, options) if is_room else self._without_rooms(wanted, options)
        if rows and not options["as_json"]:
            self.stdout.write(table(rows))
        sys.exit(0 if is_enough(rows, is_room=is_room) else 1)

    def _without_rooms(self, wanted: list[Scenario], options: dict[str, Any]) -> list[Row]:
        return [Row(scenario.slug, tuple(self._rehearse(scenario, options))) for scenario in wanted]

    def _rehearse(self, scenario: Scenario, options: dict[str, Any]) -> Iterator[Rehearsed]:
        for spec in specs(scenario, options):
            call = rehearse(spec)
            self._tell(scenario.slug, spec.seed, call, options, has_errors=spec.error_rate > 0)
            yield call

    def _in_rooms(self, wanted: list[Scenario], options: dict[str, Any]) -> list[Row]:
        logging.getLogger().setLevel(logging.WARNING)  # routine lines would run through what is printed
        require_parts()
        rehearsal = RoomRehearsal(orders(wanted, options), options["at_once"], Interrupts())
        return self.hold(rehearsal, [scenario.slug for scenario in wanted], options)

    def hold(self, rehearsal: RoomRehearsal, slugs: list[str], options: dict[str, Any]) -> list[Row]:
        """Hold calls in rooms and tell on stderr how far they are; Ctrl-C tells what is known by then."""
        held, count = list[RoomCall](), len(rehearsal.orders)
        self._note(announce(count, rehearsal.at_once))
        for call in rehearsal.hold():
            held.append(call)
            self._tell(call.scenario, call.seed, call, options, has_errors=True)
            self.stdout.flush()
            self._note(describe_progress(call, len(held), count))
        rows = build_rows(held, slugs)
        if rehearsal.interrupts.count:
            if rows and not options["as_json"]:
                self.stdout.write(table(rows))
            told = f"Stopped after {len(held)} of {count} calls; those that still ran were ended."
            raise CommandError(told, returncode=INTERRUPTED)
        return rows

    def _note(self, text: str) -> None:
        self.stderr.write(text, str)  # `str`: it is no error, and not red
        self.stderr.flush()

    def _tell(self, slug: str, seed: str, call: Call, options: dict[str, Any], *, has_errors: bool) -> None:
        if options["is_shown"]:
            self.stdout.write("\n".join(transcript(scenario=slug, seed=seed, call=call, has_errors=has_errors)))
        if options["as_json"]:
            self.stdout.write(json.dumps(as_json(scenario=slug, seed=seed, call=call)))


def announce(count: int, at_once: int) -> str:
    """Say how many calls are coming and about how long they take together."""
    minutes = math.ceil(math.ceil(count / at_once) * CALL_S / 60)
    return (
        f"{count} call{'' if count == 1 else 's'} in rooms, {min(count, at_once)} at a time: about {minutes} "
        f"minute{'' if minutes == 1 else 's'}. Ctrl-C ends them and prints what is known by then."
    )


def describe_progress(call: RoomCall, number: int, count: int) -> str:
    """Say how a call ended, and how many of all are over."""
    told = clean(call.failure or call.outcome)
    return f"· {number} of {count}: {call.scenario}, seed {call.seed}: {told}, {call.length_s:.0f} s"


def refuse_odd(options: dict[str, Any], *, is_room: bool) -> None:
    """Raise CommandError for numbers that make no sense."""
    if (options["seeds"] is not None and options["seeds"] < 1) or not 0 <= options["errors"] <= 0.5:
        raise CommandError("--seeds must be at least 1, and --errors from 0 to 0.5.")
    if options["at_once"] < 1:
        raise CommandError("--at-once must be at least 1.")
    if is_room and options["errors"]:
        raise CommandError("--errors is for calls without a room: in a room they hear as well as they hear.")


def is_enough(rows: list[Row], *, is_room: bool) -> bool:
    """Tell whether enough calls ended as expected: of each scenario, or with few calls of each, of all."""
    if not is_room:
        return all(row.is_passing for row in rows)
    return sum(row.passed for row in rows) >= PASSING_SHARE * sum(len(row.calls) for row in rows)


def orders(wanted: list[Scenario], options: dict[str, Any]) -> list[RoomOrder]:
    """Give the calls that rooms are to hold, the first seed of every scenario first."""
    both = personas(options)
    return [RoomOrder(scenario, both, seed) for seed in seeds(options) for scenario in wanted]


def specs(scenario: Scenario, options: dict[str, Any]) -> Iterator[Spec]:
    """Compose the calls of a scenario: one prompt for each side, one seed for each call."""
    both = personas(options)
    try:
        order = CallOrder(scenario, both[Role.DISPATCHER], both[Role.DRIVER], provider=VoiceProvider.REHEARSAL)
        prompts = {role: side.instructions for role, side in preview_sides(order).items()}
        frozen = freeze_scenario(scenario)
    except DispatchsimError as error:
        raise CommandError(f"{scenario.slug}: {error.message} {error.hint}") from error
    for seed in seeds(options):
        yield Spec(frozen, prompts, seed, options["errors"])


def personas(options: dict[str, Any]) -> dict[Role, Persona]:
    """Find who plays."""
    return {role: find_persona(options[role.value], role) for role in Role}


def seeds(options: dict[str, Any]) -> list[str]:
    """Give as many seeds as there are calls of a scenario."""
    first = options["first_seed"]
    return [
        str(int(first) + number) if first.isdigit() else f"{first}-{number + 1}" for number in range(options["seeds"])
    ]
