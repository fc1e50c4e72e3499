"""One call from a terminal, beside a running stack: `manage.py converse chicken-to-dallas`.

exit 0: they said goodbye and hung up; 1: anything else, with the reason; 130: Ctrl-C, which ends the call
"""

import difflib
import logging
import math
import signal
import sys
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterable
from types import FrameType
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.errors import DispatchsimError
from dispatchsim.domain.line import LineQuality
from dispatchsim.management.output import clean
from dispatchsim.management.terminal import Printer, Teller, build_printer, is_completed
from dispatchsim.models import Conversation, Persona, Scenario
from dispatchsim.services.following import find_news
from dispatchsim.services.launch import AgentOverrides, launch_conversation
from dispatchsim.services.library import get_persona
from dispatchsim.services.lifecycle import end_conversation, finish_conversation
from dispatchsim.services.readiness import check_readiness
from dispatchsim.services.status import StatusView
from dispatchsim.services.verdicts import find_verdict

LOOK_S = 0.2
SETUP_S = 90.0  # queue, launch and goodbye on top of the scenario's longest call
GOODBYE_S = 15.0  # an ending call is over by then, or nobody supervises
INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended
MENDS = {
    "database": "Start the system with `make run`, or point DISPATCHSIM_DATA_DIR to the folder of the one that runs.",
    "livekit": "Start the system with `make run`; PORT or LIVEKIT_URL must be those of the one that runs.",
    "voice_model": "Start the system with `make run`, or check OPENAI_API_KEY and OPENAI_BASE_URL.",
    "agent_server_dispatcher": "Start it with `manage.py run_agents`, and give it 15 s.",
    "agent_server_driver": "Start it with `manage.py run_agents`, and give it 15 s.",
    "supervisor": "Start it with `manage.py supervise`.",
}


class Command(BaseCommand):
    """Launch one call, print it as it is spoken, and tell by the exit code how it went."""

    help = "Hold one call and print it as it is spoken. Exit 0 only when they talked to the end and hung up."
    requires_system_checks = ()  # what is missing is told by part, with what to do

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what is played, by whom, and how it is printed."""
        parser.add_argument("scenario", help="slug of a scenario, as in chicken-to-dallas")
        parser.add_argument("--dispatcher", metavar="SLUG", help="persona of the dispatcher")
        parser.add_argument("--driver", metavar="SLUG", help="persona of the driver")
        parser.add_argument(
            "--line", choices=[line.value for line in LineQuality], help="instead of the scenario's own"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON object a line, for scripts")
        parser.add_argument(
            "--seed", type=int, metavar="N", help="another number gives the rehearsal model other words"
        )
        parser.add_argument("--timeout", type=float, metavar="S", help="end the call after so many seconds")

    def handle(self, *_args: Any, scenario: str, as_json: bool, timeout: float | None, **options: Any) -> None:
        """Hold the call."""
        logging.getLogger().setLevel(logging.WARNING)  # routine lines would run through the transcript
        if timeout is not None and timeout <= 0:
            raise CommandError("--timeout must be more than 0.")
        require_parts()
        interrupts = Interrupts()
        conversation = launch(
            find_scenario(scenario),
            {Role.DISPATCHER: options["dispatcher"], Role.DRIVER: options["driver"]},
            seed=options["seed"],
            line=LineQuality(options["line"]) if options["line"] else None,
        )
        limit_s = timeout or conversation.max_duration_s + SETUP_S
        printer = build_printer(sys.stdout, as_json=as_json)
        try:
            status = follow(conversation.pk, printer, interrupts, limit_s=limit_s)
            verdict = find_verdict(Conversation.objects.get(pk=conversation.pk))
            if verdict is not None:
                printer.judge(verdict)
            printer.end(status)
        except BaseException:
            end_conversation(conversation_id=conversation.pk, reason=EndReason.PERSON_ENDED)
            raise
        finally:
            printer.close()
        sys.exit(INTERRUPTED if interrupts.count else int(not is_completed(status)))


class Interrupts:
    """Ctrl-C and SIGTERM: the first ends the call, in the middle of a sentence; the second gives up waiting."""

    def __init__(self) -> None:
        self.count = 0
        self._wakened = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def wait(self, seconds: float) -> None:
        """Wait, but not through a signal."""
        self._wakened.wait(seconds)
        self._wakened.clear()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        self._wakened.set()
        if self.count > 1:
            sys.exit(INTERRUPTED)


def follow(conversation_id: UUID, printer: Printer, interrupts: Interrupts, *, limit_s: float) -> StatusView:
    """Print the call until it is over; end it when asked to or when it takes too long."""
    teller, cursor = Teller(), None
    limit, ending_by = time.monotonic() + limit_s, math.inf
    while True:
        news = find_news(conversation_id, cursor=cursor)
        if news is None:
            raise CommandError("The call was deleted while it ran.")
        cursor = news.cursor
        printer.show(teller.tell(news))
        if news.status.status.is_final:
            return news.status
        is_late = time.monotonic() >= limit
        if ending_by == math.inf and (interrupts.count or is_late):
            printer.note("Ending the call …")
            detail = f"It took longer than the {limit_s:.0f} s that it was given." if is_late else ""
            end_conversation(conversation_id=conversation_id, reason=EndReason.PERSON_ENDED, detail=detail)
            ending_by = time.monotonic() + GOODBYE_S
        elif time.monotonic() >= ending_by:
            finish_conversation(conversation_id=conversation_id)  # nobody supervises
        interrupts.wait(LOOK_S)


def require_parts() -> None:
    """Say which parts are missing and what to do; raise CommandError then."""
    missing = [part for part in check_readiness().parts if not part.ok]
    if not missing:
        return
    lines = [f"No call can be held at {settings.DISPATCHSIM_WEB_URL} just now:"]
    lines += [f"  {part.name.replace('_', ' ')}: {part.detail} {MENDS[part.name]}" for part in missing]
    raise CommandError("\n".join([*lines, "  `manage.py doctor` looks at everything."]))


def launch(
    scenario: Scenario, slugs: dict[Role, str | None], *, seed: int | None, line: LineQuality | None = None
) -> Conversation:
    """Launch the call; errors become what a person can act on."""
    personas = {role: find_persona(slug, role) for role, slug in slugs.items()}
    overrides = {} if seed is None else {role: vary(persona, seed) for role, persona in personas.items()}
    try:
        return launch_conversation(
            scenario=scenario,
            dispatcher=personas[Role.DISPATCHER],
            driver=personas[Role.DRIVER],
            overrides=overrides,
            line=line,
            expects_listener=False,
        )
    except DispatchsimError as error:
        raise CommandError(f"{error.message} {error.hint}") from error


def vary(persona: Persona, seed: int | str) -> AgentOverrides:
    """Give the persona a line that changes nothing but the rehearsal model's choice of words."""
    return AgentOverrides(instructions=f"{persona.character.rstrip()}\n\nvariation: {seed}")


def find_scenario(slug: str) -> Scenario:
    """Find a scenario; else name those whose slugs are nearest."""
    scenario = Scenario.objects.filter(slug=slug).first()
    if scenario is None:
        raise CommandError(suggest("scenario", slug, Scenario.objects.values_list("slug", flat=True)))
    return scenario


def find_persona(slug: str | None, role: Role) -> Persona:
    """Find a persona of this role, or the role's default."""
    personas = Persona.objects.filter(role=role.value)
    if slug is not None and not personas.filter(slug=slug).exists():
        raise CommandError(suggest(f"{role.value} persona", slug, personas.values_list("slug", flat=True)))
    try:
        return get_persona(slug=slug, role=role)
    except DispatchsimError as error:
        raise CommandError(f"{error.message} Add one in the admin.") from error


def suggest(kind: str, slug: str, known: Iterable[str]) -> str:
    """Say that there is no such thing, and what there is."""
    known = sorted(known)
    near = difflib.get_close_matches(slug, known, n=3, cutoff=0.4)
    if near:
        return f"There is no {kind} {clean(slug)!r}. Did you mean {' or '.join(near)}?"
    return f"There is no {kind} {clean(slug)!r}. There are: {', '.join(known) or 'none at all'}."
