"""Can a call be held just now? Every part by its name, none of it secret."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import Error as DatabaseError
from django.utils import timezone

from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.domain.errors import UnavailableError
from dispatchsim.gateways import livekit
from dispatchsim.gateways.voice_model import probe_voice_model
from dispatchsim.models import Scenario
from dispatchsim.services.agent_servers import ready_roles
from dispatchsim.services.supervisors import find_supervisor


@dataclass(frozen=True)
class Part:
    """One part of the system; `detail` is a sentence for people."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class Readiness:
    """Every part, and whether all of them are there."""

    parts: tuple[Part, ...]

    @property
    def ready(self) -> bool:
        """Whether a call could be held from start to end."""
        return all(part.ok for part in self.parts)


def check_readiness() -> Readiness:
    """Ask every part whether it is there."""
    agents = map(_check_agents, Role)
    return Readiness(
        parts=(_check_database(), _check_livekit(), _check_voice_model(), *agents, _check_supervisor(timezone.now()))
    )


def default_provider() -> VoiceProvider:
    """Tell which voice model speaks when nobody picks one: OpenAI's where there is a key, else the rehearsal model."""
    return VoiceProvider.OPENAI if settings.OPENAI_API_KEY else VoiceProvider.REHEARSAL


def _check_database() -> Part:
    return _check("database", Scenario.objects.exists, "It cannot be used, or `manage.py migrate` has not run.")


def _check_livekit() -> Part:
    return _check("livekit", lambda: livekit.rooms().list_rooms(), "It does not answer at LIVEKIT_URL.")


def _check_voice_model() -> Part:
    provider = default_provider()
    is_openai = provider is VoiceProvider.OPENAI
    state = probe_voice_model(
        base_url=settings.OPENAI_BASE_URL if is_openai else settings.REHEARSAL_URL,
        api_key=settings.OPENAI_API_KEY if is_openai else settings.REHEARSAL_API_KEY,
    )
    return Part(name="voice_model", ok=state.is_ok, detail=f"{provider.value}: {state.detail}")


def _check_agents(role: Role) -> Part:
    name = f"agent_server_{role.value}"
    try:
        is_there = role in ready_roles()
    except DatabaseError:
        return Part(name=name, ok=False, detail="Not known without the database.")
    return Part(
        name=name, ok=is_there, detail="Ready." if is_there else "None has reported; start `manage.py run_agents`."
    )


def _check_supervisor(now: datetime) -> Part:
    name = "supervisor"
    try:
        is_there = find_supervisor(now) is not None
    except DatabaseError:
        return Part(name=name, ok=False, detail="Not known without the database.")
    # Without one no call gets its floor, leaves the queue, or ends when it must.
    missing = "None has looked at the calls for 15 s; start `manage.py supervise`."
    return Part(name=name, ok=is_there, detail="Ready." if is_there else missing)


def _check(name: str, ask: Callable[[], object], failure: str) -> Part:
    try:
        ask()
    except (DatabaseError, UnavailableError):
        return Part(name=name, ok=False, detail=failure)
    return Part(name=name, ok=True, detail="Ready.")
