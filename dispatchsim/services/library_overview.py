"""What the library holds and what was changed in it lately, in numbers and names."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from dispatchsim.domain.conversation import Role
from dispatchsim.models import Persona, Revision, Scenario

LATEST = 6
_MODELS = {"scenario": Scenario, "persona": Persona}


@dataclass(frozen=True)
class Change:
    """The newest version of an entry that still exists."""

    kind: str  # `scenario` or `persona`
    entry_id: int
    name: str
    number: int
    author: str  # empty: nobody who was signed in
    note: str
    at: datetime


@dataclass(frozen=True)
class LibraryOverview:
    """What the first page of the library shows."""

    scenarios: int
    with_freight: int
    dispatchers: int
    drivers: int
    changes: tuple[Change, ...]


def library_overview() -> LibraryOverview:
    """Count what can be launched, and find what people changed last."""
    personas = dict(Persona.objects.order_by().values_list("role").annotate(Count("pk")))
    return LibraryOverview(
        scenarios=Scenario.objects.count(),
        with_freight=Scenario.objects.exclude(freight="").count(),
        dispatchers=personas.get(Role.DISPATCHER.value, 0),
        drivers=personas.get(Role.DRIVER.value, 0),
        changes=tuple(_latest_changes()),
    )


def _latest_changes() -> Iterable[Change]:
    """Give each entry once; what came along with the project is no change."""
    revisions = Revision.objects.filter(author__isnull=False).select_related("author").order_by("-created_at", "-pk")
    here = {kind: set(model._default_manager.values_list("pk", flat=True)) for kind, model in _MODELS.items()}
    told: set[tuple[str, int]] = set()
    for revision in revisions[: 10 * LATEST]:
        key = (revision.kind, revision.entry_id)
        if key in told or revision.entry_id not in here[revision.kind]:
            continue
        told.add(key)
        yield _describe(revision)
        if len(told) == LATEST:
            return


def _describe(revision: Revision) -> Change:
    name = revision.content.get("name" if revision.kind == "persona" else "title", "")
    return Change(
        kind=revision.kind,
        entry_id=revision.entry_id,
        name=str(name),
        number=revision.number,
        author=revision.author.get_username() if revision.author else "",
        note=revision.note,
        at=revision.created_at,
    )
