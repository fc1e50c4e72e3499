"""The Realtime model of one agent, and what is heard on its wire."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any, Protocol

import aiohttp
from livekit import rtc
from livekit.agents import APIConnectOptions, APIError
from livekit.agents.llm import GenerationCreatedEvent, RealtimeModelError
from livekit.agents.llm.realtime import MessageGeneration
from livekit.agents.metrics import RealtimeModelMetrics
from livekit.plugins.openai import realtime
from openai.types.realtime import (
    AudioTranscription,
    InputAudioBufferSpeechStartedEvent,
    InputAudioBufferSpeechStoppedEvent,
    RealtimeReasoning,
)
from openai.types.realtime.realtime_audio_input_turn_detection import ServerVad

from agents.config import VoiceEndpoint
from agents.frame_gate import gate
from agents.phone_line import PhoneLine
from agents.voice_watch import VoiceError
from agents.wire import RawEvent
from dispatchsim.domain.brief import TurnDetection, VoiceSettings

# The watch decides when to give up; the plugin only has to keep trying until then.
CONNECT_OPTIONS = APIConnectOptions(max_retry=20, retry_interval=1.0, timeout=10.0)


FIRST_REASONING = 2  # gpt-realtime-2 and its successors
# A version, not the year of a date: gpt-realtime-2.1-mini has one, gpt-realtime-2025-08-28 has none.
_NUMBERED = re.compile(r"gpt-realtime-(?P<major>\d{1,2})(?!\d)")
TAKE_NO_PROMPT = frozenset({"gpt-realtime-whisper", "gpt-4o-transcribe-diarize"})  # sessions with them refuse a prompt


class VoiceListener(Protocol):
    """Hears everything on the wire of one Realtime session."""

    def on_server_event(self, event: RawEvent) -> None:
        """Take an event from the model."""

    def on_client_event(self, event: RawEvent) -> None:
        """Take an event that goes to the model."""

    def on_connected(self) -> None:
        """Note a new connection."""

    def on_voice_error(self, error: VoiceError) -> None:
        """Take an error."""

    def on_item_forwarded(self, item_id: str) -> None:
        """Note that the sound of an item is about to be played."""


class ListenedRealtimeModel(realtime.RealtimeModel):
    """OpenAI's Realtime model with a listener on each session from its first moment, and a line for its voice."""

    def __init__(
        self,
        settings: VoiceSettings,
        endpoint: VoiceEndpoint,
        listener: VoiceListener,
        line: PhoneLine | None = None,
    ) -> None:
        super().__init__(
            model=settings.model,
            voice=settings.voice,
            modalities=["audio"],
            speed=settings.speed,
            turn_detection=build_server_vad(settings.turn_detection),
            input_audio_transcription=build_transcription(settings),
            input_audio_noise_reduction=None,
            reasoning=build_reasoning(settings),
            base_url=endpoint.base_url,
            api_key=endpoint.api_key,
            conn_options=CONNECT_OPTIONS,
        )
        self._listener = listener
        self._line = line

    def session(self, *, turn_detection_disabled: bool = False) -> realtime.RealtimeSession:
        """Open a session that is listened to."""
        session = GatedRealtimeSession(self, turn_detection_disabled=turn_detection_disabled)
        self._sessions.add(session)
        listen(session, self._listener, self._line)
        return session


class GatedRealtimeSession(realtime.RealtimeSession):
    """The plugin's session, safe from frames that no model should send, and cut off by the peer only if it may be."""

    _is_peer_told = False

    async def _create_ws_conn(self) -> aiohttp.ClientWebSocketResponse:
        return gate(await super()._create_ws_conn())

    def _handle_input_audio_buffer_speech_started(self, event: InputAudioBufferSpeechStartedEvent) -> None:
        # The SDK cuts its speech off when it is told of the peer's, whatever `interrupt_response` says.
        detection = self._opts.turn_detection
        if detection is None or detection.interrupt_response is not False:
            self._is_peer_told = True
            super()._handle_input_audio_buffer_speech_started(event)

    def _handle_input_audio_buffer_speech_stopped(self, event: InputAudioBufferSpeechStoppedEvent) -> None:
        # Told whenever the start was: the SDK holds its speech back until then.
        if self._is_peer_told:
            self._is_peer_told = False
            super()._handle_input_audio_buffer_speech_stopped(event)


def build_server_vad(settings: TurnDetection, *, may_answer: bool = True) -> ServerVad:
    """Build server VAD settings; without `may_answer` it hears turns and leaves them unanswered."""
    return ServerVad(
        type="server_vad",
        threshold=settings.threshold,
        prefix_padding_ms=settings.prefix_padding_ms,
        silence_duration_ms=settings.silence_duration_ms,
        create_response=may_answer,
        interrupt_response=settings.interrupt_response and may_answer,
    )


def build_transcription(settings: VoiceSettings) -> AudioTranscription | None:
    """Build input transcription settings; None where the persona has none."""
    if settings.transcription_model is None:
        return None
    if not settings.transcription_prompt or settings.transcription_model in TAKE_NO_PROMPT:
        return AudioTranscription(model=settings.transcription_model)
    return AudioTranscription(model=settings.transcription_model, prompt=settings.transcription_prompt)


def build_reasoning(settings: VoiceSettings) -> RealtimeReasoning | None:
    """Build reasoning settings; None for a model that does not reason and would refuse them."""
    found = _NUMBERED.match(settings.model)
    if found is None or int(found["major"]) < FIRST_REASONING:
        return None
    return RealtimeReasoning(effort=settings.reasoning_effort)


def listen(session: realtime.RealtimeSession, listener: VoiceListener, line: PhoneLine | None = None) -> None:
    """Attach a listener to a Realtime session; what it says goes over the line, if there is one."""

    def on_generation(event: GenerationCreatedEvent) -> None:
        # Read later, by the session's own task: so it reads the labelled stream.
        event.message_stream = _label(event.message_stream, listener.on_item_forwarded, line)

    def on_metrics(metrics: object) -> None:
        # The plugin reports each connection it makes as metrics without a response.
        if isinstance(metrics, RealtimeModelMetrics) and not metrics.request_id:
            listener.on_connected()

    session.on("openai_server_event_received", listener.on_server_event)
    session.on("openai_client_event_queued", listener.on_client_event)
    session.on("generation_created", on_generation)
    session.on("metrics_collected", on_metrics)
    session.on("error", lambda error: listener.on_voice_error(read_error(error)))


def read_error(error: RealtimeModelError) -> VoiceError:
    """Reduce an error of the plugin to what matters: no message, it may quote a key."""
    cause = error.error.__cause__
    status = cause.status if isinstance(cause, aiohttp.WSServerHandshakeError) else None
    body = error.error.body if isinstance(error.error, APIError) else None
    return VoiceError(
        code=_first_text(getattr(body, "code", None), getattr(body, "type", None)),
        http_status=status,
        is_recoverable=error.recoverable,
        is_connection=body is None and status is None,
        is_about_a_request=getattr(body, "type", None) == "invalid_request_error",
    )


async def _label(
    messages: Any,
    on_forwarded: Callable[[str], None],
    line: PhoneLine | None,
) -> AsyncIterator[MessageGeneration]:
    async for message in messages:
        yield MessageGeneration(
            message_id=message.message_id,
            text_stream=message.text_stream,
            audio_stream=_announce(_carry(message.audio_stream, line), message.message_id, on_forwarded),
            modalities=message.modalities,
        )


async def _carry(frames: Any, line: PhoneLine | None) -> AsyncIterator[rtc.AudioFrame]:
    if line is not None:
        line.begin_turn()
    async for frame in frames:
        yield frame if line is None else line.carry_frame(frame)


async def _announce(frames: Any, item_id: str, on_forwarded: Callable[[str], None]) -> AsyncIterator[rtc.AudioFrame]:
    is_first = True
    async for frame in frames:
        if is_first:
            is_first = False
            on_forwarded(item_id)
        yield frame


def _first_text(*values: object) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")
