"""Look at everything that a call needs: `manage.py doctor`. Works while nothing runs; exit 1 if anything fails."""

import http.client
import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.utils import timezone

from dispatchsim.bootstrap.browser import MAC_PLACES, NAMES, starts
from dispatchsim.bootstrap.console import GREEN, RED, paint
from dispatchsim.bootstrap.errors import SetupError
from dispatchsim.bootstrap.locking import find_holder
from dispatchsim.bootstrap.ports import LOOPBACK, Ports, is_free, next_free_block, read_ports, used_ports
from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.domain.errors import UnavailableError
from dispatchsim.gateways.livekit import rooms
from dispatchsim.gateways.voice_model import VoiceModelState, is_listening, probe_voice_model
from dispatchsim.management.doctoring import Finding, Mark, absent, fail, has_failed, ok, warn
from dispatchsim.management.line import LineError, try_line
from dispatchsim.management.output import clean
from dispatchsim.management.storage import check_database, check_storage, has_database
from dispatchsim.management.versions import check_versions
from dispatchsim.services.agent_servers import ready_roles
from dispatchsim.services.readiness import default_provider
from dispatchsim.services.supervisors import find_supervisor

YELLOW = "\x1b[33m"
MARKS = {Mark.OK: ("✓", GREEN), Mark.WARN: ("!", YELLOW), Mark.FAIL: ("✗", RED)}
WIDTH = 24
ANSWER_S = 3.0
# Secrets that the first start makes: before it their absence is no fault.
MADE_AT_START = ("dispatchsim.E001", "dispatchsim.E005", "dispatchsim.E008", "dispatchsim.E011")
START = "Start it with `make run`."


class Command(BaseCommand):
    """Print one line for each thing that was looked at."""

    help = "Look at everything that a call needs: versions, storage, ports, LiveKit and its sound, models, agents."
    requires_system_checks = ()  # they are among the findings

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Look, print, and exit 1 if something fails."""
        findings = []
        with _quiet_logs():  # findings tell it in words
            for finding in look():
                findings.append(finding)
                self.stdout.write(describe(finding))
                self.stdout.flush()
        counts = {mark: sum(finding.mark is mark for finding in findings) for mark in Mark}
        self.stdout.write(f"\n{counts[Mark.OK]} ok, {counts[Mark.WARN]} to know, {counts[Mark.FAIL]} to mend.")
        sys.exit(int(has_failed(findings)))


@contextmanager
def _quiet_logs() -> Iterator[None]:
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def look() -> Iterator[Finding]:
    """Look at one thing after the other."""
    is_running = web_answers()
    holder = find_holder(settings.DISPATCHSIM_DATA_DIR / "up.lock")
    yield check_stack(settings.DISPATCHSIM_DATA_DIR, settings.PORT, is_running=is_running, holder=holder)
    yield from check_settings()
    yield from check_versions(settings.BASE_DIR, has_own_media_server=not os.environ.get("LIVEKIT_URL"))
    yield check_chromium()
    yield from check_storage(settings.DISPATCHSIM_DATA_DIR)
    yield check_database()
    livekit = check_livekit(is_running=is_running)
    voices = {provider: check_voice(provider, is_running=is_running) for provider in VoiceProvider}
    yield from check_all_ports(
        web=is_running,
        livekit=livekit.mark is Mark.OK,
        rehearsal=voices[VoiceProvider.REHEARSAL].mark is Mark.OK,
    )
    yield livekit
    if livekit.mark is Mark.OK:
        yield check_sound()
    yield from voices.values()
    yield from check_agents(is_running=is_running)
    yield check_supervisor(timezone.now(), is_running=is_running)


def describe(finding: Finding) -> str:
    """Put a finding on a line, with what to do on the next."""
    sign, colour = MARKS[finding.mark]
    line = f"{paint(sign, colour)} {finding.name:<{WIDTH}}{clean(finding.detail)}"
    return f"{line}\n  {'':<{WIDTH}}→ {clean(finding.todo)}" if finding.todo else line


def check_settings() -> Iterator[Finding]:
    """Run Django's own checks, and ours among them."""
    messages = [message for message in run_checks() if not (message.id in MADE_AT_START and not has_secrets())]
    for message in messages:
        make = fail if message.level >= checks.ERROR else warn
        yield make("settings", f"{message.msg} ({message.id})", message.hint or "See the message.")
    if not messages:
        yield ok("settings", "consistent")


def run_checks() -> list[checks.CheckMessage]:
    """Run the checks with the database where there is one."""
    try:
        return list(checks.run_checks(databases=["default"] if has_database() else None))
    except DatabaseError:  # the finding `database` tells of it
        return list(checks.run_checks())


def has_secrets() -> bool:
    """Tell whether this data folder has ever been set up."""
    return (settings.DISPATCHSIM_DATA_DIR / "secrets.env").is_file()


def check_chromium() -> Finding:
    """Look for the browser that tests listen with."""
    named = os.environ.get("CHROMIUM_BIN")
    places = [named] if named else [*(shutil.which(name) for name in NAMES), *MAC_PLACES]
    found = next((place for place in places if place and os.path.exists(place) and starts(place)), None)
    if found:
        return ok("chromium", found)
    return warn("chromium", "none was found.", "Only tests need it; `make test` fetches one. CHROMIUM_BIN names yours.")


def check_all_ports(*, web: bool, livekit: bool, rehearsal: bool) -> Iterator[Finding]:
    """See for each port of this stack whether it is free, ours, or a stranger's."""
    answers = {"the web pages": web, "LiveKit": livekit, "LiveKit's sound": livekit, "the rehearsal model": rehearsal}
    try:
        ports = read_ports(os.environ)
        for purpose, (port, kind) in used_ports(ports, os.environ).items():
            yield judge_port(purpose, port, is_unused=is_free(port, kind), is_ours=answers[purpose], ports=ports)
    except SetupError as error:
        yield fail("ports", error.message, error.hint)


def judge_port(purpose: str, port: int, *, is_unused: bool, is_ours: bool, ports: Ports) -> Finding:
    """Judge one port; ours is one behind which our own part answers."""
    name = f"port {port}"
    if is_unused:
        return ok(name, f"free, for {purpose}")
    if is_ours:
        return ok(name, f"{purpose}, in use by this stack")
    other = next_free_block(ports.web)
    return fail(name, f"in use by something that is not {purpose}.", f"Stop it, or: PORT={other} make run")


def web_answers() -> bool:
    """Tell whether our web side answers on its port."""
    connection = http.client.HTTPConnection(LOOPBACK, settings.PORT, timeout=ANSWER_S)
    try:
        connection.request("GET", "/healthz", headers={"Host": urlsplit(settings.DISPATCHSIM_WEB_URL).netloc})
        answer = connection.getresponse()
        return answer.status == http.client.OK and b"status" in answer.read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def check_stack(folder: Path, port: int, *, is_running: bool, holder: str) -> Finding:
    """Tell which system was looked at, and whether it runs at all; `holder` is the process that holds its folder."""
    place = f"{folder}, ports {port} to {port + 3}"
    if is_running:
        return ok("stack", f"{place}: the web side answers")
    if holder:
        todo = f"Set PORT to that of process {holder}, or wait until it is up."
        return warn("stack", f"{place}: a stack runs on that folder, but not at these ports.", todo)
    todo = "`make run` starts one. For one that runs elsewhere set PORT and DISPATCHSIM_DATA_DIR as it has them."
    return warn("stack", f"{place}: no stack runs there, so what belongs to it is absent too.", todo)


def check_livekit(*, is_running: bool) -> Finding:
    """Ask LiveKit's API with our key."""
    todo = "Check LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET." if os.environ.get("LIVEKIT_URL") else START
    try:
        count = len(rooms().list_rooms())
    except UnavailableError as error:
        return absent("livekit", f"{settings.LIVEKIT_URL}: {error.message}", todo, is_running=is_running)
    return ok("livekit", f"{settings.LIVEKIT_URL} answers and takes the key, {count} rooms open")


def check_sound() -> Finding:
    """Send a tone through LiveKit over UDP."""
    name = "livekit's sound (UDP)"
    try:
        took_s = try_line()
    except (LineError, UnavailableError) as error:
        todo = "Let UDP through to LiveKit (here: PORT+2 on loopback): firewall, container or VPN rules stand between."
        return fail(name, f"{error}.", todo)
    return ok(name, f"a tone came through in {took_s * 1000:.0f} ms")


def check_voice(provider: VoiceProvider, *, is_running: bool) -> Finding:
    """Ask a model server with its key."""
    name = f"voice model {provider.value}"
    if provider is VoiceProvider.OPENAI:
        if not settings.OPENAI_API_KEY:
            return ok(name, "not used: OPENAI_API_KEY is not set")
        state = probe_voice_model(base_url=settings.OPENAI_BASE_URL, api_key=settings.OPENAI_API_KEY)
        return judge_voice(name, state, "Check OPENAI_API_KEY, OPENAI_BASE_URL and the network.", make=fail)
    make = fail if is_running and default_provider() is provider else warn
    if not is_listening(settings.REHEARSAL_URL):
        return make(name, "not running; it needs no key of yours.", START)
    state = probe_voice_model(base_url=settings.REHEARSAL_URL, api_key=settings.REHEARSAL_API_KEY)
    return judge_voice(name, state, START, make=make)


def judge_voice(name: str, state: VoiceModelState, todo: str, *, make: Callable[[str, str, str], Finding]) -> Finding:
    """Judge what a probe found."""
    return ok(name, "answers and takes the key") if state.is_ok else make(name, state.detail, todo)


def check_agents(*, is_running: bool) -> Iterator[Finding]:
    """See which agent servers have reported within 15 s."""
    try:
        ready = ready_roles()
    except DatabaseError:
        ready = frozenset()
    for role in Role:
        name = f"agent server {role.value}"
        if role in ready:
            yield ok(name, "registered")
        else:
            yield absent(name, "none has reported.", f"{START} Or: `manage.py run_agents`", is_running=is_running)


def check_supervisor(now: datetime, *, is_running: bool) -> Finding:
    """See whether a supervisor has looked at the calls within 15 s."""
    try:
        found = find_supervisor(now)
    except DatabaseError:
        found = None
    if found is None:
        todo = f"{START} Or: `manage.py supervise`. Without it no call starts or ends by itself."
        return absent("supervisor", "none has looked at the calls for 15 s.", todo, is_running=is_running)
    return ok("supervisor", f"{found} looked {(now - found.last_seen_at).total_seconds():.0f} s ago")
