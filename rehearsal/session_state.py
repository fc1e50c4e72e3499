"""The effective settings of one Realtime session, and how `session.update` changes them."""

from dataclasses import dataclass

from rehearsal.errors import ProtocolError
from rehearsal.ids import make_id
from rehearsal.settings_bodies import AudioInput, AudioOutput, SemanticVad, ServerVad, SessionAudio, SessionBody
from rehearsal.strict import Json

# None is a value for these, elsewhere it means "leave it".
_NULLABLE = frozenset(
    {"turn_detection", "transcription", "noise_reduction", "tracing", "include", "prompt", "reasoning"}
)
_REPLACED = frozenset(
    {"tools", "tool_choice", "transcription", "noise_reduction", "tracing", "truncation", "reasoning"}
)

_TURN_DETECTION: dict[str, Json] = {
    "server_vad": {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    },
    "semantic_vad": {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    },
}
_SILENCE_BY_EAGERNESS_MS = {"low": 900, "medium": 600, "auto": 600, "high": 350}


@dataclass(frozen=True)
class TurnSettings:
    """How turns are found; both kinds of detection come down to this."""

    threshold: float
    prefix_padding_ms: int
    silence_ms: int
    creates_response: bool
    interrupts_response: bool


class SessionState:
    """Settings as they are told to the client, with a typed view of them."""

    def __init__(self, *, model: str, expires_at: int) -> None:
        self.id = make_id("sess")
        self._identity: Json = {"object": "realtime.session", "id": self.id, "expires_at": expires_at}
        self._settings = _defaults(model)
        self.body = SessionBody.model_validate(self._settings)

    def to_json(self) -> Json:
        """Give the whole effective session."""
        return {**self._identity, **self._settings}

    def update(self, change: SessionBody, *, has_spoken: bool) -> None:
        """Merge a change; raises ProtocolError where OpenAI refuses it."""
        if change.model is not None and change.model != self.body.model:
            raise ProtocolError(
                "The model of a session cannot be changed.", code="cannot_update_model", param="session.model"
            )
        output = change.audio.output if change.audio else None
        if has_spoken and output and output.voice and output.voice != self.output.voice:
            raise ProtocolError(
                "Cannot update a conversation's voice if assistant audio is present.",
                code="cannot_update_voice",
                param="session.audio.output.voice",
            )
        self._settings = _merge(self._settings, change.model_dump(exclude_unset=True))
        self.body = SessionBody.model_validate(self._settings)

    @property
    def input(self) -> AudioInput:
        """How the session listens."""
        return (self.body.audio or SessionAudio()).input or AudioInput()

    @property
    def output(self) -> AudioOutput:
        """How the session speaks."""
        return (self.body.audio or SessionAudio()).output or AudioOutput()

    @property
    def turns(self) -> TurnSettings | None:
        """How turns are found; None when the client commits them."""
        detection = self.input.turn_detection
        if isinstance(detection, ServerVad):
            return TurnSettings(
                threshold=0.5 if detection.threshold is None else detection.threshold,
                prefix_padding_ms=300 if detection.prefix_padding_ms is None else detection.prefix_padding_ms,
                silence_ms=500 if detection.silence_duration_ms is None else detection.silence_duration_ms,
                creates_response=detection.create_response is not False,
                interrupts_response=detection.interrupt_response is not False,
            )
        return None if detection is None else _from_eagerness(detection)


def _from_eagerness(detection: SemanticVad) -> TurnSettings:
    return TurnSettings(
        threshold=0.5,
        prefix_padding_ms=300,
        silence_ms=_SILENCE_BY_EAGERNESS_MS[detection.eagerness or "auto"],
        creates_response=detection.create_response is not False,
        interrupts_response=detection.interrupt_response is not False,
    )


def _defaults(model: str) -> Json:
    pcm: Json = {"type": "audio/pcm", "rate": 24000}
    return {
        "type": "realtime",
        "model": model,
        "output_modalities": ["audio"],
        "instructions": "",
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "include": None,
        "audio": {
            "input": {
                "format": dict(pcm),
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": dict(_TURN_DETECTION["server_vad"]),
            },
            "output": {"format": dict(pcm), "voice": "marin", "speed": 1.0},
        },
    }


def _merge(old: Json, change: Json) -> Json:
    merged = dict(old)
    for key, value in change.items():
        if value is None and key not in _NULLABLE:
            continue
        if key == "turn_detection" and isinstance(value, dict):
            merged[key] = _merge_turn_detection(old.get(key), value)
            continue
        before = old.get(key)
        both_objects = isinstance(value, dict) and isinstance(before, dict)
        merged[key] = _merge(before, value) if both_objects and key not in _REPLACED else value  # type: ignore[arg-type]
    return merged


def _merge_turn_detection(old: object, change: Json) -> Json:
    kind = str(change["type"])
    before = old if isinstance(old, dict) and old["type"] == kind else _TURN_DETECTION[kind]
    return {**before, **{key: value for key, value in change.items() if value is not None or key == "idle_timeout_ms"}}
