"""What every job would otherwise do first, once for all of them.

The process that makes jobs' processes imports this module, and each job inherits what it has built: certificates are
read (some 0.03 s each time) and the types of the first messages to the voice model become validators (0.05 s).
Both would hold up a job's event loop between joining the room and the first word.
"""

import asyncio

from livekit.agents.utils import http_context
from openai.types.realtime import RealtimeFunctionTool, SessionUpdateEvent
from pydantic import BaseModel

import agents.call  # noqa: F401  (the modules of a job)


def build_validators(*models: type[BaseModel]) -> None:
    """Build what these types, and the types of their fields, put off until they are first used."""
    for model in models:
        if model.__pydantic_complete__:
            continue
        model.model_rebuild()
        build_validators(*(found for field in model.model_fields.values() for found in _models_in(field.annotation)))


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in _models_in(part)]


async def _read_certificates() -> None:
    async with http_context.open():
        http_context.http_session()


build_validators(SessionUpdateEvent, RealtimeFunctionTool)
asyncio.run(_read_certificates())
