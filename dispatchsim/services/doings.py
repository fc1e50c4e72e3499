"""What the system did in a call, in words for people: events of no role. Tools stand in the transcript."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.models import Event


class DoingView(BaseModel):
    """One thing that the system did. `after_s` is seconds since the call was asked for."""

    model_config = ConfigDict(frozen=True)

    seq: int  # place in the event log
    event: str
    role: Role | None  # whom it was about
    after_s: float
    text: str


def find_doings(conversation_id: UUID, after: int = 0) -> list[DoingView]:
    """List what the system did in a call after a place in its event log, in order."""
    events = Event.objects.filter(conversation_id=conversation_id, role="", seq__gt=after)
    return [
        DoingView(
            seq=event.seq,
            event=event.type,
            role=_role(event.payload),
            after_s=round(max(0.0, (event.at - event.conversation.created_at).total_seconds()), 1),
            text=describe(event.type, event.payload),
        )
        for event in events.select_related("conversation").order_by("seq")
    ]


def describe(event_type: str, payload: Mapping[str, JsonValue]) -> str:
    """Say what happened in a plain sentence; a type without words of its own is spelled out."""
    role = _role(payload)
    words = _WORDS.get(event_type) or event_type.replace(".", " ").replace("_", " ").capitalize()
    text = words.format(who=role.identity if role else "Agent")
    attempt = payload.get("attempt")
    if isinstance(attempt, int) and attempt > 1:
        text = f"{text} again, attempt {attempt}"
    more = _more(payload)
    return f"{text}: {more}" if more else text


def _role(payload: Mapping[str, JsonValue]) -> Role | None:
    role = payload.get("role")
    return Role(role) if isinstance(role, str) and role in set(Role) else None


def _more(payload: Mapping[str, JsonValue]) -> str:
    reason = payload.get("reason")
    if isinstance(reason, str) and reason in set(EndReason):
        return EndReason(reason).sentence
    detail = payload.get("detail") or payload.get("guard") or ""
    return str(detail).replace("_", " ")


_WORDS = {
    "call.queued": "Waits for a free line",
    "call.launched": "Call launched",
    "room.made": "Room made",
    "agent.dispatched": "{who} sent for",
    "agent.joined": "{who} joined",
    "listener.subscribed": "A listener hears both sides",
    "floor.opened": "Line opened",
    "call.ending": "Hanging up",
    "call.cut": "Cut off before the goodbye",
    "call.ended": "Call closed",
    "guard.fired": "Guard stepped in",
}
