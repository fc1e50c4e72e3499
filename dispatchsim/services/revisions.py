"""Versions of scenarios and personas: each change of the content makes the next number."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from dispatchsim.domain.errors import InvalidInputError, NotFoundError
from dispatchsim.models import Persona, Revision, Scenario
from dispatchsim.services.library_content import Entry, hash_content, kind_of, read_content, write_content

BEFORE_VERSIONS = "As it was before versions were kept"


def save_entry(entry: Entry, *, author: User | None = None, note: str = "") -> Revision:
    """Save an entry and number its new content; the same content again makes no new version."""
    with transaction.atomic():
        _catch_up(entry)
        entry.save()
        return _record(entry, author=author, note=note)


def revisions_of(entry: Entry) -> QuerySet[Revision]:
    """Give the versions of an entry, newest first."""
    return Revision.objects.filter(kind=kind_of(entry), entry_id=entry.pk).select_related("author")


def latest_number(entry: Entry) -> int:
    """Give the number of the newest version, 0 where there is none."""
    return revisions_of(entry).values_list("number", flat=True).first() or 0


def revision_number(entry: Entry) -> int | None:
    """Give the number of the content that this copy of an entry holds; None for an entry that was never saved.

    A row that something else than `save_entry` wrote gets its version here, so that a call can name it.
    """
    if entry.pk is None:
        return None
    known = revisions_of(entry).filter(content_hash=hash_content(read_content(entry))).first()
    if known is not None:
        return known.number
    with transaction.atomic():
        _lock(entry)
        return _record(entry).number


def restore_revision(entry: Entry, *, number: int, author: User | None = None) -> Revision:
    """Give an entry the content of an older version, as a new version.

    Raises NotFoundError, or InvalidInputError where that content would not be valid today.
    """
    revision = revisions_of(entry).filter(number=number).first()
    if revision is None:
        raise NotFoundError(f"There is no version {number}.", hint="The list of versions shows those that exist.")
    write_content(entry, revision.content)
    try:
        entry.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInputError(
            f"Version {number} cannot be restored: {field}: {' '.join(messages)}",
            field=field,
            hint="Change what stands in its way, then restore it.",
        ) from error
    return save_entry(entry, author=author, note=f"Restored from version {number}")


def catch_up(entries: Iterable[Entry]) -> None:
    """Give versions to what was written before versions were kept, or past them."""
    for entry in entries:
        revision_number(entry)


def _catch_up(entry: Entry) -> None:
    """Keep the stored content before it is overwritten."""
    stored = _lock(entry)
    if stored is None:
        return
    newest = revisions_of(stored).first()
    if newest is None or newest.content_hash != hash_content(read_content(stored)):
        _record(stored, note=BEFORE_VERSIONS if newest is None else "")


def _lock(entry: Entry) -> Entry | None:
    """Let one writer number at a time; SQLite's transactions are IMMEDIATE and do so anyway."""
    model: type[Scenario] | type[Persona] = type(entry)
    return model.objects.select_for_update().filter(pk=entry.pk).first()


def _record(entry: Entry, *, author: User | None = None, note: str = "") -> Revision:
    content = read_content(entry)
    content_hash = hash_content(content)
    newest = revisions_of(entry).first()
    if newest is not None and newest.content_hash == content_hash:
        return newest
    return Revision.objects.create(
        kind=kind_of(entry),
        entry_id=entry.pk,
        number=newest.number + 1 if newest else 1,
        content=content,
        content_hash=content_hash,
        author=author,
        note=note,
    )
