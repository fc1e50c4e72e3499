"""What a call can be made of: scenarios and personas."""

# ruff: noqa: ARG001  (the framework passes the request, wanted or not)

from django.db.models import QuerySet
from ninja import Router, Schema

from dispatchsim.api.auth import ApiRequest, Needs
from dispatchsim.api.errors import ErrorBody
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.line import LineQuality
from dispatchsim.models import Persona, Scenario
from dispatchsim.services.accounts import VIEW_PERSONA, VIEW_SCENARIO

router = Router(tags=["library"])


class ScenarioItem(Schema):
    """A scenario of the library."""

    slug: str
    title: str
    summary: str
    opener: Role
    load_sheet: str
    driver_decision: str
    line: LineQuality
    max_duration_s: int
    max_turns: int


class PersonaItem(Schema):
    """A persona of the library."""

    slug: str
    role: Role
    name: str
    title: str
    voice: str
    model: str
    speed: float


class ScenarioList(Schema):
    """Scenarios by title."""

    items: list[ScenarioItem]
    count: int


class PersonaList(Schema):
    """Personas by role and name."""

    items: list[PersonaItem]
    count: int


_REFUSALS = {401: ErrorBody, 403: ErrorBody}


@router.get("scenarios", response={200: ScenarioList, **_REFUSALS}, auth=Needs(VIEW_SCENARIO))
def list_scenarios(request: ApiRequest) -> dict[str, list[Scenario] | int]:
    """List the scenarios that can be launched."""
    scenarios = list(Scenario.objects.all())
    return {"items": scenarios, "count": len(scenarios)}


@router.get("personas", response={200: PersonaList, 422: ErrorBody, **_REFUSALS}, auth=Needs(VIEW_PERSONA))
def list_personas(request: ApiRequest, role: Role | None = None) -> dict[str, list[Persona] | int]:
    """List the personas that can play, of both roles or of one."""
    found: QuerySet[Persona] = Persona.objects.all()
    personas = list(found.filter(role=role) if role else found)
    return {"items": personas, "count": len(personas)}
