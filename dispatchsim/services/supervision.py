"""Reconcile rows and rooms: what is late is done again, what is gone is ended with a reason.

Everything here is found from rows and LiveKit's own lists, so that a supervisor that was away misses nothing.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from dispatchsim.domain import watch
from dispatchsim.domain.control import RoomControl
from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role
from dispatchsim.domain.errors import UnavailableError
from dispatchsim.gateways.livekit import Room, rooms
from dispatchsim.models import AgentSeat, AgentServer, Conversation
from dispatchsim.services.agent_servers import are_draining
from dispatchsim.services.budgets import find_spent_budget
from dispatchsim.services.control import build_control, push_control, room_owner
from dispatchsim.services.dispatching import chase_agents, dispatch_missing, open_room
from dispatchsim.services.event_log import lock_conversation, record_change, status_of
from dispatchsim.services.floor import open_floor_if_due
from dispatchsim.services.lifecycle import (
    end_conversation,
    finish_conversation,
    has_everybody_left,
    is_farewell_over,
)

UNFINISHED = [status.value for status in ConversationStatus if not status.is_final]
RUNNING = [status for status in UNFINISHED if status != ConversationStatus.QUEUED]
ROOM_GRACE = timedelta(seconds=3)  # a room made just now may not be listed yet
LAUNCHER_GRACE = timedelta(seconds=5)  # who launches makes the room; longer than the gateway's timeout

_told: deque[tuple[str, str]] = deque(maxlen=100)  # failures that the log has: the call's id and the kind

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _View:
    """One look at LiveKit; `rooms` is None when it did not answer or was not asked."""

    now: datetime
    heard_since: datetime | None  # see `watch.find_vanished`
    asked_livekit: bool
    rooms: dict[str, Room] | None


def reconcile_once(
    now: datetime, *, heard_since: datetime | None = None, asks_livekit: bool = True, starts_queued: bool = True
) -> int:
    """Look once at every unfinished conversation and at LiveKit's rooms; give the number of calls still running.

    `heard_since`: since when reports of agents have come in without a pause, by `follow_reports`.
    `asks_livekit=False` looks at rows alone, which is cheap; `starts_queued=False` lets the queue wait.
    """
    if starts_queued:
        _start_queued(now)
    # Listed before the rows are read: a room that is made in between is then not taken for a stray one.
    listed = _list_rooms() if asks_livekit else None
    view = _View(now=now, heard_since=heard_since, asked_livekit=asks_livekit, rooms=listed)
    running = list(Conversation.objects.filter(status__in=RUNNING).order_by("created_at"))
    for conversation in running:
        with whatever_happens(conversation.pk):
            _HANDLERS[status_of(conversation)](conversation, view)
    _delete_stray_rooms(view, known={str(conversation.pk) for conversation in running})
    return len(running)


def follow_reports(heard_since: datetime | None, *, now: datetime) -> datetime | None:
    """Tell since when reports of agents or agent servers come in without a pause; None while none come."""
    latest = [
        AgentServer.objects.aggregate(at=Max("last_seen_at"))["at"],
        AgentSeat.objects.filter(conversation__status__in=RUNNING).aggregate(at=Max("last_seen_at"))["at"],
    ]
    last_report_at = max((at for at in latest if at is not None), default=None)
    return watch.follow_reports(heard_since, last_report_at=last_report_at, now=now)


@contextmanager
def whatever_happens(conversation_id: UUID | str) -> Iterator[None]:
    """Keep what fails in one call from the calls after it; it is tried again with the next look."""
    try:
        yield
    except UnavailableError as error:
        log.warning("put off", conversation_id=str(conversation_id), reason=error.message)
    except Exception as error:
        # Four looks a second: a row that no look gets through is told of once for each kind of failure.
        failure = (str(conversation_id), type(error).__name__)
        if failure not in _told:
            _told.append(failure)
            log.exception("call could not be seen to", conversation_id=str(conversation_id))


def _start_queued(now: datetime) -> None:
    queued = Conversation.objects.filter(status=ConversationStatus.QUEUED.value).order_by("created_at")
    for conversation_id in queued.values_list("pk", flat=True):
        # Full is the usual case, four times a second: seen without a lock, and the rest of the queue waits too.
        if _is_full() or are_draining():
            return
        with whatever_happens(conversation_id):
            _start(conversation_id, now=now)


def _start(conversation_id: UUID, *, now: datetime) -> None:
    if _end_over_budget(conversation_id, now=now):
        return
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        if _is_full() or conversation.status != ConversationStatus.QUEUED:
            return
        record_change(
            conversation,
            event_type="call.launched",
            now=now,
            status=ConversationStatus.LAUNCHING.value,
            launching_at=now,
        )
    _make_room(conversation, now=now)


def _is_full() -> bool:
    return Conversation.objects.filter(status__in=RUNNING).count() >= settings.MAX_CALLS


def _end_over_budget(conversation_id: UUID, *, now: datetime) -> bool:
    """End a waiting call if the money was spent while it waited."""
    spent = find_spent_budget(Conversation.objects.get(pk=conversation_id), now=now)
    if spent is not None:
        end_conversation(conversation_id=conversation_id, reason=EndReason.BUDGET, detail=spent.sentence)
    return spent is not None


def _list_rooms() -> dict[str, Room] | None:
    try:
        return {room.name: room for room in rooms().list_rooms()}
    except UnavailableError as error:
        log.warning("rooms could not be listed", reason=error.message)
        return None


def _handle_launching(conversation: Conversation, view: _View) -> None:
    now, launching_at = view.now, conversation.launching_at or conversation.created_at
    seats = _read_seats(conversation)
    failure = watch.find_setup_failure(
        seats, launching_at=launching_at, has_room=conversation.room_created_at is not None, now=now
    )
    if failure is not None:
        _end(conversation, _excuse_draining(failure))
    elif conversation.room_created_at is None:
        if now - launching_at >= LAUNCHER_GRACE:
            _make_room(conversation, now=now)
    elif _is_room_missing(conversation, view):
        _end(conversation, watch.Ending(EndReason.ROOM_VANISHED))
    elif conversation.agents_ready_at is not None:
        open_floor_if_due(conversation_id=conversation.pk, now=now)
    else:
        dispatch_missing(conversation_id=conversation.pk, now=now)
        if view.rooms is not None:
            chase_agents(conversation_id=conversation.pk, now=now)


def _excuse_draining(failure: watch.Ending) -> watch.Ending:
    """Tell of a call that was launched just before the agent servers began to drain what really ended it."""
    is_excused = failure.reason is EndReason.AGENT_NEVER_JOINED and are_draining()
    return watch.Ending(EndReason.STOPPED) if is_excused else failure


def _handle_live(conversation: Conversation, view: _View) -> None:
    if _is_room_missing(conversation, view):
        _end(conversation, watch.Ending(EndReason.ROOM_VANISHED))
        return
    ending = _find_ending(conversation, view)
    if ending is not None:
        _end(conversation, ending)
        return
    _repeat_control(conversation, view)


def _handle_ending(conversation: Conversation, view: _View) -> None:
    is_over = has_everybody_left(conversation) or is_farewell_over(conversation, now=view.now)
    if is_over or _is_room_missing(conversation, view):
        finish_conversation(conversation_id=conversation.pk)
        return
    _repeat_control(conversation, view)


_HANDLERS: dict[ConversationStatus, Callable[[Conversation, _View], None]] = {
    ConversationStatus.LAUNCHING: _handle_launching,
    ConversationStatus.LIVE: _handle_live,
    ConversationStatus.ENDING: _handle_ending,
}


def _find_ending(conversation: Conversation, view: _View) -> watch.Ending | None:
    now = view.now
    opened_at = conversation.floor_opened_at or now
    if now - opened_at >= timedelta(seconds=conversation.max_duration_s):
        return watch.Ending(EndReason.TIME_CAP)
    if conversation.last_turn_seq >= conversation.max_turns:
        return watch.Ending(EndReason.TURN_CAP)
    spent = find_spent_budget(conversation, now=now)
    if spent is not None:
        return watch.Ending(EndReason.BUDGET, spent.sentence)
    seats = _read_seats(conversation)
    if view.rooms is not None and any(watch.is_quiet(seat, now=now) for seat in seats):
        seats = _see_who_is_in_room(conversation.pk, seats)
    vanished = watch.find_vanished(seats, heard_since=view.heard_since, asked_livekit=view.asked_livekit, now=now)
    return vanished or watch.find_silence(
        seats, floor_opened_at=opened_at, last_turn_at=conversation.last_turn_at, now=now
    )


def _see_who_is_in_room(conversation_id: UUID, seats: tuple[watch.SeatState, ...]) -> tuple[watch.SeatState, ...]:
    present = {participant.identity for participant in rooms().list_participants(name=str(conversation_id))}
    return tuple(replace(seat, is_in_room=seat.role.identity in present) for seat in seats)


def _read_seats(conversation: Conversation) -> tuple[watch.SeatState, ...]:
    return tuple(
        watch.SeatState(
            role=Role(seat.role),
            joined_at=seat.joined_at,
            ready_at=seat.ready_at,
            left_at=seat.left_at,
            last_seen_at=seat.last_seen_at,
        )
        for seat in AgentSeat.objects.filter(conversation=conversation).order_by("role")
    )


def _make_room(conversation: Conversation, *, now: datetime) -> None:
    try:
        open_room(conversation_id=conversation.pk, now=now)
        dispatch_missing(conversation_id=conversation.pk, now=now)
    except UnavailableError as error:
        # Tried again with every look, until the set-up takes too long.
        log.warning("room could not be made", conversation_id=str(conversation.pk), reason=error.message)


def _is_room_missing(conversation: Conversation, view: _View) -> bool:
    if view.rooms is None or conversation.room_created_at is None:
        return False
    is_settled = view.now - conversation.room_created_at >= ROOM_GRACE
    return is_settled and str(conversation.pk) not in view.rooms


def _repeat_control(conversation: Conversation, view: _View) -> None:
    """Tell the agents again what did not get through, or what time has changed."""
    room = (view.rooms or {}).get(str(conversation.pk))
    if room is not None and _read_control(room.metadata) != build_control(conversation, now=view.now):
        push_control(conversation, now=view.now)


def _end(conversation: Conversation, ending: watch.Ending) -> None:
    end_conversation(conversation_id=conversation.pk, reason=ending.reason, detail=ending.detail)


def _delete_stray_rooms(view: _View, *, known: set[str]) -> None:
    """Delete rooms of ours that no unfinished row stands for; `known` ones were seen to in this look."""
    ours = [room.name for room in (view.rooms or {}).values() if _is_ours(room)]
    if not ours:
        return
    wanted = {str(pk) for pk in Conversation.objects.filter(status__in=UNFINISHED).values_list("pk", flat=True)}
    for name in sorted(set(ours) - wanted - known):
        log.warning("stray room deleted", conversation_id=name)
        with whatever_happens(name):
            rooms().delete_room(name=name)


def _is_ours(room: Room) -> bool:
    control = _read_control(room.metadata)
    return control is not None and control.owner == room_owner()


def _read_control(metadata: str) -> RoomControl | None:
    try:
        return RoomControl.model_validate_json(metadata)
    except ValueError:
        return None
