"""Check an entry of a library file against its model, every problem named by its field."""

import math
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from dispatchsim.domain.freight.case import FreightCase
from dispatchsim.domain.freight.doubts import find_case_doubts
from dispatchsim.domain.freight.sheet import find_sheet_doubts
from dispatchsim.domain.frozen import InlineScenario
from dispatchsim.domain.plain_text import is_storable
from dispatchsim.domain.voice_models import doubt_voice
from dispatchsim.models import Persona, Scenario
from dispatchsim.models.freight_text import parse_freight, write_freight
from dispatchsim.services.library_content import KINDS, Content, Entry, Value, content_fields, normalise_text
from dispatchsim.services.library_files import FileEntry, Problem


class _FieldError(Exception):
    """A value that its field cannot take; the text says why."""


def build_entry(found: FileEntry, known: Entry | None = None) -> tuple[Entry, tuple[Problem, ...]]:
    """Give the entry as the file wants it, `known` changed or a new one, and what is wrong with it. Saves nothing."""
    model = KINDS[found.kind]
    content, problems = _read_values(model, found)
    entry = known or model()
    values: Content = {**content, "slug": found.slug}
    for field in content_fields(model):
        setattr(entry, field.name, values.get(field.name, field.get_default()))
    try:
        entry.full_clean(exclude=set(problems))
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            problems.setdefault(name, []).extend(messages)
    return entry, tuple(
        Problem(found.file, found.name, name, message) for name, messages in problems.items() for message in messages
    )


def find_doubts(entry: Entry) -> dict[str, str]:
    """Name the fields of a valid entry whose values may not work, each with the reason."""
    if isinstance(entry, Persona):
        doubt = doubt_voice(entry.voice)
        return {"voice": doubt} if doubt else {}
    return _find_stake_doubts(parse_freight(entry.freight), load_sheet=entry.load_sheet)


def find_doubts_of_order(scenario: Scenario | InlineScenario | str) -> dict[str, str]:
    """Name them in a scenario that was written for one call; those of the library were doubted when they were saved."""
    if not isinstance(scenario, InlineScenario):
        return {}
    return _find_stake_doubts(scenario.freight, load_sheet=scenario.load_sheet)


def _find_stake_doubts(case: FreightCase | None, *, load_sheet: str) -> dict[str, str]:
    if case is None:
        return {}
    found = {
        "load_sheet": " ".join(find_sheet_doubts(case, load_sheet=load_sheet)),
        "freight": " ".join(find_case_doubts(case)),
    }
    return {field: doubt for field, doubt in found.items() if doubt}


def _read_values(model: type[models.Model], found: FileEntry) -> tuple[Content, dict[str, list[str]]]:
    fields = {field.name: field for field in content_fields(model)}
    content: Content = {}
    problems: dict[str, list[str]] = {}
    for name, value in found.fields.items():
        try:
            content[name] = _read_value(_field_named(fields, name), value)
        except _FieldError as error:
            problems[name] = [str(error)]
    if not is_storable(found.slug):
        problems["slug"] = ["It has a character that cannot be stored."]
    return content, problems


def _field_named(fields: Mapping[str, "models.Field[Any, Any]"], name: str) -> "models.Field[Any, Any]":
    if name == "slug":
        raise _FieldError("The slug is the name of the file, or the key above the entry; leave it out here.")
    if name in fields:
        return fields[name]
    close = get_close_matches(name, fields, n=1)
    raise _FieldError(f"There is no such field.{f' Is it `{close[0]}`?' if close else ''}")


def _read_value(field: "models.Field[Any, Any]", value: object) -> Value:
    if field.name == "freight" and isinstance(value, dict):
        value = write_freight(value)
    if isinstance(field, models.BooleanField):
        return _read_truth(value)
    if isinstance(field, models.FloatField):
        return float(_read_number(value))
    if isinstance(field, models.IntegerField):
        return _read_whole_number(value)
    return _read_text(value, field.max_length)


def _read_truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise _FieldError("Write `true` or `false`, without quotes.")
    return value


def _read_number(value: object) -> int | float:
    # Numbers past 1e6 fit no field here, and a huge integer does not even become a float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e6 < value < 1e6 or math.isnan(value):
        raise _FieldError("Write a number, without quotes.")
    return value


def _read_whole_number(value: object) -> int:
    number = _read_number(value)
    if not isinstance(number, int):
        raise _FieldError("Write a whole number.")
    return number


def _read_text(value: object, longest: int | None) -> str:
    if not isinstance(value, str):
        shown = "empty" if value is None else f"`{str(value)[:40]}`"
        raise _FieldError(f"It is {shown} and not text; put the text in quotes.")
    text = normalise_text(value)
    if not is_storable(text):
        raise _FieldError("It has a character that cannot be stored.")
    if longest is not None and len(text) > longest:  # before any rule reads it: rules take their time
        raise _FieldError(f"It has {len(text):,} characters; at most {longest:,} are taken.")
    return text
