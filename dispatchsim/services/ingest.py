"""Take what agents report: append events, fold them into turns, react.

What an agent alone can ask for, the end of the call, begins in the transaction that stores it: a batch that comes
again has nothing fresh to react to. All else is done after the commit; what dies there the supervisor does from the
rows, and a loop is seen again with the next turn.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from dispatchsim.domain.conversation import AgentState, ConversationStatus, EndReason, Role
from dispatchsim.domain.errors import UnavailableError
from dispatchsim.domain.events import (
    AgentEvent,
    AgentLeft,
    AgentReady,
    AgentStateChanged,
    BatchAcknowledged,
    ErrorReported,
    EventBatch,
    HangUpRequested,
    Heartbeat,
    TurnFinished,
    TurnStarted,
    TurnWords,
    UsageReported,
)
from dispatchsim.models import AgentSeat, Conversation, Event
from dispatchsim.services import live_feed
from dispatchsim.services.budgets import find_spent_budget, record_spending
from dispatchsim.services.control import build_control, push_control
from dispatchsim.services.event_log import lock_conversation
from dispatchsim.services.floor import open_floor_if_due
from dispatchsim.services.guarding import find_loop_of, note_recoveries
from dispatchsim.services.lifecycle import (
    begin_ending,
    end_conversation,
    finish_conversation,
    has_everybody_left,
    tell_ending,
)
from dispatchsim.services.turn_rows import fold_into_turns
from dispatchsim.services.verdicts import judge

# Many a second, and nothing is lost with them: words survive as the turn's text, heartbeats as `last_seen_at`.
_NOT_LOGGED = (TurnWords, Heartbeat)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()  # what a datetime can hold

log = structlog.get_logger(__name__)


def store_batch(*, conversation_id: UUID, batch: EventBatch) -> BatchAcknowledged:
    """Store a batch once, up to its first hole, and tell up to which number everything is stored.

    Raises NotFoundError for an unknown conversation.
    """
    now = timezone.now()
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        seat = AgentSeat.objects.get(conversation=conversation, role=batch.role.value)
        fresh = take_fresh(batch.events, after=seat.last_agent_seq)
        before = build_control(conversation, now=now)
        _store(conversation, seat, fresh, now=now)
        is_ending_news = _end_as_asked(conversation, fresh, now=now)
        is_control_changed = before != build_control(conversation, now=now)
    if is_ending_news:
        tell_ending(conversation, now=now)
    elif is_control_changed:
        push_control(conversation, now=now)
    try:
        _react(conversation, fresh, now=now)
        _guard(conversation, batch.role, fresh, now=now)
    except UnavailableError as error:
        # The supervisor opens floors, counts turns and money and finishes what is over.
        log.warning("reaction put off", conversation_id=str(conversation_id), reason=error.message)
    return BatchAcknowledged(acknowledged=seat.last_agent_seq)


def take_fresh(events: Iterable[AgentEvent], *, after: int) -> list[AgentEvent]:
    """Take the events that follow `after` without a hole, each number once."""
    fresh = list[AgentEvent]()
    for event in sorted(events, key=lambda event: event.seq):
        if event.seq == after + len(fresh) + 1:
            fresh.append(event)
    return fresh


def _store(conversation: Conversation, seat: AgentSeat, fresh: Sequence[AgentEvent], *, now: datetime) -> None:
    role = Role(seat.role)
    logged = [event for event in fresh if not isinstance(event, _NOT_LOGGED)]
    rows = [
        _build_row(conversation, role, event, seq=conversation.last_event_seq + number)
        for number, event in enumerate(logged, start=1)
    ]
    Event.objects.bulk_create(rows)
    conversation.last_event_seq += len(rows)
    record_spending(conversation, role=role, events=fresh, now=now)
    _update_seat(seat, fresh, now=now)
    if any(isinstance(event, AgentReady) for event in fresh):
        _note_readiness(conversation, now=now)
    fold_into_turns(conversation, role=role, events=fresh, now=now)
    conversation.save(update_fields=["last_event_seq", "last_turn_seq", "last_turn_at", "agents_ready_at"])
    if fresh:
        judge(conversation)  # a batch may arrive after the end
    if rows:
        live_feed.announce_news(conversation.pk)


def _build_row(conversation: Conversation, role: Role, event: AgentEvent, *, seq: int) -> Event:
    return Event(
        conversation=conversation,
        seq=seq,
        role=role.value,
        agent_seq=event.seq,
        type=event.type,
        payload=event.model_dump(mode="json"),
        at=datetime.fromtimestamp(min(event.at, _LATEST), tz=UTC),
    )


def _update_seat(seat: AgentSeat, fresh: Sequence[AgentEvent], *, now: datetime) -> None:
    seat.last_seen_at = now
    seat.joined_at = seat.joined_at or now
    seat.last_agent_seq += len(fresh)
    for event in fresh:
        if isinstance(event, AgentReady):
            seat.ready_at, seat.left_at = seat.ready_at or now, None
        elif isinstance(event, AgentStateChanged):
            seat.state = event.state.value
        elif isinstance(event, AgentLeft):
            seat.left_at, seat.state = now, AgentState.GONE.value
    seat.save(update_fields=["last_seen_at", "joined_at", "last_agent_seq", "ready_at", "left_at", "state"])


def _note_readiness(conversation: Conversation, *, now: datetime) -> None:
    waiting = AgentSeat.objects.filter(conversation=conversation, ready_at=None).exists()
    if not waiting and conversation.agents_ready_at is None:
        conversation.agents_ready_at = now


def _end_as_asked(conversation: Conversation, fresh: Sequence[AgentEvent], *, now: datetime) -> bool:
    """Begin the end that an agent asks for; True if there is one to tell."""
    is_news = False
    for event in fresh:
        if isinstance(event, HangUpRequested):
            is_news |= begin_ending(conversation, reason=event.reason, now=now)
        elif isinstance(event, ErrorReported) and event.fatal:
            is_news |= begin_ending(conversation, reason=event.reason, detail=event.message, now=now)
    return is_news


def _react(conversation: Conversation, fresh: Sequence[AgentEvent], *, now: datetime) -> None:
    for event in fresh:
        if isinstance(event, AgentReady):
            open_floor_if_due(conversation_id=conversation.pk, now=now)
        elif isinstance(event, AgentLeft):
            _on_agent_left(conversation)
    if any(isinstance(event, TurnStarted | TurnFinished) for event in fresh) and is_turn_cap_reached(conversation):
        end_conversation(conversation_id=conversation.pk, reason=EndReason.TURN_CAP)
    if any(isinstance(event, UsageReported) for event in fresh):
        _end_over_budget(conversation, now=now)


def _end_over_budget(conversation: Conversation, *, now: datetime) -> None:
    spent = find_spent_budget(conversation, now=now) if conversation.status == ConversationStatus.LIVE else None
    if spent is not None:
        end_conversation(conversation_id=conversation.pk, reason=EndReason.BUDGET, detail=spent.sentence)


def _guard(conversation: Conversation, role: Role, fresh: Sequence[AgentEvent], *, now: datetime) -> None:
    finished = [(role, event.turn_id) for event in fresh if isinstance(event, TurnFinished)]
    if not finished:
        return
    note_recoveries(conversation.pk, turn_ids=finished, now=now)
    loop = find_loop_of(conversation)
    if loop is not None:
        end_conversation(conversation_id=conversation.pk, reason=loop)


def is_turn_cap_reached(conversation: Conversation) -> bool:
    """Tell whether the last turn that a live call may have has begun."""
    return conversation.status == ConversationStatus.LIVE and conversation.last_turn_seq >= conversation.max_turns


def _on_agent_left(conversation: Conversation) -> None:
    conversation.refresh_from_db()
    if conversation.status == ConversationStatus.ENDING and has_everybody_left(conversation):
        finish_conversation(conversation_id=conversation.pk)
