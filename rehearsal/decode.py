"""From a frame to a valid client event, or to the error that OpenAI would tell."""

import json
from collections.abc import Mapping
from typing import get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from rehearsal.errors import ProtocolError
from rehearsal.messages import (
    ClientEvent,
    ConversationItemCreate,
    ConversationItemDelete,
    ConversationItemRetrieve,
    ConversationItemTruncate,
    InputAudioBufferAppend,
    InputAudioBufferClear,
    InputAudioBufferCommit,
    ResponseCancel,
    ResponseCreate,
    SessionUpdate,
)
from rehearsal.strict import Json

_EVENTS: tuple[type[ClientEvent], ...] = (
    SessionUpdate,
    InputAudioBufferAppend,
    InputAudioBufferCommit,
    InputAudioBufferClear,
    ConversationItemCreate,
    ConversationItemDelete,
    ConversationItemRetrieve,
    ConversationItemTruncate,
    ResponseCreate,
    ResponseCancel,
)
_BY_TYPE: Mapping[str, type[ClientEvent]] = {
    str(get_args(event.model_fields["type"].annotation)[0]): event for event in _EVENTS
}

# Parts of pydantic's locations that name a branch of a union, not a field of the event.
_BRANCHES = frozenset(
    {
        *("message", "user", "assistant", "system", "function_call", "function_call_output", "item_reference"),
        *("input_text", "input_audio", "input_image", "output_text", "output_audio"),
        *("server_vad", "semantic_vad", "int", "constrained-int", "[key]"),
        *("ToolChoiceFunction", "Tracing", "RetentionRatio"),
    }
)


def parse_frame(frame: str | bytes) -> Json:
    """Read the JSON object of a frame."""
    try:
        value = json.loads(frame)
        if "\\u" in (frame if isinstance(frame, str) else ""):
            json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair can be neither spoken nor stored
    except (ValueError, RecursionError):
        raise ProtocolError("The frame is not valid JSON.", code="invalid_json") from None
    if not isinstance(value, dict):
        raise ProtocolError("The frame is not a JSON object.", code="invalid_json")
    return value


def find_event_id(raw: Json) -> str | None:
    """Give the client's own id of an event, also of an invalid one."""
    event_id = raw.get("event_id")
    return event_id if isinstance(event_id, str) and len(event_id) <= 512 else None


def parse_event(raw: Json) -> ClientEvent:
    """Validate a client event; raises ProtocolError with code and param."""
    kind = raw.get("type")
    if kind is None:
        raise ProtocolError("Missing required parameter: 'type'.", code="missing_required_parameter", param="type")
    event_type = _BY_TYPE.get(kind) if isinstance(kind, str) else None
    if event_type is None:
        names = ", ".join(f"'{name}'" for name in _BY_TYPE)
        shown = f"'{kind[:100]}'" if isinstance(kind, str) else "type"
        raise ProtocolError(
            f"Invalid value: {shown}. Supported values are: {names}.", code="invalid_value", param="type"
        )
    try:
        return event_type.model_validate(raw)
    except (ValidationError, RecursionError) as error:
        raise _explain(error) from None


def _explain(error: ValidationError | RecursionError) -> ProtocolError:
    if isinstance(error, RecursionError):
        return ProtocolError("The event is nested too deeply.", code="invalid_value")
    details = error.errors(include_url=False, include_input=False, include_context=True)
    first = next((each for each in details if each["type"] == "extra_forbidden"), details[0])
    return _as_protocol_error(first)


def _as_protocol_error(first: ErrorDetails) -> ProtocolError:
    param = _param(first)
    kind = first["type"]
    if kind == "extra_forbidden":
        return ProtocolError(f"Unknown parameter: '{param}'.", code="unknown_parameter", param=param)
    if kind == "missing":
        return ProtocolError(f"Missing required parameter: '{param}'.", code="missing_required_parameter", param=param)
    if param.endswith(("format", "format.type")):
        message = f"Invalid value for '{param}': the rehearsal model speaks and hears 'audio/pcm' at 24000 Hz only."
        return ProtocolError(message, code="invalid_value", param=param)
    if kind.endswith("_type") or kind == "none_required":
        return ProtocolError(f"Invalid type for '{param}': {first['msg']}.", code="invalid_type", param=param)
    return ProtocolError(f"Invalid value for '{param}': {first['msg']}.", code="invalid_value", param=param)


def _param(details: ErrorDetails) -> str:
    path = ""
    for part in details["loc"]:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part not in _BRANCHES and not part.startswith(("literal[", "function-")):
            path += f".{part}" if path else part
    if details["type"] in {"union_tag_not_found", "union_tag_invalid"}:
        path += "." + str(details.get("ctx", {}).get("discriminator", "type")).strip("'")
    return path[:200]
