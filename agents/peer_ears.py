"""What this agent's session made of each utterance of the peer.

speech_started ──► speech_stopped ──► committed ──► … transcription, late or never
"""

from dataclasses import dataclass

from agents.outbox import EventSink
from dispatchsim.domain.events import MAX_TEXT, PeerTranscribed

MAX_DETECTION_S = 1.0  # a session tells of an onset within this time


@dataclass
class _Utterance:
    started_at: float | None
    is_committed: bool = False


class PeerEars:
    """Utterances of the peer until they are transcribed or given up."""

    def __init__(self, sink: EventSink, *, is_transcribing: bool) -> None:
        self._sink = sink
        self._is_transcribing = is_transcribing
        self._sent_s = 0.0
        self._utterances: dict[str, _Utterance] = {}

    def on_connected(self, now: float) -> None:
        """Start counting anew: a connection counts its own audio, and tells nothing of the one before."""
        self._sent_s = 0.0
        self.on_closed(now)
        self._utterances.clear()

    def on_sent(self, seconds: float) -> None:
        """Note sound sent to the session, so that its positions can be put on the clock."""
        self._sent_s += seconds

    def on_speech_started(self, item_id: str, *, onset_ms: float, now: float) -> None:
        """Note an onset at a position of the sound sent."""
        behind_s = min(max(0.0, self._sent_s - onset_ms / 1000), MAX_DETECTION_S)
        # Realtime may send speech_started twice for one item; the first one counts.
        self._utterances.setdefault(item_id, _Utterance(started_at=now - behind_s))

    def on_committed(self, item_id: str, now: float) -> None:
        """Note that an utterance is complete; without a transcription model nothing more comes."""
        self._utterances.setdefault(item_id, _Utterance(started_at=None)).is_committed = True
        if not self._is_transcribing:
            self.on_transcribed(item_id, None, now)

    def on_transcribed(self, item_id: str, text: str | None, now: float) -> None:
        """Report an utterance once; None says that it was not transcribed."""
        utterance = self._utterances.pop(item_id, None)
        if utterance is None:
            return
        heard = text[:MAX_TEXT] if text else None
        self._sink.add(
            lambda seq: PeerTranscribed(seq=seq, at=now, item_id=item_id, started_at=utterance.started_at, text=heard)
        )

    def on_closed(self, now: float) -> None:
        """Report what was never transcribed."""
        for item_id in [item_id for item_id, utterance in self._utterances.items() if utterance.is_committed]:
            self.on_transcribed(item_id, None, now)
