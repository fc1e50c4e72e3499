"""Rehearsed calls in real rooms of the running system, some at a time.

launch ─► LAUNCHING … LIVE … ENDED ─► 2 s later: what was heard last has been reported ─► told
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.core.management.base import CommandError

from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role, VoiceProvider
from dispatchsim.domain.errors import DispatchsimError
from dispatchsim.domain.freight.verdict import Verdict
from dispatchsim.domain.hearing import Score
from dispatchsim.domain.line import LineQuality
from dispatchsim.management.commands.converse import GOODBYE_S, LOOK_S, SETUP_S, Interrupts, vary
from dispatchsim.management.heard import score_conversation
from dispatchsim.management.rehearsing import HeldCall, Turn
from dispatchsim.models import Conversation, Persona, Scenario, ToolUse
from dispatchsim.models import Turn as TurnRow
from dispatchsim.services.launch import launch_conversation
from dispatchsim.services.lifecycle import end_conversation, finish_conversation
from dispatchsim.services.verdicts import find_verdict

SETTLE_S = 2.0  # after the end: transcriptions of the last words arrive


@dataclass(frozen=True)
class RoomOrder:
    """One call that is wanted."""

    scenario: Scenario
    personas: dict[Role, Persona]
    seed: str


@dataclass(frozen=True)
class RoomCall(HeldCall):
    """How a call in a room went."""

    scenario: str
    seed: str
    conversation_id: UUID
    length_s: float
    line: LineQuality
    score: Score


@dataclass
class _Running:
    order: RoomOrder
    conversation_id: UUID
    ends_by: float
    over_at: float | None = None
    is_being_ended: bool = False


@dataclass
class RoomRehearsal:
    """Holds the calls of a list, `at_once` of them side by side."""

    orders: Sequence[RoomOrder]
    at_once: int
    interrupts: Interrupts
    clock: Callable[[], float] = time.monotonic
    _running: list[_Running] = field(default_factory=list)

    def hold(self) -> Iterator[RoomCall]:
        """Give each call once it is over; all that still run are ended when nobody wants more."""
        waiting = list(self.orders)
        try:
            while waiting or self._running:
                if self.interrupts.count:
                    return
                while waiting and self._count_on_air() < self.at_once:
                    self._running.append(_launch(waiting.pop(0), self.clock()))
                yield from self._look()
                self.interrupts.wait(LOOK_S)
        finally:
            for call in self._running:
                end_conversation(conversation_id=call.conversation_id, reason=EndReason.PERSON_ENDED)

    def _count_on_air(self) -> int:
        return sum(call.over_at is None for call in self._running)

    def _look(self) -> Iterator[RoomCall]:
        now = self.clock()
        for call in list(self._running):
            row = Conversation.objects.filter(pk=call.conversation_id).first()
            if row is None:
                raise CommandError("A call was deleted while it ran.")
            if not ConversationStatus(row.status).is_final:
                _end_late(call, now)
            elif call.over_at is None:
                call.over_at = now
            elif now - call.over_at >= SETTLE_S:
                self._running.remove(call)
                yield build_call(call.order, row)


def _launch(order: RoomOrder, now: float) -> _Running:
    try:
        conversation = launch_conversation(
            scenario=order.scenario,
            dispatcher=order.personas[Role.DISPATCHER],
            driver=order.personas[Role.DRIVER],
            overrides={role: vary(persona, order.seed) for role, persona in order.personas.items()},
            provider=VoiceProvider.REHEARSAL,
            expects_listener=False,
        )
    except DispatchsimError as error:
        raise CommandError(f"{order.scenario.slug}: {error.message} {error.hint}") from error
    return _Running(order, conversation.pk, now + conversation.max_duration_s + SETUP_S)


def _end_late(call: _Running, now: float) -> None:
    """End a call that takes longer than any may; close it where nobody supervises."""
    if now < call.ends_by:
        return
    if call.is_being_ended:
        finish_conversation(conversation_id=call.conversation_id)
        return
    call.is_being_ended, call.ends_by = True, now + GOODBYE_S
    detail = "It took longer than such a call may."
    end_conversation(conversation_id=call.conversation_id, reason=EndReason.PERSON_ENDED, detail=detail)


def build_call(order: RoomOrder, conversation: Conversation) -> RoomCall:
    """Read how a finished call went."""
    verdict = find_verdict(conversation)
    return RoomCall(
        scenario=order.scenario.slug,
        seed=order.seed,
        conversation_id=conversation.pk,
        turns=tuple(_lines(conversation)),
        outcome=_outcome(conversation, verdict),
        failure=_failure(conversation, verdict),
        length_s=conversation.duration_s or 0.0,
        line=LineQuality(conversation.scenario_copy.get("line") or LineQuality.CLEAR),
        score=score_conversation(conversation),
    )


def _lines(conversation: Conversation) -> list[Turn]:
    said = [
        (row.start_s, Turn(Role(row.speaker), row.text, heard_as=row.heard_as or "", end_s=row.end_s or row.start_s))
        for row in TurnRow.objects.filter(conversation=conversation).order_by("seq")
    ]
    done = [
        (use.at_s, Turn(Role(use.role), json.dumps(use.result), tool=f"{use.name}({json.dumps(use.arguments)})"))
        for use in ToolUse.objects.filter(conversation=conversation).order_by("pk")
    ]
    return [line for _, line in sorted([*said, *done], key=lambda one: one[0])]


def _outcome(conversation: Conversation, verdict: Verdict | None) -> str:
    if verdict is None:
        return "" if conversation.scenario_copy.get("freight") else conversation.status
    return verdict.outcome


def _failure(conversation: Conversation, verdict: Verdict | None) -> str:
    """Say why a call does not count as one that ended as expected."""
    if conversation.end_reason != EndReason.AGENT_HUNG_UP.value:
        reason = EndReason(conversation.end_reason).sentence if conversation.end_reason else "It has no reason."
        return f"{reason} {conversation.end_detail}".strip()
    if verdict is None:
        return "It was no valid call." if conversation.scenario_copy.get("freight") else ""
    return verdict.failure
