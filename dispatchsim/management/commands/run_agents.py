"""Run the agent servers of both roles, or of one."""

import asyncio
import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispatchsim.domain.conversation import Role


class Command(BaseCommand):
    """Start agent servers and keep them until a signal comes."""

    help = "Run the agent servers: SIGTERM lets calls end, SIGINT stops at once."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say which roles and how jobs are run."""
        parser.add_argument("--role", choices=[role.value for role in Role], help="one role; both when left out")
        parser.add_argument("--executor", choices=["process", "thread"], default="process", help="how jobs are run")

    def handle(self, *_args: Any, role: str | None, executor: str, **_options: Any) -> None:
        """Hand the settings over to the agents and serve."""
        os.environ.update(_agent_environment())
        # Here, not above: other commands must not load the agents' libraries.
        from livekit.agents import JobExecutorType  # noqa: PLC0415

        from agents.config import ConfigError, read_server_config  # noqa: PLC0415
        from agents.logs import configure_logging  # noqa: PLC0415
        from agents.server import serve  # noqa: PLC0415

        configure_logging()
        try:
            config = read_server_config()
        except ConfigError as error:
            raise CommandError(str(error)) from error
        code = asyncio.run(serve([Role(role)] if role else list(Role), config, executor=JobExecutorType(executor)))
        if code:
            raise CommandError("An agent server stopped by itself; the log says why.", returncode=code)


def _agent_environment() -> dict[str, str]:
    values = {
        "DISPATCHSIM_AGENTS_KEY": settings.DISPATCHSIM_AGENTS_KEY,
        "DISPATCHSIM_DRAIN_S": str(settings.DRAIN_S),
        "DISPATCHSIM_WEB_URL": settings.DISPATCHSIM_WEB_URL,
        "LIVEKIT_API_KEY": settings.LIVEKIT_API_KEY,
        "LIVEKIT_API_SECRET": settings.LIVEKIT_API_SECRET,
        "LIVEKIT_URL": settings.LIVEKIT_URL,
        "OPENAI_API_KEY": settings.OPENAI_API_KEY,
        "OPENAI_BASE_URL": settings.OPENAI_BASE_URL,
        "REHEARSAL_API_KEY": settings.REHEARSAL_API_KEY,
        "REHEARSAL_URL": settings.REHEARSAL_URL,
    }
    return {name: value for name, value in values.items() if value}
