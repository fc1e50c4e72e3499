"""The freight of a scenario as its author writes it: YAML in a text field, checked name by name."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache

import yaml
from pydantic import ValidationError

from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.freight.case import DriverFacts, FreightCase, Load, Money, Remedy, Report, Stop, Truth
from dispatchsim.models.plain_yaml import PlainYamlError, dump_yaml, load_yaml

FIELD = "freight"
_UNKNOWN = "there is no such key"
# What pydantic calls a problem → what to tell people.
_MENDS = {"extra_forbidden": _UNKNOWN, "missing": "is missing; write it down"}
_PARTS = (FreightCase, Load, Stop, Money, DriverFacts, Report, Remedy, Truth)
_KEYS = sorted({name for part in _PARTS for name in part.model_fields})
_HINT = "The scenarios that come with the project show how."


@lru_cache(maxsize=256)  # YAML takes some 5 ms a scenario, and the page of a new call reads the whole library
def parse_freight(text: str) -> FreightCase | None:
    """Read the freight of a scenario; None where nothing is at stake. Raises InvalidInputError, naming the key."""
    if not text.strip():
        return None
    try:
        return FreightCase.model_validate(read_mapping(text))
    except ValidationError as error:
        raise InvalidInputError(" ".join(explain_errors(error)), field=FIELD, hint=_HINT) from error


def explain_errors(error: ValidationError) -> list[str]:
    """Name every key that is wrong, with what is wrong about it."""
    return [sentence for _place, sentence in _problems_of(error)]


def find_freight_problems(text: str) -> list[tuple[str, str]]:
    """Tell all that keeps a freight from being played: the key, as in `money.rate`, and a sentence that names it."""
    try:
        parse_freight(text)
    except InvalidInputError as error:
        if isinstance(error.__cause__, ValidationError):
            return _problems_of(error.__cause__)
        return [("", f"{error.message} {error.hint}")]
    return []


def write_freight(mapping: Mapping[str, object]) -> str:
    """Write a mapping of a library file as the text of the field."""
    return dump_yaml(dict(mapping)).strip()


def as_mapping(text: str) -> dict[str, object] | None:
    """Give the mapping of a text that is written as `write_freight` does; None where the author's hand is in it."""
    try:
        mapping = read_mapping(text)
    except InvalidInputError:
        return None
    return mapping if write_freight(mapping) == text.strip() else None


def read_mapping(text: str) -> dict[str, object]:
    """Read the text as YAML, whatever its keys. Raises InvalidInputError, naming the line."""
    try:
        document = load_yaml(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"Line {mark.line + 1}: " if mark else ""
        message = f"{where}not readable as YAML: {error.problem or error.context}."
        raise InvalidInputError(message, field=FIELD, hint=_HINT) from error
    except (PlainYamlError, yaml.YAMLError, ValueError, RecursionError) as error:
        message = str(error).splitlines()[0] if str(error) else "Not readable as YAML."
        raise InvalidInputError(message, field=FIELD, hint=_HINT) from error
    if not isinstance(document, dict):
        raise InvalidInputError("It holds no `key: value` lines.", field=FIELD, hint=_HINT)
    return {str(key): value for key, value in document.items()}


def _problems_of(error: ValidationError) -> list[tuple[str, str]]:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    places = [[str(part) for part in one["loc"]] for one in found]
    sentences = [_explain(place, _MENDS.get(one["type"], one["msg"])) for place, one in zip(places, found, strict=True)]
    return [(".".join(place), sentence) for place, sentence in zip(places, sentences, strict=True)]


def _explain(place: list[str], message: str) -> str:
    text = message.removeprefix("Value error, ").rstrip(".")
    if message == _UNKNOWN:
        near = get_close_matches(place[-1], _KEYS, n=1)
        text += f"; did you mean `{near[0]}`?" if near else "; take it out"
    end = "" if text.endswith("?") else "."
    return f"`{'.'.join(place)}`: {text}{end}" if place else f"{text}{end}"
