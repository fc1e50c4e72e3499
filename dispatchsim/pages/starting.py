"""What the launch form starts from: a scenario of the library, or a past call with all that it was made from."""

from uuid import UUID

from dispatchsim.models import Conversation, Scenario
from dispatchsim.pages.own_scenario import OWN, fill_in
from dispatchsim.services.past_calls import PastCall, PastSide, look_back


def find_past_call(name: str) -> PastCall | None:
    """Give the call of an id with what has changed since; None where there is no such call."""
    try:
        call = Conversation.objects.filter(pk=UUID(name)).first()
    except ValueError:
        return None
    return look_back(call) if call else None


def find_start(name: str) -> dict[str, object]:
    """Give the fields to start from: of a scenario by its slug, of a call by its id, else a blank sheet."""
    entry = Scenario.objects.filter(slug=name).first()
    past = None if entry else find_past_call(name)
    if past is not None:
        return _fields_of(past)
    return {"scenario": OWN} | (fill_in(entry) if entry else {})


def _fields_of(past: PastCall) -> dict[str, object]:
    """Start where the call did: with the scenario that it had, and with who played, as they are today."""
    fields: dict[str, object] = {"scenario": OWN, "provider": past.conversation.voice_provider}
    fields |= fill_in(past.scenario)
    if past.entry is not None and not past.has_scenario_changed:
        fields |= {
            "scenario": past.entry.slug,
            "line": "" if past.scenario.line == past.entry.line else past.scenario.line,
            "max_duration_s": _unless_same(past.scenario.max_duration_s, past.entry.max_duration_s),
        }
    for side in past.sides:
        fields |= _fields_of_side(side)
    return fields


def _fields_of_side(side: PastSide) -> dict[str, object]:
    if side.persona is None:
        return {}
    role, changed = side.frozen.role.value, side.overrides
    fields: dict[str, object] = {
        role: side.persona.slug,
        f"{role}_voice": changed.voice,
        f"{role}_model": changed.model,
        f"{role}_instructions": changed.instructions,
    }
    return {name: value for name, value in fields.items() if value}


def _unless_same(then: int, today: int) -> int | None:
    return None if then == today else then
