"""Render what an agent's Realtime session gets as instructions."""

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.frozen import FrozenPersona, FrozenScenario


def render_instructions(
    *, scenario: FrozenScenario, persona: FrozenPersona, peer: FrozenPersona, role: Role, is_opener: bool
) -> str:
    """Render the prompt of one agent from `templates/prompts/*.txt`."""
    raise NotImplementedError
