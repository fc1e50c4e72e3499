"""Launch a conversation: freeze copies, write the row once, make the room, dispatch both agents."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import User

from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.domain.frozen import FrozenPersona, FrozenScenario, InlineScenario
from dispatchsim.models import Conversation, Persona, Scenario

__all__ = ["AgentOverrides", "FrozenPersona", "FrozenScenario", "InlineScenario", "launch_conversation"]


@dataclass(frozen=True)
class AgentOverrides:
    """What one call changes about an agent; None keeps the persona's own."""

    persona: Persona | None = None  # plays instead of the persona of the launch
    voice: str | None = None
    model: str | None = None
    instructions: str | None = None  # replaces the persona's character text in the prompt


def launch_conversation(
    *,
    scenario: Scenario | InlineScenario,
    dispatcher: Persona,
    driver: Persona,
    overrides: Mapping[Role, AgentOverrides] | None = None,
    provider: VoiceProvider | None = None,
    launched_by: User | None = None,
    idempotency_key: str | None = None,
    expects_listener: bool = True,
) -> Conversation:
    """Launch a call and return its row: `launching`, or `queued` above MAX_CALLS.

    One conversation per idempotency key, however many launch at once. Absent agent servers are
    no error: the supervisor dispatches when they are there.
    Raises InvalidInputError (field named), UnavailableError (part `livekit` or `voice_model`), TooManyCallsError.
    """
    raise NotImplementedError
