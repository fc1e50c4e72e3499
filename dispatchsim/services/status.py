"""The state of a conversation as API, pages and socket show it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone
from pydantic import BaseModel, ConfigDict

from dispatchsim.domain.conversation import AgentState, ConversationStatus, EndReason, Role
from dispatchsim.models import AgentSeat, Conversation
from dispatchsim.services.briefs import frozen_persona
from dispatchsim.services.endings import tell_end
from dispatchsim.services.event_log import status_of
from dispatchsim.services.usage import cost_of


class AgentView(BaseModel):
    """One of the two agents."""

    model_config = ConfigDict(frozen=True)

    name: str
    joined: bool
    state: AgentState
    last_seen_at: datetime | None


class StepView(BaseModel):
    """One line of the waiting list from launch to first word."""

    model_config = ConfigDict(frozen=True)

    name: str  # room, dispatcher, driver, ready, floor, first_word
    label: str
    done: bool
    failed: bool = False
    hint: str = ""  # what to do about a failed step


class StatusView(BaseModel):
    """Whole state of one conversation."""

    model_config = ConfigDict(frozen=True)

    conversation_id: UUID
    status: ConversationStatus
    end_reason: EndReason | None
    sentence: str  # end reason for people, with who ended it where that is known; empty while the call runs
    detail: str
    floor_opened_at: datetime | None  # zero of the call's clock
    elapsed_s: float  # since then, to now or to the end
    turns: int
    cost_usd: float | None  # None: nothing to pay, nothing used yet, or no known price
    is_unpriced: bool  # it costs something, and the price is not known
    agents: dict[Role, AgentView]
    steps: list[StepView]


def conversation_status(conversation: Conversation, *, reader: User | None = None) -> StatusView:
    """Build the whole state from the row and its two seats, in words for `reader`."""
    seats = {Role(seat.role): seat for seat in AgentSeat.objects.filter(conversation_id=conversation.pk)}
    reason = EndReason(conversation.end_reason) if conversation.end_reason else None
    cost = cost_of(conversation)
    return StatusView(
        conversation_id=conversation.pk,
        status=status_of(conversation),
        end_reason=reason,
        sentence=tell_end(conversation, reader=reader),
        detail=conversation.end_detail,
        floor_opened_at=conversation.floor_opened_at,
        elapsed_s=round(_elapsed_s(conversation, now=timezone.now()), 1),
        turns=conversation.last_turn_seq,
        cost_usd=None if cost.usd is None else round(float(cost.usd), 6),
        is_unpriced=cost.is_unpriced,
        agents={role: _build_agent(conversation, role, seats.get(role)) for role in Role},
        steps=build_steps(conversation, seats),
    )


def build_steps(conversation: Conversation, seats: Mapping[Role, AgentSeat]) -> list[StepView]:
    """List the steps from launch to first word, with the one that a failed call stopped at."""
    names = {role: frozen_persona(conversation, role).name for role in Role}
    done = {
        "room": ("Room made", conversation.room_created_at is not None),
        **{
            role.value: (f"{role.identity} {names[role]} joined", role in seats and seats[role].joined_at is not None)
            for role in Role
        },
        "ready": ("Both ready to speak and hear", conversation.agents_ready_at is not None),
        "floor": ("Line open", conversation.floor_opened_at is not None),
        "first_word": ("First word", conversation.last_turn_seq > 0),
    }
    stopped_at = next((name for name, (_, is_done) in done.items() if not is_done), None)
    has_failed = conversation.status == ConversationStatus.FAILED
    return [
        StepView(
            name=name,
            label=label,
            done=is_done,
            failed=has_failed and name == stopped_at,
            hint=_hint(conversation, name) if has_failed and name == stopped_at else "",
        )
        for name, (label, is_done) in done.items()
    ]


def _build_agent(conversation: Conversation, role: Role, seat: AgentSeat | None) -> AgentView:
    name = frozen_persona(conversation, role).name
    if seat is None:
        return AgentView(name=name, joined=False, state=AgentState.INITIALIZING, last_seen_at=None)
    return AgentView(
        name=name,
        joined=seat.joined_at is not None and seat.left_at is None,
        state=AgentState(seat.state),
        last_seen_at=seat.last_seen_at,
    )


def _elapsed_s(conversation: Conversation, *, now: datetime) -> float:
    if conversation.floor_opened_at is None:
        return 0.0
    return max(0.0, ((conversation.ended_at or now) - conversation.floor_opened_at).total_seconds())


def _hint(conversation: Conversation, step: str) -> str:
    reason = EndReason(conversation.end_reason) if conversation.end_reason else None
    if reason in _REASON_HINTS:
        return _REASON_HINTS[reason]
    return _STEP_HINTS.get(step, "See the log for this conversation's id.")


_REASON_HINTS = {
    EndReason.VOICE_MODEL_REFUSED: "Mend what was refused: OPENAI_API_KEY, its quota, a model or a voice.",
    EndReason.VOICE_MODEL_UNREACHABLE: "Check that OPENAI_BASE_URL, or the rehearsal model, can be reached.",
    EndReason.LIVEKIT_UNAVAILABLE: "Check that the LiveKit server runs and that LIVEKIT_URL is its address.",
}
_STEP_HINTS = {
    "room": "Check that the LiveKit server runs and that LIVEKIT_URL is its address.",
    "dispatcher": "Check that the agent servers run; “manage.py run_agents” starts them.",
    "driver": "Check that the agent servers run; “manage.py run_agents” starts them.",
    "ready": "The agents joined but their voice sessions did not open: check the voice model.",
    "first_word": "The voice model took the call but said nothing: check its log, then launch again.",
}
