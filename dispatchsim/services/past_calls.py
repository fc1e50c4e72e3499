"""What a past call was made from, beside the library of today: what still holds, and what has changed since."""

from dataclasses import dataclass, field

from django.conf import settings

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.frozen import FrozenPersona, FrozenScenario
from dispatchsim.models import Conversation, Persona, Revision, Scenario
from dispatchsim.services.briefs import frozen_persona
from dispatchsim.services.freezing import AgentOverrides
from dispatchsim.services.library_content import Content, Entry, hash_content, kind_of, read_content


@dataclass(frozen=True)
class PastSide:
    """One side of a past call. `overrides` is what that call alone changed about its persona."""

    frozen: FrozenPersona
    persona: Persona | None  # of today; None: no longer in the library
    has_changed: bool
    overrides: AgentOverrides = field(default_factory=AgentOverrides)


@dataclass(frozen=True)
class PastCall:
    """A call with what became of its makings."""

    conversation: Conversation
    scenario: FrozenScenario
    entry: Scenario | None  # of today; None: written on the spot, or no longer in the library
    has_scenario_changed: bool
    sides: tuple[PastSide, ...]

    @property
    def has_changed(self) -> bool:
        """Whether a call of the same names would now be another one."""
        is_other = self.has_scenario_changed or (bool(self.scenario.slug) and self.entry is None)
        return is_other or any(side.has_changed or side.persona is None for side in self.sides)


def look_back(conversation: Conversation) -> PastCall:
    """Compare what a call was made from with the library of today; nothing is written."""
    scenario = FrozenScenario.model_validate(conversation.scenario_copy)
    entry = Scenario.objects.filter(slug=scenario.slug).first() if scenario.slug else None
    return PastCall(
        conversation=conversation,
        scenario=scenario,
        entry=entry,
        has_scenario_changed=entry is not None and not _is_as_it_was(entry, _find_revision(entry, scenario.revision)),
        sides=tuple(_look_back_at_side(frozen_persona(conversation, role)) for role in Role),
    )


def find_overrides(frozen: FrozenPersona) -> AgentOverrides:
    """Tell what a call changed about a persona of its own; nothing where the library no longer tells."""
    persona = Persona.objects.filter(slug=frozen.slug, role=frozen.role).first()
    revision = _find_revision(persona, frozen.revision) if persona else None
    return _find_overrides(frozen, revision.content) if revision else AgentOverrides()


def _look_back_at_side(frozen: FrozenPersona) -> PastSide:
    persona = Persona.objects.filter(slug=frozen.slug, role=frozen.role).first()
    if persona is None:
        return PastSide(frozen=frozen, persona=None, has_changed=False)
    revision = _find_revision(persona, frozen.revision)
    return PastSide(
        frozen=frozen,
        persona=persona,
        has_changed=not (_is_as_it_was(persona, revision) if frozen.revision else _sounds_alike(persona, frozen)),
        overrides=_find_overrides(frozen, revision.content) if revision else AgentOverrides(),
    )


def _find_revision(entry: Entry, number: int | None) -> Revision | None:
    if number is None:
        return None
    return Revision.objects.filter(kind=kind_of(entry), entry_id=entry.pk, number=number).first()


def _is_as_it_was(entry: Entry, revision: Revision | None) -> bool:
    return revision is not None and revision.content_hash == hash_content(read_content(entry))


def _sounds_alike(persona: Persona, frozen: FrozenPersona) -> bool:
    """Compare what a copy older than versions tells."""
    then = (frozen.name, frozen.title, frozen.character, frozen.voice.voice, frozen.voice.speed)
    return then == (persona.name, persona.title, persona.character, persona.voice, persona.speed)


def _find_overrides(frozen: FrozenPersona, content: Content) -> AgentOverrides:
    """Tell what the call changed: where the copy differs from the version that it names."""
    voice = frozen.voice
    own_model = content["model"] or settings.OPENAI_REALTIME_MODEL
    has_own_model = voice.provider == "rehearsal" or voice.model == own_model
    return AgentOverrides(
        voice=None if voice.voice == content["voice"] else voice.voice,
        model=None if has_own_model else voice.model,
        instructions=None if frozen.character == content["character"] else frozen.character,
    )
