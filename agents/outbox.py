"""Numbered events that wait to be acknowledged: the rules, without any I/O."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from dispatchsim.domain.events import MAX_EVENTS, AgentEvent, Heartbeat, TurnWords

MAX_WAITING = 2000  # partial words are the first to be left out when the web is away for long

BuildEvent = Callable[[int], AgentEvent]


class EventSink(Protocol):
    """Takes events in the order in which they happen; the number is given here."""

    def add(self, build: BuildEvent) -> None:
        """Give an event its number and keep it until it is acknowledged."""


class Outbox:
    """Events of one agent in one conversation, numbered from 1 without holes."""

    def __init__(self) -> None:
        self._waiting: deque[AgentEvent] = deque()
        self._next_seq = 1
        self._is_first_answer = True
        self._alone = 0  # so many of the next events are sent one by one

    @property
    def waiting(self) -> int:
        """How many events are not acknowledged yet."""
        return len(self._waiting)

    @property
    def next_seq(self) -> int:
        """Number of the next event; an acknowledgement changes it only when what waits is renumbered."""
        return self._next_seq

    def unacknowledged(self) -> list[AgentEvent]:
        """Return all that waits."""
        return list(self._waiting)

    def add(self, build: BuildEvent) -> AgentEvent | None:
        """Give an event its number; None when it was left out because too much waits already."""
        event = build(self._next_seq)
        if len(self._waiting) >= MAX_WAITING and isinstance(event, TurnWords | Heartbeat):
            return None
        self._next_seq += 1
        self._waiting.append(event)
        return event

    def batch(self) -> list[AgentEvent]:
        """Return what to send next; the very first batch is one event, see `acknowledge`."""
        size = 1 if self._is_first_answer or self._alone else MAX_EVENTS
        return [event for _, event in zip(range(size), self._waiting, strict=False)]

    def acknowledge(self, seq: int) -> bool:
        """Forget events up to `seq`; False when that were none.

        If the first answer is beyond all that was sent, another agent of this role has reported
        before (the job was dispatched again): what waits is numbered on from there.
        """
        if self._is_first_answer and self._waiting and seq > self._waiting[0].seq:
            self._renumber(seq)
        self._is_first_answer = False
        before = len(self._waiting)
        while self._waiting and self._waiting[0].seq <= seq:
            self._waiting.popleft()
        taken = before - len(self._waiting)
        self._alone = max(0, self._alone - taken)
        return taken > 0

    def on_refused(self, size: int) -> None:
        """Find the event that the web side will never take and put a heartbeat in its place."""
        if size > 1:
            self._alone = size
        elif self._waiting:
            first = self._waiting[0]
            self._waiting[0] = Heartbeat(seq=first.seq, at=first.at)

    def _renumber(self, offset: int) -> None:
        self._waiting = deque(
            event.model_copy(update={"seq": offset + number}) for number, event in enumerate(self._waiting, start=1)
        )
        self._next_seq = offset + len(self._waiting) + 1
