"""Compares JSON with the fields of the SDK's models, at every depth; the models themselves accept almost anything."""

import types
from collections.abc import Iterator
from typing import Annotated, Literal, Union, cast, get_args, get_origin

from openai.types.realtime import RealtimeSessionCreateRequest
from pydantic import BaseModel, ConfigDict


class _ServerSession(RealtimeSessionCreateRequest):
    """A session as servers tell it: what was asked for, and its identity."""

    model_config = ConfigDict(title="session")
    id: str
    object: Literal["realtime.session"]
    expires_at: int | None = None


def problems_of_model(model: type[BaseModel], value: object, path: str) -> Iterator[str]:
    """Yield each place where a value has a key too many, a key too few or a wrong value."""
    if not isinstance(value, dict):
        yield f"{path}: is not an object"
        return
    fields = {each.alias or name: each for name, each in model.model_fields.items()}
    yield from (f"{path}: unknown key {key!r}" for key in value.keys() - fields.keys())
    yield from (f"{path}: {key} is missing" for key, each in fields.items() if each.is_required() and key not in value)
    for key in fields.keys() & value.keys():
        is_session = path in {"session.created", "session.updated"} and key == "session"
        # The SDK types the session of these events as a request, without the id that every server tells.
        annotation = _ServerSession if is_session else fields[key].annotation
        yield from _problems(annotation, value[key], f"{path}.{key}")


def _problems(annotation: object, value: object, path: str) -> Iterator[str]:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _problems(inner[0], value, path)
    elif origin in (Union, types.UnionType):
        yield from _problems_of_union(inner, value, path)
    elif origin is Literal:
        if value not in inner:
            yield f"{path}: {value!r} is not one of {inner}"
    elif origin in (list, dict):
        yield from _problems_of_container(cast("type", origin), inner, value, path)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from problems_of_model(annotation, value, path)
    elif annotation is not object and not _is_plain(annotation, value):
        yield f"{path}: {type(value).__name__} is not {annotation}"


def _problems_of_union(members: tuple[object, ...], value: object, path: str) -> Iterator[str]:
    if value is None and type(None) in members:
        return
    found = [list(_problems(member, value, path)) for member in members if member is not type(None)]
    yield from min(found, key=len)


def _problems_of_container(kind: type, inner: tuple[object, ...], value: object, path: str) -> Iterator[str]:
    if not isinstance(value, kind):
        yield f"{path}: is not a {kind.__name__}"
        return
    keyed = value.items() if isinstance(value, dict) else enumerate(cast("list[object]", value))
    for key, each in keyed:
        yield from _problems(inner[-1], each, f"{path}[{key}]")


def _is_plain(annotation: object, value: object) -> bool:
    if annotation is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return annotation in (str, bool) and isinstance(value, cast("type", annotation))
