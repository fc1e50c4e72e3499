"""Execute the tools of a call: the row locked, the state moved, the use kept and told, in one transaction."""

from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone
from pydantic import JsonValue

from dispatchsim.domain.conversation import ConversationStatus, Role
from dispatchsim.domain.events import ToolRequest
from dispatchsim.domain.freight.arguments import JsonObject
from dispatchsim.domain.freight.state import FreightState
from dispatchsim.domain.freight.transitions import apply_tool
from dispatchsim.domain.frozen import FrozenScenario
from dispatchsim.models import Conversation, Event, ToolUse
from dispatchsim.services import live_feed
from dispatchsim.services.event_log import lock_conversation, status_of

MAX_USES = 200  # of both sides together; a call with more goes round in circles
_LARGEST = 10**12  # no tool takes more, and no database keeps every number
_OPEN = (ConversationStatus.LIVE, ConversationStatus.ENDING)

log = structlog.get_logger(__name__)


def use_tool(*, conversation_id: UUID, role: Role, name: str, request: ToolRequest) -> JsonObject:
    """Use a tool once and give its result; the same call id again gives the same result and changes nothing.

    What the state does not allow is a result with a reason, not an error. Raises NotFoundError for an unknown call.
    """
    now = timezone.now()
    call_id = _storable_text(request.call_id)
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        known = ToolUse.objects.filter(conversation=conversation, role=role.value, call_id=call_id).first()
        if known is not None:
            return dict(known.result)
        refusal = _find_refusal(conversation)
        if refusal:
            return {"ok": False, "reason": refusal}
        use = ToolUse(
            conversation=conversation,
            role=role.value,
            call_id=call_id,
            name=_storable_text(name)[:64],
            arguments={key: _storable(value) for key, value in request.arguments.items()},
            at=now,
            at_s=max(0.0, (now - (conversation.floor_opened_at or now)).total_seconds()),
        )
        use.result = _apply(conversation, use)
        _keep(conversation, use)
    log.info("tool used", conversation_id=str(conversation_id), role=role.value, tool=use.name, ok=use.result["ok"])
    return dict(use.result)


def read_state(conversation: Conversation) -> FreightState:
    """Read what has been settled so far."""
    return FreightState.model_validate(conversation.freight_state or {})


def find_state(conversation: Conversation) -> FreightState | None:
    """Read what has been settled so far; None for a call with nothing at stake."""
    has_freight = bool(conversation.scenario_copy.get("freight"))
    return read_state(conversation) if has_freight else None


def _find_refusal(conversation: Conversation) -> str:
    if status_of(conversation) not in _OPEN:
        return "The call is not on."
    if ToolUse.objects.filter(conversation=conversation).count() >= MAX_USES:
        return "There were too many function calls; come to an end."
    return ""


def _apply(conversation: Conversation, use: ToolUse) -> JsonObject:
    has_freight = find_state(conversation) is not None
    case = FrozenScenario.model_validate(conversation.scenario_copy).freight if has_freight else None
    if case is None:
        return {"ok": False, "reason": f"You have no function `{use.name}`."}
    state, result = apply_tool(read_state(conversation), case, Role(use.role), use.name, use.arguments)
    conversation.freight_state = state.model_dump(mode="json")
    return result


def _keep(conversation: Conversation, use: ToolUse) -> None:
    use.save(force_insert=True)
    conversation.last_event_seq += 1
    conversation.save(update_fields=["freight_state", "last_event_seq"])
    Event.objects.create(
        conversation=conversation,
        seq=conversation.last_event_seq,
        role=use.role,
        type="tool.called",
        payload={"call_id": use.call_id, "name": use.name, "arguments": use.arguments, "result": use.result},
        at=use.at,
    )
    live_feed.announce_news(conversation.pk)


def _storable_text(text: str) -> str:
    """Take out what a model says now and then and Postgres does not store."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _storable(value: JsonValue) -> JsonValue:
    """Keep arguments plain: texts and numbers of bounded size. No tool takes more."""
    if isinstance(value, str):
        return _storable_text(value)[:1000]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and -_LARGEST <= value <= _LARGEST:
        return value
    return str(value)[:1000]
