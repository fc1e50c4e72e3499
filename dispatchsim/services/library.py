"""Scenarios and personas: those that a new installation starts with, and finding one by its slug."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from django.db import transaction

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import InvalidInputError, NotFoundError
from dispatchsim.models import LoadedEntry, Persona, Scenario
from dispatchsim.services.library_checks import build_entry
from dispatchsim.services.library_content import KINDS, Content, read_content
from dispatchsim.services.library_files import FileEntry, Problem, read_file
from dispatchsim.services.revisions import catch_up, revisions_of, save_entry

LIBRARY_DIR = Path(__file__).resolve().parent.parent / "library"
MAX_SLUG = 50
PROSE = {"summary", "character", "dispatcher_briefing", "driver_briefing"}  # where a line break means nothing
DEFAULT_SCENARIO = "chicken-to-dallas"  # the plainest one
# Who plays when nobody is named; any persona of the role where an author deleted these.
DEFAULT_PERSONAS = {Role.DISPATCHER: "tim", Role.DRIVER: "chris"}


@dataclass(frozen=True)
class LibraryFile(FileEntry):
    """One file of the library; its name is the slug."""

    content_hash: str = ""


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


def get_default_scenario() -> Scenario:
    """Give a scenario to try a persona with. Raises NotFoundError in an empty library."""
    scenario = find_default_scenario()
    if scenario is None:
        raise NotFoundError("There is no scenario at all.", hint="Add one, or run `manage.py load_library`.")
    return scenario


def find_default_scenario() -> Scenario | None:
    """Find what is played when nobody picks a scenario."""
    return Scenario.objects.filter(slug=DEFAULT_SCENARIO).first() or Scenario.objects.first()


def get_persona(*, slug: str | None, role: Role) -> Persona:
    """Give the persona of this slug, or the role's default. Raises InvalidInputError naming the field."""
    personas = Persona.objects.filter(role=role)
    field = f"overrides.{role.value}.persona"
    if slug is not None:
        persona = personas.filter(slug=slug).first()
        message = f"There is no {role.value} persona {slug!r}."
    else:
        persona = find_default_persona(role)
        message = f"There is no {role.value} persona at all."
    if persona is None:
        raise InvalidInputError(
            message, field=field, hint=f"GET /api/v1/personas?role={role.value} lists those that exist."
        )
    return persona


def find_default_persona(role: Role) -> Persona | None:
    """Find who plays a role when nobody is named."""
    personas = Persona.objects.filter(role=role)
    return personas.filter(slug=DEFAULT_PERSONAS[role]).first() or personas.first()


def free_slug(model: type[Scenario] | type[Persona], slug: str) -> str:
    """Give a slug that nothing has yet, made from this one: `tim`, then `tim-2`."""
    stem = re.sub(r"-\d+$", "", slug)[: MAX_SLUG - 6] or "entry"
    taken = set(model._default_manager.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(f"{stem}-{number}" for number in count(2) if f"{stem}-{number}" not in taken)


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
            (created if is_new else kept).append(file.name)
        for model in KINDS.values():
            catch_up(model._default_manager.all())
    return LoadedLibrary(created=tuple(created), kept=tuple(kept))


def read_library(directory: Path = LIBRARY_DIR) -> Iterator[LibraryFile]:
    """Read every file of a library folder, scenarios first, by name. Raises InvalidInputError, naming the file."""
    for kind in KINDS:
        for path in sorted((directory / kind).glob("*.yaml")):
            content = path.read_bytes()
            name = f"{kind}/{path.name}"
            read = read_file(name, content)
            if read.problems:
                raise _unusable(name, read.problems)
            yield LibraryFile(name, kind, path.stem, read.entries[0].fields, hashlib.sha256(content).hexdigest())


def _load_file(file: LibraryFile, *, is_wanted_again: bool) -> bool:
    is_known = LoadedEntry.objects.filter(kind=file.kind, slug=file.slug).exists()
    is_there = KINDS[file.kind].objects.filter(slug=file.slug).exists()
    if is_there:
        _fold_lines(file)
        is_new = False
    elif is_known and not is_wanted_again:
        is_new = False
    else:
        _create(file)
        is_new = True
    LoadedEntry.objects.get_or_create(kind=file.kind, slug=file.slug, defaults={"content_hash": file.content_hash})
    return is_new


def _create(file: LibraryFile) -> None:
    entry, problems = build_entry(file)
    if problems:
        raise _unusable(file.file, problems)
    save_entry(entry, note="From the library that comes with the project")


def _fold_lines(file: LibraryFile) -> None:
    """Bring an entry up to date whose file meanwhile breaks its lines elsewhere; nothing that an author saved."""
    entry = KINDS[file.kind].objects.get(slug=file.slug)
    before = read_content(entry)
    wanted, problems = build_entry(file, entry)
    after = read_content(wanted)
    if problems or before == after or _without_breaks(before) != _without_breaks(after):
        return
    if not any(revision.author_id for revision in revisions_of(entry)):
        save_entry(wanted, note="The lines of the library's file, without breaks inside of sentences")


def _without_breaks(content: Content) -> Content:
    return {name: " ".join(str(value).split()) if name in PROSE else value for name, value in content.items()}


def _unusable(name: str, problems: tuple[Problem, ...]) -> InvalidInputError:
    told = "; ".join(f"{problem.field}: {problem.message}".removeprefix(": ") for problem in problems)
    return InvalidInputError(
        f"The library file {name} cannot be used: {told}",
        field=problems[0].field or name,
        hint="The files beside it and the admin's forms show how.",
    )


def _require_known(slugs: set[str], files: list[LibraryFile]) -> None:
    unknown = slugs - {file.slug for file in files}
    if unknown:
        raise NotFoundError(
            f"The library has no file named {', '.join(sorted(unknown))}.",
            hint=f"It has {', '.join(file.slug for file in files)}.",
        )
