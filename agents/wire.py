"""What the Realtime session says, read event by event and handed to those whom it concerns.

Handlers are named after their event. Nothing here talks to LiveKit: a recorded log can be replayed.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from agents.giving_way import GivingWay
from agents.outbox import EventSink
from agents.peer_ears import PeerEars
from agents.turn_recorder import TurnRecorder
from agents.voice_watch import Trouble, VoiceError, VoiceWatch
from dispatchsim.domain.brief import VoiceSettings
from dispatchsim.domain.conversation import EndReason
from dispatchsim.domain.events import ErrorReported, UsageReported

SAMPLE_RATE_HZ = 24_000  # PCM16 mono, both ways

RawEvent: TypeAlias = dict[str, Any]  # JSON of the protocol; read with care, it comes from outside


class Wire:
    """Listener on the wire of one Realtime session."""

    def __init__(
        self,
        sink: EventSink,
        recorder: TurnRecorder,
        *,
        settings: VoiceSettings,
        now: Callable[[], float],
        on_fatal: Callable[[Trouble], None],
        giving_way: GivingWay | None = None,
        on_give_way: Callable[[], None] = lambda: None,
        on_answer_failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._sink = sink
        self._recorder = recorder
        self._settings = settings
        self._now = now
        self._on_fatal = on_fatal
        self._giving_way = giving_way or GivingWay(is_opener=True)
        self._on_give_way = on_give_way
        self._on_answer_failed = on_answer_failed
        self._watch = VoiceWatch()
        self._ears = PeerEars(sink, is_transcribing=settings.transcription_model is not None)
        self._detection = settings.turn_detection.model_dump() | {"create_response": True}
        self._is_unanswered = False  # the peer ended while a response was made: the model may leave that unanswered
        self._updates: set[str] = set()
        self._updates_confirmed = 0
        self._told: set[str] = set()
        self._handlers: dict[str, Callable[[RawEvent], None]] = {
            "session.updated": self.on_session_updated,
            "input_audio_buffer.speech_started": self.on_speech_started,
            "input_audio_buffer.speech_stopped": self.on_speech_stopped,
            "input_audio_buffer.committed": self.on_committed,
            "conversation.item.input_audio_transcription.completed": self.on_transcription_completed,
            "conversation.item.input_audio_transcription.failed": self.on_transcription_failed,
            "response.output_audio_transcript.delta": self.on_transcript_delta,
            "response.output_audio.delta": self.on_audio_delta,
            "response.output_audio.done": self.on_audio_done,
            "response.created": self.on_response_created,
            "response.done": self.on_response_done,
            "error": self.on_error_event,
        }

    @property
    def is_open(self) -> bool:
        """Whether the session runs and has taken every setting sent so far."""
        return bool(self._updates) and self._updates_confirmed >= len(self._updates)

    @property
    def is_responding(self) -> bool:
        """Whether the model is in the middle of a response."""
        return self._watch.is_responding

    @property
    def cause(self) -> str:
        """What the model said went wrong last; empty while nothing did."""
        return self._watch.cause

    @property
    def _is_answering(self) -> bool:
        return self._detection["create_response"] is not False

    def on_server_event(self, event: RawEvent) -> None:
        """Take an event from the model; an event that makes no sense is left to the plugin."""
        kind = _text(event, "type")
        self._watch.on_event(kind, _response_id(event), self._now())
        handler = self._handlers.get(kind)
        if handler is not None:
            handler(event)

    def on_client_event(self, event: RawEvent) -> None:
        """Take an event that goes to the model."""
        kind = _text(event, "type")
        if kind == "session.update":
            self._updates.add(_text(event, "event_id"))
            audio = _object(_object(event, "session"), "audio")
            self._detection |= _object(_object(audio, "input"), "turn_detection")
            if not self._is_answering:
                self._watch.on_answer_not_due()
        elif kind == "response.create":
            self._watch.on_answer_due(self._now())
        elif kind == "response.cancel":
            self._watch.on_answer_not_due()
        elif kind == "input_audio_buffer.append":
            self._ears.on_sent(_audio_seconds(event, "audio"))

    def on_connected(self) -> None:
        """Count a connection; of the one before it nothing more will come."""
        now = self._now()
        self._ears.on_connected(now)
        if self._recorder.owes_answer or self._is_unanswered:
            self._is_unanswered = False
            self._on_answer_failed()  # what the peer said, or the answer to it, went with the connection
        self._recorder.on_connection_lost(now)
        self._updates.clear()
        self._updates_confirmed = 0
        self._tell(self._watch.on_connected(now))

    def on_voice_error(self, error: VoiceError) -> None:
        """Judge an error of the session."""
        self._tell(self._watch.on_error(error, self._now()))

    def on_item_forwarded(self, item_id: str) -> None:
        """Pass on which item plays next."""
        self._recorder.on_item_forwarded(item_id)

    def on_tick(self, now: float) -> None:
        """Look whether the model has fallen silent, and whether it passed over what the peer said."""
        self._tell(self._watch.check(now))
        is_busy = self._watch.is_responding or self._recorder.is_speaking or self._recorder.is_peer_speaking
        if self._is_unanswered and not is_busy:
            self._is_unanswered = False
            self._on_answer_failed()

    def on_closed(self, now: float) -> None:
        """Settle what is still open: utterances that were never transcribed."""
        self._ears.on_closed(now)

    def on_session_updated(self, _: RawEvent) -> None:
        """Count a confirmed setting."""
        self._updates_confirmed += 1

    def on_speech_started(self, event: RawEvent) -> None:
        """Note that the peer speaks."""
        now = self._now()
        self._ears.on_speech_started(
            _text(event, "item_id"),
            onset_ms=_number(event, "audio_start_ms") + self._settings.turn_detection.prefix_padding_ms,
            now=now,
        )
        self._recorder.on_peer_started(now, interrupts=self._detection["interrupt_response"] is not False)
        self._giving_way.on_peer_started(now)

    def on_speech_stopped(self, _: RawEvent) -> None:
        """Note that the peer fell silent."""
        silence_s = self._settings.turn_detection.silence_duration_ms / 1000
        now = self._now()
        self._is_unanswered = self._is_answering and self._watch.is_responding
        if self._is_answering and not self._watch.is_responding:
            self._watch.on_answer_due(now)
        self._recorder.on_peer_stopped(now, silence_s=silence_s)
        self._giving_way.on_peer_stopped(now, silence_s=silence_s)

    def on_committed(self, event: RawEvent) -> None:
        """Note an utterance of the peer."""
        self._ears.on_committed(_text(event, "item_id"), self._now())

    def on_transcription_completed(self, event: RawEvent) -> None:
        """Take what an utterance was transcribed as."""
        self._ears.on_transcribed(_text(event, "item_id"), _text(event, "transcript"), self._now())

    def on_transcription_failed(self, event: RawEvent) -> None:
        """Note that an utterance was not transcribed."""
        self._ears.on_transcribed(_text(event, "item_id"), None, self._now())

    def on_transcript_delta(self, event: RawEvent) -> None:
        """Take a piece of own text."""
        self._recorder.on_item_text(_text(event, "item_id"), _text(event, "delta"))

    def on_audio_delta(self, event: RawEvent) -> None:
        """Take a piece of own sound."""
        self._recorder.on_item_audio(_text(event, "item_id"), _audio_seconds(event, "delta"))

    def on_audio_done(self, event: RawEvent) -> None:
        """Note that an item's sound is complete."""
        self._recorder.on_item_complete(_text(event, "item_id"))

    def on_response_created(self, _: RawEvent) -> None:
        """Take an answer back when it would only cut the peer off; a response is no turn until it plays."""
        self._is_unanswered = False
        if self._giving_way.on_response_created(self._now()):
            self._on_give_way()

    def on_response_done(self, event: RawEvent) -> None:
        """Report the tokens of a response."""
        now = self._now()
        response = _object(event, "response")
        status = _text(response, "status")
        self._recorder.on_response_done(now, is_cancelled=status in ("cancelled", "failed"))
        if status == "completed":
            self._watch.on_answered()
        elif status == "failed":
            self._judge_failure(_text(_object(_object(response, "status_details"), "error"), "code"))
        usage = _object(response, "usage")
        if usage:
            self._report_usage(_text(response, "id"), usage, now)

    def on_error_event(self, event: RawEvent) -> None:
        """End the call when the model refuses the session's settings."""
        error = _object(event, "error")
        if _text(error, "event_id") in self._updates:
            what = _text(error, "param") or _text(error, "code") or "a setting"
            message = f"The voice model refused the settings of the session ({what})."
            self._tell(Trouble(EndReason.VOICE_MODEL_REFUSED, message, is_fatal=True))

    def _judge_failure(self, code: str) -> None:
        trouble = self._watch.on_answer_failed(code)
        self._tell(trouble)
        if trouble is None:
            self._on_answer_failed()

    def _report_usage(self, response_id: str, usage: RawEvent, now: float) -> None:
        given, made = _object(usage, "input_token_details"), _object(usage, "output_token_details")
        cached = _object(given, "cached_tokens_details")
        self._sink.add(
            lambda seq: UsageReported(
                seq=seq,
                at=now,
                response_id=response_id,
                model=self._settings.model,
                input_text_tokens=_count(given, "text_tokens"),
                input_audio_tokens=_count(given, "audio_tokens"),
                cached_text_tokens=_count(cached, "text_tokens"),
                cached_audio_tokens=_count(cached, "audio_tokens"),
                output_text_tokens=_count(made, "text_tokens"),
                output_audio_tokens=_count(made, "audio_tokens"),
            )
        )

    def _tell(self, trouble: Trouble | None) -> None:
        if trouble is None:
            return
        if trouble.is_fatal:
            self._on_fatal(trouble)
            return
        if trouble.message in self._told:
            return
        self._told.add(trouble.message)
        now = self._now()
        self._sink.add(lambda seq: ErrorReported(seq=seq, at=now, reason=trouble.reason, message=trouble.message))


def _response_id(event: RawEvent) -> str:
    return _text(_object(event, "response"), "id")


def _audio_seconds(event: RawEvent, key: str) -> float:
    encoded = _text(event, key)
    size = len(encoded) * 3 // 4 - encoded[-2:].count("=")
    return max(0, size) / 2 / SAMPLE_RATE_HZ


def _object(event: RawEvent, key: str) -> RawEvent:
    value = event.get(key)
    return value if isinstance(value, dict) else {}


def _text(event: RawEvent, key: str) -> str:
    value = event.get(key)
    return value if isinstance(value, str) else ""


def _number(event: RawEvent, key: str) -> float:
    value = event.get(key)
    return float(value) if isinstance(value, int | float) else 0.0


def _count(event: RawEvent, key: str) -> int:
    return max(0, int(_number(event, key)))
