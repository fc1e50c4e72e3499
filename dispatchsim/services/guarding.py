"""Guards at work: loops end a call, recoveries are noted.

Each time a guard acted is an event `guard.<name>` of the conversation with its outcome; the history finds and counts
calls by it.
"""

import math
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role
from dispatchsim.domain.guards import LOOK_BACK, Guard, Outcome, SpokenTurn, find_loop, find_recovery
from dispatchsim.models import Conversation, Event, Turn
from dispatchsim.services.event_log import lock_conversation, record_change

PREFIX = "guard."


def acted_on_call(guard: Guard) -> Exists:
    """Build the condition that a guard acted on a call, whatever came of it."""
    return Exists(Event.objects.filter(conversation=OuterRef("pk"), type=PREFIX + guard))


def record_end(conversation: Conversation, guard: Guard, *, reason: EndReason, now: datetime) -> None:
    """Note in a locked conversation's log that a guard ended the call; pages show the reason's sentence."""
    payload = {"outcome": Outcome.ENDED.value, "reason": reason.value}
    record_change(conversation, event_type=PREFIX + guard, now=now, payload=payload)


def note_recoveries(conversation_id: UUID, *, turn_ids: Iterable[tuple[Role, str]], now: datetime) -> None:
    """Note which of the turns that have just been finished brought a stuck call on."""
    wanted = {(role.value, turn_id) for role, turn_id in turn_ids}
    with transaction.atomic():
        conversation = lock_conversation(conversation_id)
        rows = list(Turn.objects.filter(conversation=conversation).order_by("seq"))
        turns, opener = (
            [_build_spoken(row) for row in rows],
            Role(conversation.scenario_copy.get("opener", Role.DISPATCHER)),
        )
        noted = set(Event.objects.filter(conversation=conversation, type__startswith=PREFIX).values_list("type"))
        for index, row in enumerate(rows):
            if (row.speaker, row.turn_id) not in wanted:
                continue
            guard = find_recovery(turns, index=index, opener=opener)
            if guard is None or (guard is Guard.BOTH_GREETED and (PREFIX + guard,) in noted):
                continue
            payload = {"outcome": Outcome.RECOVERED.value, "detail": guard.recovery}
            record_change(conversation, event_type=PREFIX + guard, now=now, payload=payload)
            noted.add((PREFIX + guard,))


def find_loop_of(conversation: Conversation) -> EndReason | None:
    """Tell whether a live call goes round in circles."""
    if conversation.status != ConversationStatus.LIVE:
        return None
    last = Turn.objects.filter(conversation=conversation, is_final=True).order_by("-seq")[:LOOK_BACK]
    return find_loop([_build_spoken(row) for row in reversed(last)])


def _build_spoken(row: Turn) -> SpokenTurn:
    # Who still speaks has not fallen silent: a "mm-hm" of the other side is finished first.
    end_s = math.inf if not row.is_final else row.start_s if row.end_s is None else row.end_s
    return SpokenTurn(
        speaker=Role(row.speaker),
        text=row.text,
        start_s=row.start_s,
        end_s=end_s,
        interrupted=row.interrupted,
    )
