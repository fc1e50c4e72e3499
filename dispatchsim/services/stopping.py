"""The end of all calls at once, when the system stops: first in the rows, for LiveKit may hang.

end_all ─► rows ENDING, cut ─► agents told ─► they report what was heard ─► finish_all ─► rows final ─► rooms deleted
                               └── 1 s ──┘                                                              └── 1 s ───┘
"""

import time
from collections.abc import Callable, Mapping
from functools import partial
from threading import Thread
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from dispatchsim.domain.conversation import ConversationStatus, EndReason
from dispatchsim.models import AgentSeat, Conversation
from dispatchsim.services.control import push_control
from dispatchsim.services.event_log import lock_conversation
from dispatchsim.services.lifecycle import begin_ending, close_conversation, delete_room, may_have_room
from dispatchsim.services.supervision import UNFINISHED, whatever_happens

ANSWER_S = 1.0  # LiveKit answers in milliseconds or not at all, and the supervisor has 5 s for everything


def end_all(*, reason: EndReason) -> None:
    """Begin to end every unfinished call, and tell those who are in a room. `finish_all` does the rest."""
    now = timezone.now()
    tell: dict[UUID, Callable[[], None]] = {}
    for conversation_id in Conversation.objects.filter(status__in=UNFINISHED).values_list("pk", flat=True):
        with whatever_happens(conversation_id), transaction.atomic():
            conversation = lock_conversation(conversation_id)
            if begin_ending(conversation, reason=reason, cut=True, now=now) and may_have_room(conversation):
                tell[conversation_id] = partial(push_control, conversation, now=now)
    _ask_side_by_side(tell)


def are_reports_due() -> bool:
    """Tell whether an agent of an ending call has not said goodbye yet."""
    seats = AgentSeat.objects.filter(joined_at__isnull=False, left_at__isnull=True)
    return seats.filter(conversation__status=ConversationStatus.ENDING.value).exists()


def finish_all() -> None:
    """Finish every ending call without waiting for its agents, then delete the rooms."""
    delete: dict[UUID, Callable[[], None]] = {}
    ending = Conversation.objects.filter(status=ConversationStatus.ENDING.value)
    for conversation_id in ending.values_list("pk", flat=True):
        with whatever_happens(conversation_id):
            if may_have_room(close_conversation(conversation_id=conversation_id)):
                delete[conversation_id] = partial(delete_room, conversation_id)
    _ask_side_by_side(delete)


def _ask_side_by_side(requests: Mapping[UUID, Callable[[], None]]) -> None:
    """Ask LiveKit for all calls at the same time; who has no answer within ANSWER_S is not waited for."""
    # Threads of a pool would be waited for when the process ends.
    threads = [Thread(target=_ask, args=request, daemon=True) for request in requests.items()]
    for thread in threads:
        thread.start()
    deadline_s = time.monotonic() + ANSWER_S
    for thread in threads:
        thread.join(max(0.0, deadline_s - time.monotonic()))


def _ask(conversation_id: UUID, request: Callable[[], None]) -> None:
    with whatever_happens(conversation_id):
        request()
