"""Take library files in: first a plan of what is new and what changes, then all of it or nothing."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import User
from django.db import transaction

from dispatchsim.domain.errors import ConflictError, InvalidInputError
from dispatchsim.services.library_checks import build_entry, find_doubts
from dispatchsim.services.library_content import (
    KINDS,
    Content,
    Entry,
    FieldChange,
    describe_changes,
    hash_content,
    read_content,
)
from dispatchsim.services.library_files import FileEntry, Problem, ReadFile
from dispatchsim.services.revisions import save_entry


class Outcome(StrEnum):
    """What an import does to one entry."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class PlannedEntry:
    """One entry with what becomes of it."""

    name: str
    title: str
    outcome: Outcome
    changes: tuple[FieldChange, ...]
    entry: Entry  # as it will be; not saved


@dataclass(frozen=True)
class ImportPlan:
    """What an import would do; nothing where there are problems."""

    entries: tuple[PlannedEntry, ...]
    problems: tuple[Problem, ...]
    doubts: tuple[Problem, ...]  # may not work, and is imported all the same
    fingerprint: str  # of files and library: another one means that something changed since

    def count(self, outcome: Outcome) -> int:
        """Count the entries with this outcome."""
        return sum(planned.outcome is outcome for planned in self.entries)

    @property
    def to_write(self) -> tuple[PlannedEntry, ...]:
        """Give the entries that are new or changed."""
        return tuple(planned for planned in self.entries if planned.outcome is not Outcome.UNCHANGED)

    @property
    def summary(self) -> str:
        """Say in a few words what it does."""
        return ", ".join(f"{self.count(outcome)} {outcome}" for outcome in Outcome)


def plan_import(files: Iterable[ReadFile]) -> ImportPlan:
    """Check every file and compare it with the library; writes nothing."""
    files = list(files)
    found = [entry for file in files for entry in file.entries]
    problems = [problem for file in files for problem in file.problems] + _find_doubles(found)
    if not found and not problems:
        problems.append(Problem("", "", "", "There is no file with an entry in it."))
    planned: list[PlannedEntry] = []
    doubts: list[Problem] = []
    traces: list[str] = []
    for one in found:
        known = KINDS[one.kind].objects.filter(slug=one.slug).first()
        before = read_content(known) if known else None
        entry, wrong = build_entry(one, known)
        problems.extend(wrong)
        if not wrong:
            planned.append(_compare(one, before, entry))
            doubts.extend(Problem(one.file, one.name, field, doubt) for field, doubt in find_doubts(entry).items())
            traces.append(f"{one.name} {before and hash_content(before)} {hash_content(read_content(entry))}")
    fingerprint = hashlib.sha256("\n".join(sorted(traces)).encode()).hexdigest()
    return ImportPlan(tuple(planned), tuple(problems), tuple(doubts), fingerprint)


def apply_import(
    files: Sequence[ReadFile], *, author: User | None = None, fingerprint: str | None = None, note: str = "Imported"
) -> ImportPlan:
    """Write every new and changed entry, or none.

    Raises InvalidInputError for files with problems, ConflictError where `fingerprint` is that of another plan.
    """
    with transaction.atomic():
        plan = plan_import(files)
        if plan.problems:
            first = plan.problems[0]
            raise InvalidInputError(str(first), field=first.field or "file", hint="Nothing was imported.")
        if fingerprint is not None and fingerprint != plan.fingerprint:
            raise ConflictError("The library changed since this import was checked.", hint="Look at it once more.")
        for planned in plan.to_write:
            save_entry(planned.entry, author=author, note=note)
    return plan


def _find_doubles(found: Sequence[FileEntry]) -> list[Problem]:
    counts = Counter(entry.name for entry in found)
    return [
        Problem(entry.file, entry.name, "", "This entry comes more than once in what is imported.")
        for entry in found
        if counts[entry.name] > 1
    ]


def _compare(found: FileEntry, before: Content | None, entry: Entry) -> PlannedEntry:
    after = read_content(entry)
    changes = () if before is None else describe_changes(KINDS[found.kind], before, after)
    outcome = Outcome.NEW if before is None else Outcome.CHANGED if changes else Outcome.UNCHANGED
    return PlannedEntry(found.name, str(entry), outcome, changes, entry)
