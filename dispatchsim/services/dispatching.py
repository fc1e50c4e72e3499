"""Rooms and agents of a call: made once, and agents asked for again when LiveKit loses the request.

dispatched ──4 s──► not in the room, no job ─► request taken back, made again (3 in all)
           ──12 s─► not in the room, but a job has it ─► the same
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from dispatchsim.domain.conversation import ConversationStatus, Role
from dispatchsim.domain.errors import UnavailableError
from dispatchsim.gateways.livekit import rooms
from dispatchsim.models import AgentSeat, Conversation
from dispatchsim.services.agent_servers import ready_roles
from dispatchsim.services.briefs import build_brief
from dispatchsim.services.control import build_control
from dispatchsim.services.event_log import lock_conversation, record_change

GRACE_S = 300  # LiveKit counts a room with agents alone as empty; the supervisor is the real bound
MAX_DISPATCHES = 3
LOST_AFTER = timedelta(seconds=4)  # a warm agent server is in the room within one
SLOW_AFTER = timedelta(seconds=12)  # a job process that takes longer to start hangs

log = structlog.get_logger(__name__)


def open_room(*, conversation_id: UUID, now: datetime) -> None:
    """Make the room of a launching call; again does no harm. Raises UnavailableError."""
    conversation = Conversation.objects.get(pk=conversation_id)
    rooms().create_room(
        name=str(conversation_id),
        metadata=build_control(conversation, now=now).model_dump_json(),
        timeout_s=conversation.max_duration_s + GRACE_S,
    )
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        if conversation.status == ConversationStatus.LAUNCHING and conversation.room_created_at is None:
            record_change(conversation, event_type="room.made", now=now, room_created_at=now)


def dispatch_missing(*, conversation_id: UUID, now: datetime) -> None:
    """Ask for each agent that was not asked for yet and has an agent server. Raises UnavailableError."""
    waiting = AgentSeat.objects.filter(conversation_id=conversation_id, dispatch_count=0, joined_at=None)
    roles = {Role(role) for role in waiting.values_list("role", flat=True)}
    for role in sorted(roles & ready_roles()):
        _dispatch(conversation_id=conversation_id, role=role, count=0, now=now)


def chase_agents(*, conversation_id: UUID, now: datetime) -> None:
    """See which dispatched agents are in the room, and ask again for those that got lost. Raises UnavailableError."""
    missing = list(AgentSeat.objects.filter(conversation_id=conversation_id, dispatch_count__gt=0, joined_at=None))
    if not missing:
        return
    present = {participant.identity for participant in rooms().list_participants(name=str(conversation_id))}
    for seat in missing:
        if Role(seat.role).identity in present:
            _mark_joined(conversation_id=conversation_id, role=Role(seat.role), now=now)
        elif seat.dispatched_at is not None and now - seat.dispatched_at >= LOST_AFTER:
            _dispatch_again(seat, age=now - seat.dispatched_at, now=now)


def _mark_joined(*, conversation_id: UUID, role: Role, now: datetime) -> None:
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        changed = AgentSeat.objects.filter(conversation=conversation, role=role.value, joined_at=None).update(
            joined_at=now, last_seen_at=now
        )
        if changed:
            record_change(conversation, event_type="agent.joined", now=now, payload={"role": role.value})


def _dispatch_again(seat: AgentSeat, *, age: timedelta, now: datetime) -> None:
    role, room = Role(seat.role), str(seat.conversation_id)
    if seat.dispatch_count >= MAX_DISPATCHES or role not in ready_roles():
        return
    stale = [dispatch for dispatch in rooms().list_dispatches(name=room) if dispatch.agent_name == role.value]
    if any(dispatch.has_job for dispatch in stale) and age < SLOW_AFTER:
        return
    for dispatch in stale:
        rooms().delete_dispatch(name=room, dispatch_id=dispatch.id)
    _dispatch(conversation_id=seat.conversation_id, role=role, count=seat.dispatch_count, now=now)


def _dispatch(*, conversation_id: UUID, role: Role, count: int, now: datetime) -> None:
    """Ask for an agent, if it was asked for `count` times before: of several callers one does."""
    conversation = _claim(conversation_id=conversation_id, role=role, count=count, now=now)
    if conversation is None:
        return
    try:
        rooms().create_dispatch(
            name=str(conversation_id),
            agent_name=role.value,
            metadata=build_brief(conversation, role).model_dump_json(),
        )
    except UnavailableError:
        # What was never asked does not count. A request that was taken all the same is found by `chase_agents`.
        AgentSeat.objects.filter(conversation_id=conversation_id, role=role.value, dispatch_count=count + 1).update(
            dispatch_count=count, dispatched_at=None
        )
        raise
    log.info("agent dispatched", conversation_id=str(conversation_id), role=role.value, attempt=count + 1)


def _claim(*, conversation_id: UUID, role: Role, count: int, now: datetime) -> Conversation | None:
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        if conversation.status != ConversationStatus.LAUNCHING:
            return None
        seat = AgentSeat.objects.filter(conversation=conversation, role=role.value, dispatch_count=count)
        if not seat.filter(joined_at=None).update(dispatch_count=count + 1, dispatched_at=now):
            return None
        record_change(
            conversation,
            event_type="agent.dispatched",
            now=now,
            payload={"role": role.value, "attempt": count + 1},
        )
    return conversation
