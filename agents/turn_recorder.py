"""Turns of one agent, made from what its Realtime session says and what its loudspeaker plays.

    peer speaks ──► speech_stopped ──► response … text and audio arrive faster than real time
                    (listening)        (thinking)
    first frame plays ──► turn.started, then turn.words by playback position (speaking)
    last frame played, or cut ──► turn.finished with the text as heard (listening)

Only one item plays at a time; an item that never plays is no turn.
"""

from dataclasses import dataclass

from agents.outbox import EventSink
from agents.placement import heard_text
from dispatchsim.domain.conversation import AgentState
from dispatchsim.domain.events import MAX_TEXT, AgentStateChanged, TurnFinished, TurnStarted, TurnWords

SAME_S = 0.001  # two ways to add up the same frames


@dataclass
class _Item:
    """One spoken item of a response, as far as it has arrived."""

    item_id: str
    text: str = ""
    audio_s: float = 0.0
    is_complete: bool = False


@dataclass
class _Turn:
    """The turn that plays now. `run_*`: since when sound has been playing without a gap."""

    turn_id: str
    item: _Item
    run_started_at: float
    run_offset_s: float = 0.0
    told: str = ""
    sound_ended_at: float | None = None  # of the run before

    def played_s(self, now: float) -> float:
        """Return how much of the item's sound has left the loudspeaker."""
        return min(self.item.audio_s, self.run_offset_s + max(0.0, now - self.run_started_at))


class TurnRecorder:
    """Turn session and playback events of one agent into domain events."""

    def __init__(self, sink: EventSink, *, turn_prefix: str) -> None:
        self._sink = sink
        self._turn_prefix = turn_prefix
        self._items: dict[str, _Item] = {}
        self._closed_items: set[str] = set()
        self._next_item_id = ""
        self._turn: _Turn | None = None
        self._turns = 0
        self._state = AgentState.INITIALIZING
        self._peer_ended_at: float | None = None
        self.is_peer_speaking = False
        self.has_peer_spoken = False

    @property
    def is_speaking(self) -> bool:
        """Whether a turn of this agent is being played."""
        return self._turn is not None

    @property
    def owes_answer(self) -> bool:
        """Whether the peer speaks, or has spoken and waits."""
        return self.is_peer_speaking or self._state is AgentState.THINKING

    @property
    def turns(self) -> int:
        """How many turns have been started."""
        return self._turns

    def on_ready(self, now: float) -> None:
        """Begin to listen."""
        self._set_state(AgentState.LISTENING, now)

    def on_item_text(self, item_id: str, delta: str) -> None:
        """Take a piece of transcript; it comes before its sound is played."""
        if item_id not in self._closed_items:
            item = self._item(item_id)
            item.text = (item.text + delta)[:MAX_TEXT]

    def on_item_audio(self, item_id: str, seconds: float) -> None:
        """Take the length of a piece of sound."""
        if item_id not in self._closed_items:
            self._item(item_id).audio_s += seconds

    def on_item_complete(self, item_id: str) -> None:
        """Note that no more sound of this item will come."""
        if item_id not in self._closed_items:
            self._item(item_id).is_complete = True

    def on_item_forwarded(self, item_id: str) -> None:
        """Note that the next sound to be played is this item's."""
        self._next_item_id = item_id

    def on_playback_started(self, now: float) -> None:
        """Begin a turn: the first frame is out."""
        if self._turn is not None:
            self._finish(now, interrupted=True)
        self._turns += 1
        turn = _Turn(
            turn_id=f"{self._turn_prefix}-{self._turns}", item=self._item(self._next_item_id), run_started_at=now
        )
        self._turn = turn
        latency_s = self._take_latency(now)
        self._sink.add(
            lambda seq: TurnStarted(
                seq=seq, at=now, turn_id=turn.turn_id, item_id=turn.item.item_id, response_latency_s=latency_s
            )
        )
        self._set_state(AgentState.SPEAKING, now)

    def on_playback_progressed(self, played_s: float, now: float, *, ended_at: float) -> None:
        """Note that the loudspeaker fell silent after `played_s`, at `ended_at`; what follows starts a new run."""
        if self._turn is not None:
            self._turn.run_offset_s = played_s
            self._turn.run_started_at = now
            self._turn.sound_ended_at = ended_at

    def on_playback_finished(self, played_s: float, now: float, *, interrupted: bool) -> None:
        """End the turn with what was heard of it."""
        if self._turn is None:
            return
        self._finish(now, interrupted=interrupted, played_s=played_s)

    def on_tick(self, now: float) -> None:
        """Tell the words played by now, if there are new ones."""
        turn = self._turn
        if turn is None:
            return
        text = self._heard(turn, turn.played_s(now))
        if len(text) <= len(turn.told):
            return
        turn.told = text
        self._sink.add(lambda seq: TurnWords(seq=seq, at=now, turn_id=turn.turn_id, text=text))

    def on_peer_started(self, now: float, *, interrupts: bool = True) -> None:
        """Note that the peer speaks; `interrupts`: this side then falls silent."""
        self.is_peer_speaking = self.has_peer_spoken = True
        self._peer_ended_at = None
        if interrupts:
            self._drop_unplayed()  # the session interrupts what it was about to say
        if self._state is AgentState.THINKING:
            self._set_state(AgentState.LISTENING, now)

    def on_peer_stopped(self, now: float, *, silence_s: float) -> None:
        """Note that the peer fell silent `silence_s` ago."""
        self.is_peer_speaking = False
        # An answer that waits for the end of the own turn says nothing about how fast it came.
        self._peer_ended_at = now - silence_s if self._turn is None else None
        if self._state is AgentState.LISTENING:
            self._set_state(AgentState.THINKING, now)

    def on_response_done(self, now: float, *, is_cancelled: bool) -> None:
        """Stop thinking when a response ended and nothing of it plays or will play."""
        if is_cancelled:
            self._drop_unplayed()
        unplayed = any(item.audio_s > 0 for item in self._items.values())
        if self._state is AgentState.THINKING and self._turn is None and not unplayed:
            self._set_state(AgentState.LISTENING, now)

    def on_connection_lost(self, now: float) -> None:
        """Settle what a connection left open: no more sound of its items, no end of the peer's speech."""
        for item in self._items.values():
            item.is_complete = True
        self.is_peer_speaking = False
        self._peer_ended_at = None
        if self._state is AgentState.THINKING:
            self._set_state(AgentState.LISTENING, now)

    def on_closed(self, now: float) -> None:
        """End what still plays: the agent leaves."""
        if self._turn is not None:
            self._finish(now, interrupted=True)

    def _finish(self, now: float, *, interrupted: bool, played_s: float | None = None) -> None:
        turn = self._turn
        if turn is None:
            return
        self._turn = None
        ended_at = _sound_end(turn, now, played_s)
        played_s = turn.played_s(now) if played_s is None else played_s
        text = self._heard(turn, played_s) if interrupted else turn.item.text.strip()
        self._close_item(turn.item.item_id)
        if interrupted:
            self._drop_unplayed()
        self._sink.add(
            lambda seq: TurnFinished(
                seq=seq,
                at=ended_at,
                turn_id=turn.turn_id,
                item_id=turn.item.item_id,
                text=text,
                interrupted=interrupted,
            )
        )
        self._set_state(AgentState.LISTENING, now)

    def _heard(self, turn: _Turn, played_s: float) -> str:
        item = turn.item
        return heard_text(item.text, played_s=played_s, audio_s=item.audio_s, is_audio_complete=item.is_complete)

    def _item(self, item_id: str) -> _Item:
        return self._items.setdefault(item_id, _Item(item_id))

    def _drop_unplayed(self) -> None:
        playing = self._turn.item.item_id if self._turn else None
        for item_id in [item_id for item_id in self._items if item_id != playing]:
            self._close_item(item_id)

    def _close_item(self, item_id: str) -> None:
        self._items.pop(item_id, None)
        self._closed_items.add(item_id)

    def _take_latency(self, now: float) -> float | None:
        ended_at, self._peer_ended_at = self._peer_ended_at, None
        if ended_at is None or self.is_peer_speaking:
            return None
        return max(0.0, now - ended_at)

    def _set_state(self, state: AgentState, now: float) -> None:
        if state is self._state:
            return
        self._state = state
        self._sink.add(lambda seq: AgentStateChanged(seq=seq, at=now, state=state))


def _sound_end(turn: _Turn, now: float, played_s: float | None) -> float:
    """Tell when the sound of a turn ended: on a busy machine that is noticed up to a second later."""
    if played_s is None or turn.sound_ended_at is None or played_s > turn.run_offset_s + SAME_S:
        return now
    return min(now, turn.sound_ended_at)
