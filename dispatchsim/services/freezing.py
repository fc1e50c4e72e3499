"""Frozen copies for a launch: scenario, personas with the changes of this call, and both prompts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from dispatchsim.domain.brief import TurnDetection, VoiceSettings
from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.freight.case import FreightCase
from dispatchsim.domain.freight.sheet import find_contradictions
from dispatchsim.domain.frozen import FrozenPersona, FrozenScenario, InlineScenario
from dispatchsim.domain.line import LineQuality
from dispatchsim.domain.load_sheet import parse_load_sheet
from dispatchsim.domain.voice_models import VOICES, name_known_voices
from dispatchsim.models import Persona, Scenario
from dispatchsim.models.freight_text import parse_freight
from dispatchsim.services.prompts import render_instructions
from dispatchsim.services.revisions import revision_number

REHEARSAL_MODEL = "rehearsal"
MIN_DURATION_S, MAX_DURATION_S = 15, 3600  # the bounds of a scenario's own length
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")


@dataclass(frozen=True)
class AgentOverrides:
    """What one call changes about an agent; None keeps the persona's own."""

    persona: Persona | None = None  # plays instead of the persona of the launch
    voice: str | None = None
    model: str | None = None
    instructions: str | None = None  # replaces the persona's character text in the prompt


def freeze_scenario(
    scenario: Scenario | InlineScenario, *, max_duration_s: int | None = None, line: LineQuality | None = None
) -> FrozenScenario:
    """Copy a scenario, with another longest length or line where one is given.

    Raises InvalidInputError for a load sheet or freight that cannot be read, or a length out of bounds.
    """
    parse_load_sheet(scenario.load_sheet)
    freight = parse_freight(scenario.freight) if isinstance(scenario, Scenario) else scenario.freight
    _require_one_load(freight, scenario.load_sheet)
    if max_duration_s is not None and not MIN_DURATION_S <= max_duration_s <= MAX_DURATION_S:
        raise InvalidInputError(
            f"A call lasts from {MIN_DURATION_S} to {MAX_DURATION_S} seconds.",
            field="max_duration_s",
            hint="Leave it empty for the length that the scenario sets.",
        )
    return FrozenScenario(
        slug=scenario.slug if isinstance(scenario, Scenario) else "",
        revision=revision_number(scenario) if isinstance(scenario, Scenario) else None,
        title=scenario.title,
        summary=scenario.summary,
        opener=Role(scenario.opener),
        load_sheet=scenario.load_sheet,
        dispatcher_briefing=scenario.dispatcher_briefing,
        driver_briefing=scenario.driver_briefing,
        driver_decision=scenario.driver_decision,
        freight=freight,
        line=line or LineQuality(scenario.line),
        max_duration_s=max_duration_s or scenario.max_duration_s,
        max_turns=scenario.max_turns,
    )


def _require_one_load(freight: FreightCase | None, load_sheet: str) -> None:
    problems = find_contradictions(freight, load_sheet=load_sheet) if freight else []
    if problems:
        raise InvalidInputError(
            " ".join(problem.sentence for problem in problems),
            field="freight",
            hint="Make load sheet and freight agree; each fact may stand in either.",
        )


def freeze_sides(
    scenario: FrozenScenario,
    *,
    personas: Mapping[Role, Persona],
    overrides: Mapping[Role, AgentOverrides],
    provider: VoiceProvider,
) -> dict[Role, FrozenPersona]:
    """Copy both personas and render their prompts. Raises InvalidInputError, naming the role."""
    sides = {
        role: _freeze_persona(role, persona, overrides.get(role, AgentOverrides()), provider)
        for role, persona in personas.items()
    }
    return {role: _with_prompt(scenario, side, sides[role.peer]) for role, side in sides.items()}


def refuse_unknown_voices(sides: Mapping[Role, FrozenPersona]) -> None:
    """Raise InvalidInputError, naming the role, for a voice that the rehearsal model does not have.

    Of OpenAI's voices only OpenAI knows all, custom ones among them: there an unknown one is merely doubted.
    """
    for role, side in sides.items():
        if side.voice.provider is VoiceProvider.REHEARSAL and side.voice.voice not in VOICES:
            raise InvalidInputError(
                f"Voice of {side.name}: {name_known_voices(side.voice.voice)}",
                field=f"{role.value}.voice",
                hint="The rehearsal model has no other: pick one of these.",
            )


def _freeze_persona(role: Role, persona: Persona, overrides: AgentOverrides, provider: VoiceProvider) -> FrozenPersona:
    persona = overrides.persona or persona
    if persona.role != role.value:
        raise InvalidInputError(
            f"{persona.name} plays the {persona.role}, not the {role.value}.",
            field=role.value,
            hint=f"Pick a persona with the role {role.value}.",
        )
    default_model = REHEARSAL_MODEL if provider is VoiceProvider.REHEARSAL else settings.OPENAI_REALTIME_MODEL
    own_model = "" if provider is VoiceProvider.REHEARSAL else persona.model
    voice = VoiceSettings(
        provider=provider,
        model=_checked_name(overrides.model, f"{role.value}.model", 100) or own_model or default_model,
        voice=_checked_name(overrides.voice, f"{role.value}.voice", 50) or persona.voice,
        speed=persona.speed,
        turn_detection=TurnDetection(
            threshold=persona.vad_threshold,
            silence_duration_ms=persona.vad_silence_ms,
            interrupt_response=persona.is_interruptible,
        ),
        transcription_model=persona.transcription_model or None,
    )
    return FrozenPersona(
        slug=persona.slug,
        revision=revision_number(persona),
        role=role,
        name=persona.name,
        title=persona.title,
        character=persona.character if overrides.instructions is None else overrides.instructions,
        voice=voice,
    )


def _checked_name(name: str | None, field: str, longest: int) -> str:
    if name and (len(name) > longest or _NAME.fullmatch(name) is None):
        raise InvalidInputError(
            "That is not a name that a voice or model can have.",
            field=field,
            hint="Use the name as OpenAI writes it, as in `marin` or `gpt-realtime-2.1`.",
        )
    return name or ""


def _with_prompt(scenario: FrozenScenario, side: FrozenPersona, peer: FrozenPersona) -> FrozenPersona:
    instructions = render_instructions(
        scenario=scenario, persona=side, peer=peer, role=side.role, is_opener=scenario.opener is side.role
    )
    return side.model_copy(update={"instructions": instructions})
