"""What both agents would be told, without launching anything."""

from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.domain.frozen import FrozenPersona
from dispatchsim.models import Persona, Scenario
from dispatchsim.services.freezing import freeze_scenario, freeze_sides


def preview_prompts(*, scenario: Scenario, dispatcher: Persona, driver: Persona) -> dict[Role, FrozenPersona]:
    """Render both prompts as a launch would. Raises InvalidInputError, naming the field."""
    return freeze_sides(
        freeze_scenario(scenario),
        personas={Role.DISPATCHER: dispatcher, Role.DRIVER: driver},
        overrides={},
        provider=VoiceProvider.REHEARSAL,  # the prompt is the same for every voice model
    )
