"""Scenarios and personas: those that a new installation starts with, and finding one by its slug."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from pydantic import TypeAdapter

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import InvalidInputError, NotFoundError
from dispatchsim.models import LoadedEntry, Persona, Scenario

LIBRARY_DIR = Path(__file__).resolve().parent.parent / "library"
_MODELS: dict[str, type[Scenario] | type[Persona]] = {"scenarios": Scenario, "personas": Persona}
# Who plays when nobody is named; any persona of the role where an author deleted these.
DEFAULT_PERSONAS = {Role.DISPATCHER: "tim", Role.DRIVER: "chris"}
_fields_adapter: TypeAdapter[dict[str, str | int | float | bool]] = TypeAdapter(dict[str, str | int | float | bool])


@dataclass(frozen=True)
class LibraryFile:
    """One file of the library; its name is the slug."""

    kind: str
    slug: str
    fields: dict[str, str | int | float | bool] = field(hash=False)
    content_hash: str


@dataclass(frozen=True)
class LoadedLibrary:
    """What one loading did, as `kind/slug` names."""

    created: tuple[str, ...]
    kept: tuple[str, ...]


def get_scenario(slug: str) -> Scenario:
    """Give the scenario of this slug. Raises InvalidInputError for field `scenario`."""
    scenario = Scenario.objects.filter(slug=slug).first()
    if scenario is None:
        raise InvalidInputError(
            f"There is no scenario {slug!r}.", field="scenario", hint="GET /api/v1/scenarios lists those that exist."
        )
    return scenario


def get_persona(*, slug: str | None, role: Role) -> Persona:
    """Give the persona of this slug, or the role's default. Raises InvalidInputError naming the field."""
    personas = Persona.objects.filter(role=role)
    field = f"overrides.{role.value}.persona"
    if slug is not None:
        persona = personas.filter(slug=slug).first()
        message = f"There is no {role.value} persona {slug!r}."
    else:
        persona = personas.filter(slug=DEFAULT_PERSONAS[role]).first() or personas.first()
        message = f"There is no {role.value} persona at all."
    if persona is None:
        raise InvalidInputError(
            message, field=field, hint=f"GET /api/v1/personas?role={role.value} lists those that exist."
        )
    return persona


def load_library(*, directory: Path = LIBRARY_DIR, again: Iterable[str] = ()) -> LoadedLibrary:
    """Create what was never loaded before. An author's edits and deletions stay.

    Slugs in `again` are created once more where they are missing.
    """
    again = set(again)
    created: list[str] = []
    kept: list[str] = []
    with transaction.atomic():
        files = list(read_library(directory))
        _require_known(again, files)
        for file in files:
            is_new = _load_file(file, is_wanted_again=file.slug in again)
            (created if is_new else kept).append(f"{file.kind}/{file.slug}")
    return LoadedLibrary(created=tuple(created), kept=tuple(kept))


def read_library(directory: Path = LIBRARY_DIR) -> Iterator[LibraryFile]:
    """Read every file of a library folder, scenarios first, by name."""
    for kind in _MODELS:
        for path in sorted((directory / kind).glob("*.yaml")):
            content = path.read_text(encoding="utf-8")
            yield LibraryFile(
                kind=kind,
                slug=path.stem,
                fields=_parse(content, path),
                content_hash=hashlib.sha256(content.encode()).hexdigest(),
            )


def _parse(content: str, path: Path) -> dict[str, str | int | float | bool]:
    try:
        return _fields_adapter.validate_python(yaml.safe_load(content), strict=True)
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidInputError(
            f"The library file {path.parent.name}/{path.name} cannot be read.",
            field=path.stem,
            hint="Write one `key: value` for each field, as the files beside it do.",
        ) from error


def _load_file(file: LibraryFile, *, is_wanted_again: bool) -> bool:
    model = _MODELS[file.kind]
    is_known = LoadedEntry.objects.filter(kind=file.kind, slug=file.slug).exists()
    is_there = model.objects.filter(slug=file.slug).exists()
    if is_there or (is_known and not is_wanted_again):
        is_new = False
    else:
        _create(model, file)
        is_new = True
    LoadedEntry.objects.get_or_create(kind=file.kind, slug=file.slug, defaults={"content_hash": file.content_hash})
    return is_new


def _create(model: type[Scenario] | type[Persona], file: LibraryFile) -> None:
    try:
        entry = model(slug=file.slug, **file.fields)
        entry.full_clean()
    except (TypeError, ValidationError) as error:
        raise InvalidInputError(
            f"The library file {file.kind}/{file.slug}.yaml is not a valid entry: {_explain(error)}",
            field=file.slug,
            hint="The admin's forms explain each field.",
        ) from error
    entry.save()


def _explain(error: TypeError | ValidationError) -> str:
    if isinstance(error, TypeError):
        return str(error)
    return "; ".join(f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items())


def _require_known(slugs: set[str], files: list[LibraryFile]) -> None:
    unknown = slugs - {file.slug for file in files}
    if unknown:
        raise NotFoundError(
            f"The library has no file named {', '.join(sorted(unknown))}.",
            hint=f"It has {', '.join(file.slug for file in files)}.",
        )
