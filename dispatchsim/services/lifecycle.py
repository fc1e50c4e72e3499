"""The one owner of hanging up: every end of a call goes through here.

live ─► ending ─► agents finish their sentence, both agent.left ─► room deleted ─► ended | failed
          │       (cut: they fall silent at once)                   │
          └────── at most 10 s (cut: 2 s) ──────────────────────────┘
A person who ends a call, a failure and a stopping system cut it.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from dispatchsim.domain.conversation import AgentState, ConversationStatus, EndReason
from dispatchsim.domain.errors import UnavailableError
from dispatchsim.domain.guards import find_guard
from dispatchsim.gateways.livekit import rooms
from dispatchsim.models import AgentSeat, Conversation
from dispatchsim.services.control import push_control
from dispatchsim.services.event_log import lock_conversation, record_change, status_of
from dispatchsim.services.guarding import record_end
from dispatchsim.services.turn_rows import close_turns
from dispatchsim.services.verdicts import judge

FAREWELL = timedelta(seconds=10)  # the longest sentence that is worth hearing to its end
CUT = timedelta(seconds=2)  # time to report what was heard

log = structlog.get_logger(__name__)


def end_conversation(
    *, conversation_id: UUID, reason: EndReason, detail: str = "", cut: bool = False, ended_by: User | None = None
) -> Conversation:
    """End a call: agents finish their sentence, or are cut, and leave; then the room is deleted.

    It is cut for a person (`ended_by`, where known), for a failure, and with `cut` for any other reason.
    Idempotent: the first reason stays. A later cut hurries a call that is ending already.
    Raises NotFoundError for an unknown conversation.
    """
    now = timezone.now()
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        has_changed = begin_ending(conversation, reason=reason, detail=detail, cut=cut, ended_by=ended_by, now=now)
    return tell_ending(conversation, now=now) if has_changed else conversation


def begin_ending(
    conversation: Conversation,
    *,
    reason: EndReason,
    now: datetime,
    detail: str = "",
    cut: bool = False,
    ended_by: User | None = None,
) -> bool:
    """Begin to end a locked call, in its row alone; True if that is news for `tell_ending`, after the commit."""
    status = status_of(conversation)
    if status.is_final:
        return False
    cut = cut or reason is EndReason.PERSON_ENDED
    if status is ConversationStatus.ENDING:
        return cut and _cut(conversation, now=now)
    record_change(
        conversation,
        event_type="call.ending",
        now=now,
        payload={"reason": reason.value} | ({"by": ended_by.pk} if ended_by else {}),
        status=ConversationStatus.ENDING.value,
        end_reason=reason.value,
        end_detail=detail[:2000],
        ending_at=now,
        is_cut=cut or reason.is_failure,
    )
    guard = find_guard(reason)
    if guard is not None:
        record_end(conversation, guard, reason=reason, now=now)
    log.info("call ending", conversation_id=str(conversation.pk), reason=reason.value)
    return True


def tell_ending(conversation: Conversation, *, now: datetime) -> Conversation:
    """Tell the agents that the call ends, and finish it if none is left. What is not done here the supervisor does."""
    if may_have_room(conversation):
        push_control(conversation, now=now)
    return finish_conversation(conversation_id=conversation.pk) if has_everybody_left(conversation) else conversation


def finish_conversation(*, conversation_id: UUID) -> Conversation:
    """Delete the room, close open turns and set the final status of an ending call. Idempotent."""
    conversation = Conversation.objects.get(pk=conversation_id)
    if conversation.status != ConversationStatus.ENDING:
        return conversation
    if may_have_room(conversation):
        delete_room(conversation_id)
    return close_conversation(conversation_id=conversation_id)


def close_conversation(*, conversation_id: UUID) -> Conversation:
    """Close open turns and set the final status of an ending call, in its rows alone. Idempotent."""
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        if conversation.status == ConversationStatus.ENDING:
            _finish_row(conversation, now=timezone.now())
    return conversation


def delete_room(conversation_id: UUID) -> None:
    """Delete a call's room, or leave that to the supervisor, which deletes what no unfinished row stands for."""
    try:
        rooms().delete_room(name=str(conversation_id))
    except UnavailableError as error:
        log.warning("room could not be deleted", conversation_id=str(conversation_id), reason=error.message)


def may_have_room(conversation: Conversation) -> bool:
    """Tell whether a room was ever asked for; who makes it may not have noted so yet."""
    return conversation.launching_at is not None or conversation.room_created_at is not None


def has_everybody_left(conversation: Conversation) -> bool:
    """Tell whether nobody is left in the call who could still say or report something."""
    return not AgentSeat.objects.filter(
        conversation=conversation, joined_at__isnull=False, left_at__isnull=True
    ).exists()


def is_farewell_over(conversation: Conversation, *, now: datetime) -> bool:
    """Tell whether an ending call has had all the time that it gets."""
    if conversation.ending_at is None:
        return True
    return now - conversation.ending_at >= (CUT if conversation.is_cut else FAREWELL)


def _cut(conversation: Conversation, *, now: datetime) -> bool:
    """Hurry a call that is ending already; True for the first who does."""
    if conversation.is_cut:
        return False
    record_change(conversation, event_type="call.cut", now=now, is_cut=True, ending_at=now)
    return True


def _finish_row(conversation: Conversation, *, now: datetime) -> None:
    reason = EndReason(conversation.end_reason)
    final = ConversationStatus.FAILED if reason.is_failure else ConversationStatus.ENDED
    seats = AgentSeat.objects.filter(conversation=conversation)
    seats.filter(joined_at__isnull=False, left_at=None).update(left_at=now)
    seats.update(state=AgentState.GONE.value)
    record_change(
        conversation,
        event_type="call.ended",
        now=now,
        payload={"reason": reason.value, "status": final.value},
        status=final.value,
        ended_at=now,
    )
    close_turns(conversation, now=now)
    judge(conversation)
    log.info("call ended", conversation_id=str(conversation.pk), reason=reason.value, status=final.value)
