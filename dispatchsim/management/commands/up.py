"""Start the whole stack: database, library, static files, then every part under one process manager."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from dispatchsim.bootstrap.console import report, say, step
from dispatchsim.bootstrap.errors import SetupError
from dispatchsim.bootstrap.locking import holding
from dispatchsim.bootstrap.media_server import find_server
from dispatchsim.bootstrap.ports import check_ports, read_ports
from dispatchsim.management.leftovers import RunRecord, end_leftovers
from dispatchsim.management.media_config import build_media_config, write_media_config
from dispatchsim.management.output import StackOutput, box
from dispatchsim.management.parts import (
    Stack,
    build_drain_plan,
    build_parts,
    build_stop_plan,
    new_run_id,
    path_of,
)
from dispatchsim.management.processes import ProcessManager
from dispatchsim.management.readiness import until_ready
from dispatchsim.management.settings_notices import tell_settings
from dispatchsim.management.static_build import collect_when_needed
from dispatchsim.services.sign_in import create_sign_in_link, link_command

INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended


class Command(BaseCommand):
    """`manage.py up`, the second half of `make run`."""

    help = "Start web, media server, rehearsal model, agents and supervisor, and stop them together."
    requires_system_checks = ()  # `run_stack` tells them as it tells everything else

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Prepare, run until stopped, and pass the outcome on as exit code."""
        try:
            sys.exit(run_stack())
        except SetupError as error:
            report(error)
            sys.exit(1)
        except KeyboardInterrupt:
            say("\nStopped before everything was up.")
            sys.exit(INTERRUPTED)


def run_stack() -> int:
    """Prepare the data folder and run the parts; return the exit code."""
    if not tell_settings(checks.run_checks()):
        return 1
    folder: Path = settings.DISPATCHSIM_DATA_DIR
    folder.mkdir(parents=True, exist_ok=True)
    with sole_owner(folder):
        left = end_leftovers(folder / "run.json")
        if left:
            say(f"· Ended {left} processes that an earlier run had left behind")
        check_ports(os.environ)
        stack = prepare(folder)
        return asyncio.run(run_parts(stack, folder))


@contextmanager
def sole_owner(folder: Path) -> Iterator[None]:
    """Hold the data folder; two stacks on one database would fight over its calls."""

    def refuse(holder: str) -> None:
        raise SetupError(
            f"A stack already runs on {folder} (process {holder}).",
            hint="Use that one, stop it with Ctrl-C, or start a second one elsewhere: "
            "PORT=8100 DISPATCHSIM_DATA_DIR=other make run",
        )

    with holding(folder / "up.lock", when_held=refuse):
        yield


def prepare(folder: Path) -> Stack:
    """Bring database, library, static files and LiveKit's configuration up to date."""
    with step("Database"):
        call_command("migrate", interactive=False, verbosity=0)
    with step("Scenarios and personas"), open(os.devnull, "w", encoding="utf-8") as nowhere:
        call_command("load_library", stdout=nowhere)
    with step("Static files"):
        collect_when_needed()
    connection.close()  # the parts open their own
    ports = read_ports(os.environ)
    config = folder / "livekit.yaml"
    write_media_config(
        config,
        build_media_config(
            http_port=ports.media,
            udp_port=ports.media_udp,
            api_key=settings.LIVEKIT_API_KEY,
            api_secret=settings.LIVEKIT_API_SECRET,
        ),
    )
    return Stack(
        root=settings.BASE_DIR,
        python=path_of(sys.executable),
        ports=ports,
        media_server=local_media_server(),
        media_config=config,
        environ={**os.environ, "DISPATCHSIM_DATA_DIR": str(folder)},
        run_id=new_run_id(),
    )


def local_media_server() -> Path | None:
    """Find the LiveKit server to start; None when LIVEKIT_URL names one that runs elsewhere."""
    if os.environ.get("LIVEKIT_URL"):
        return None
    server = find_server()
    if server is None:
        raise SetupError(
            "There is no LiveKit server.", hint="`make run` builds one; or set LIVEKIT_SERVER_BIN or LIVEKIT_URL."
        )
    return server


async def run_parts(stack: Stack, folder: Path) -> int:
    """Run the parts until they are stopped; return the exit code."""
    parts = build_parts(stack)
    output = StackOutput(folder / "logs", tuple(part.name for part in parts))
    manager = ProcessManager(
        parts,
        say=output.say,
        stop_plan=build_stop_plan(),
        drain_plan=build_drain_plan(settings.DRAIN_S),
        record=RunRecord(folder / "run.json", stack.run_id),
    )

    def tell(text: str) -> None:
        output.say("", text)  # where nobody reads any more, the calls go on

    async def announce() -> None:
        tell(f"· Starting {', '.join(manager.names)}")
        await until_ready(stack.ports.web, settings.DISPATCHSIM_WEB_URL, say=tell)
        tell(box("Dispatchsim is ready.", describe_stack(await asyncio.to_thread(make_link), folder)))

    try:
        code = await manager.run(announce)
    finally:
        output.close()
    tell("Stopped: no process of this stack is left." if code == 0 else "Stopped after a failure.")
    return code


def make_link() -> str:
    """Make the sign-in link in a thread of its own, and close that thread's database connection."""
    try:
        return create_sign_in_link()
    finally:
        connection.close()


def describe_stack(link: str, folder: Path) -> list[tuple[str, str]]:
    """Tell a person what runs and what to do next."""
    if settings.OPENAI_API_KEY:
        voice = f"OpenAI, {settings.OPENAI_REALTIME_MODEL}"
    else:
        voice = "rehearsal, on this machine (set OPENAI_API_KEY for OpenAI's)"
    return [
        ("Sign in", link),
        ("", f"(works once; `{link_command()}` makes another)"),
        ("Voice model", voice),
        ("Data", str(folder)),
        ("Logs", str(folder / "logs")),
        ("Stop", "Ctrl-C"),
    ]
