"""A scenario written for one call: what the form starts with, and what becomes of its fields."""

from collections.abc import Mapping
from typing import Any

from dispatchsim.domain.frozen import FrozenScenario, InlineScenario
from dispatchsim.models import Scenario
from dispatchsim.models.freight_text import parse_freight, write_freight
from dispatchsim.services.library_checks import find_doubts_of_order

OWN = "+own"  # stands for a scenario written on the spot; no slug looks like it
PREFIX = "own_"  # of the form's fields
_LABELS = {"load_sheet": "The load sheet", "freight": "What is at stake"}
LONGEST_S: int = InlineScenario.model_fields["max_duration_s"].default  # where nothing else is set
_COPIED = (
    "title",
    "opener",
    "load_sheet",
    "dispatcher_briefing",
    "driver_briefing",
    "driver_decision",
    "line",
    "max_duration_s",
    "max_turns",
)


def fill_in(source: Scenario | FrozenScenario) -> dict[str, object]:
    """Give the fields of a scenario of one's own that starts from another one."""
    start: dict[str, object] = {f"{PREFIX}{field}": getattr(source, field) for field in _COPIED}
    return start | {f"{PREFIX}freight": _freight_text(source)}


def build_own_scenario(cleaned: Mapping[str, Any]) -> InlineScenario:
    """Build the scenario of a valid form; what was left empty keeps its default. Raises InvalidInputError."""
    given = {name.removeprefix(PREFIX): value for name, value in cleaned.items() if name.startswith(PREFIX) and value}
    plain = {name: value.replace("\r\n", "\n") if isinstance(value, str) else value for name, value in given.items()}
    return InlineScenario.model_validate(plain | {"freight": parse_freight(plain.get("freight", ""))})


def doubt_own_scenario(scenario: Scenario | InlineScenario) -> list[str]:
    """Tell what may not work in a scenario written for one call."""
    return [f"{_LABELS[field]} may not work: {doubt}" for field, doubt in find_doubts_of_order(scenario).items()]


def _freight_text(source: Scenario | FrozenScenario) -> str:
    if isinstance(source, Scenario):
        return source.freight
    if source.freight is None:
        return ""
    return write_freight(source.freight.model_dump(mode="json", exclude_defaults=True))
