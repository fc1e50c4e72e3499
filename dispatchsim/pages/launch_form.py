"""The fields of the launch form and what they mean to the launch service."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict

from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.models import Persona, Scenario
from dispatchsim.services.launch import AgentOverrides

# Voices of OpenAI's Realtime models; the rehearsal model has one of its own for each name.
VOICES = ("alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse")
_FIELD_WORDS = {
    "scenario": "Pick a scenario.",
    "dispatcher": "Pick who plays the dispatcher.",
    "driver": "Pick who plays the driver.",
    "provider": "Pick a voice model.",
}


def default_provider() -> VoiceProvider:
    """Give OpenAI's model where there is a key, the rehearsal model else."""
    return VoiceProvider.OPENAI if settings.OPENAI_API_KEY else VoiceProvider.REHEARSAL


@dataclass(frozen=True)
class Choices:
    """What is picked when the form is shown."""

    scenario: str
    personas: dict[Role, str]
    voices: dict[Role, str]
    provider: str
    all_voices: tuple[str, ...] = field(default=VOICES)

    @classmethod
    def from_query(cls, query: QueryDict) -> "Choices":
        """Read what a link or a refused form has picked, else the first of each list."""
        return cls(
            scenario=query.get("scenario") or _first(Scenario.objects.values_list("slug", flat=True)),
            personas={
                role: query.get(role) or _first(Persona.objects.filter(role=role).values_list("slug", flat=True))
                for role in Role
            },
            voices={role: query.get(f"{role}_voice") or "" for role in Role},
            provider=query.get("provider") or default_provider(),
        )


def _first(slugs: Any) -> str:
    return slugs.first() or ""


class LaunchForm(forms.Form):
    """One call: a scenario, a persona for each side, a voice model, and the key that makes a repeat harmless."""

    scenario = forms.ModelChoiceField(Scenario.objects.all(), to_field_name="slug")
    dispatcher = forms.ModelChoiceField(Persona.objects.filter(role=Role.DISPATCHER), to_field_name="slug")
    driver = forms.ModelChoiceField(Persona.objects.filter(role=Role.DRIVER), to_field_name="slug")
    dispatcher_voice = forms.ChoiceField(choices=[("", ""), *((voice, voice) for voice in VOICES)], required=False)
    driver_voice = forms.ChoiceField(choices=[("", ""), *((voice, voice) for voice in VOICES)], required=False)
    provider = forms.ChoiceField(choices=[(provider, provider) for provider in VoiceProvider])
    idempotency_key = forms.UUIDField()

    def overrides(self) -> dict[Role, AgentOverrides]:
        """Give the voices that differ from the personas' own."""
        picked = {role: self.cleaned_data[f"{role}_voice"] for role in Role}
        return {role: AgentOverrides(voice=voice) for role, voice in picked.items() if voice}

    def problem(self) -> InvalidInputError:
        """Tell the first thing that is wrong, in words."""
        name = next(iter(self.errors))
        return InvalidInputError(
            _FIELD_WORDS.get(name, "This form is out of date."),
            field=name,
            hint="What was picked is not in the library any more; the lists below are fresh.",
        )
