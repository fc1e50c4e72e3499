"""What a scenario or persona consists of: its fields as plain values, and how two versions differ."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from django.db import models
from django.utils.text import capfirst

from dispatchsim.models import Persona, Scenario

Entry = Scenario | Persona
Value = str | int | float | bool
Content = dict[str, Value]
# The folders of a library, which are also the keys of a file with many entries.
KINDS: dict[str, type[Scenario] | type[Persona]] = {"scenarios": Scenario, "personas": Persona}
_YOUNGER_FIELDS = {"freight", "line"}
_NOT_CONTENT = {"id", "created_at", "updated_at"}


class Sign(StrEnum):
    """What became of a line."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class DiffLine:
    """One line of a field, before or after."""

    sign: Sign
    text: str


@dataclass(frozen=True)
class FieldChange:
    """A field whose value is another one."""

    field: str
    label: str
    lines: tuple[DiffLine, ...]


def kind_of(entry: Entry) -> str:
    """Give the kind's word for one entry: `scenario` or `persona`."""
    return "scenario" if isinstance(entry, Scenario) else "persona"


def folder_of(entry: Entry) -> str:
    """Give the library folder of an entry."""
    return f"{kind_of(entry)}s"


def content_fields(model: type[models.Model]) -> Iterator["models.Field[Any, Any]"]:
    """Give the fields that authors write, the slug first."""
    fields = [field for field in model._meta.concrete_fields if field.name not in _NOT_CONTENT]
    return iter(sorted(fields, key=lambda field: field.name != "slug"))


def normalise_text(text: str) -> str:
    """Make texts equal that only the browser or an editor made different, as forms do: ends and line breaks."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def read_content(entry: Entry) -> Content:
    """Read every field that authors write, as plain values; younger fields only where they differ from their default.

    Versions from before such a field then still are the same content.
    """
    fields = list(content_fields(type(entry)))
    content = {field.name: _plain(field, getattr(entry, field.name)) for field in fields}
    old = {
        field.name for field in fields if field.name in _YOUNGER_FIELDS and content[field.name] == field.get_default()
    }
    return {name: value for name, value in content.items() if name not in old}


def write_content(entry: Entry, content: Mapping[str, Value]) -> None:
    """Set every field that authors write; what is left out takes its default."""
    for field in content_fields(type(entry)):
        setattr(entry, field.name, content.get(field.name, field.get_default()))


def hash_content(content: Mapping[str, Value]) -> str:
    """Give the fingerprint of a content, whatever the order of its fields."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def describe_changes(
    model: type[models.Model], before: Mapping[str, Value], after: Mapping[str, Value]
) -> tuple[FieldChange, ...]:
    """Tell field by field and line by line what is different."""
    return tuple(
        FieldChange(field.name, capfirst(str(field.verbose_name)), diff_lines(old, new))
        for field in content_fields(model)
        if (old := _text_of(before, field)) != (new := _text_of(after, field))
    )


def describe_content(model: type[models.Model], content: Mapping[str, Value]) -> tuple[FieldChange, ...]:
    """Tell all that an entry holds, as a version that has nothing beside it."""
    texts = [(field, _text_of(content, field)) for field in content_fields(model)]
    return tuple(
        FieldChange(field.name, capfirst(str(field.verbose_name)), diff_lines(text, text)) for field, text in texts
    )


def diff_lines(before: str, after: str) -> tuple[DiffLine, ...]:
    """Compare two texts line by line."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[DiffLine] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            lines += [DiffLine(Sign.SAME, line) for line in old[old_from:old_to]]
            continue
        lines += [DiffLine(Sign.REMOVED, line) for line in old[old_from:old_to]]
        lines += [DiffLine(Sign.ADDED, line) for line in new[new_from:new_to]]
    return tuple(lines)


def as_text(value: Value) -> str:
    """Write a value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _text_of(content: Mapping[str, Value], field: "models.Field[Any, Any]") -> str:
    default = field.get_default() if field.name in _YOUNGER_FIELDS else ""
    return as_text(content.get(field.name, default))


def _plain(field: "models.Field[Any, Any]", value: Value) -> Value:
    if isinstance(value, str) and isinstance(field, models.CharField | models.TextField):
        return normalise_text(value)
    if isinstance(field, models.FloatField):
        return float(value)
    return value
