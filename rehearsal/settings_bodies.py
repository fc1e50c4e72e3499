"""Settings of a session as the protocol writes them."""

from typing import Annotated, Literal

from pydantic import Field

from rehearsal.strict import MAX_ITEMS, Json, MaxTokens, Modalities, Strict, Text
from rehearsal.voice import VOICE_NAMES

MAX_TOOLS = 128

VoiceName = Literal[VOICE_NAMES]  # type: ignore[valid-type]  # the names are data


class FunctionTool(Strict):
    """A function that the model may call."""

    type: Literal["function"]
    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    description: Text | None = None
    parameters: Json | None = None


class ToolChoiceFunction(Strict):
    """The one function that must be called."""

    type: Literal["function"]
    name: Annotated[str, Field(min_length=1, max_length=64)]


Tools = Annotated[list[FunctionTool], Field(max_length=MAX_TOOLS)]
ToolChoice = Literal["none", "auto", "required"] | ToolChoiceFunction


class AudioPcm(Strict):
    """The only audio format that the rehearsal model speaks."""

    type: Literal["audio/pcm"]
    rate: Literal[24000] | None = None


class ServerVad(Strict):
    """Turns found by speech and silence."""

    type: Literal["server_vad"]
    threshold: Annotated[float, Field(ge=0, le=1)] | None = None
    prefix_padding_ms: Annotated[int, Field(ge=0, le=5000)] | None = None
    silence_duration_ms: Annotated[int, Field(ge=0, le=10_000)] | None = None
    create_response: bool | None = None
    interrupt_response: bool | None = None
    idle_timeout_ms: Annotated[int, Field(ge=5000, le=30_000)] | None = None


class SemanticVad(Strict):
    """Turns found by meaning; here by silence as long as the eagerness says."""

    type: Literal["semantic_vad"]
    eagerness: Literal["low", "medium", "high", "auto"] | None = None
    create_response: bool | None = None
    interrupt_response: bool | None = None


class NoiseReduction(Strict):
    """Accepted and kept; the room's audio is clean."""

    type: Literal["near_field", "far_field"] | None = None
    strength: Annotated[float, Field(ge=0, le=1)] | None = None


class Transcription(Strict):
    """What the client wants to read of the other side's speech."""

    model: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    language: Annotated[str, Field(max_length=35)] | None = None
    languages: Annotated[list[str], Field(max_length=50)] | None = None
    prompt: Text | None = None
    keywords: Annotated[list[str], Field(max_length=MAX_ITEMS)] | None = None
    delay: Literal["minimal", "low", "medium", "high", "xhigh"] | None = None


class AudioInput(Strict):
    """How the session listens."""

    format: AudioPcm | None = None
    noise_reduction: NoiseReduction | None = None
    transcription: Transcription | None = None
    turn_detection: Annotated[ServerVad | SemanticVad, Field(discriminator="type")] | None = None


class AudioOutput(Strict):
    """How the session speaks."""

    format: AudioPcm | None = None
    speed: Annotated[float, Field(ge=0.25, le=1.5)] | None = None
    voice: VoiceName | None = None


class SessionAudio(Strict):
    """Both directions."""

    input: AudioInput | None = None
    output: AudioOutput | None = None


class Tracing(Strict):
    """Accepted and kept."""

    workflow_name: str | None = None
    group_id: str | None = None
    metadata: Json | None = None


class TokenLimits(Strict):
    """Part of a truncation."""

    post_instructions: Annotated[int, Field(ge=0)] | None = None


class RetentionRatio(Strict):
    """Accepted and kept; the rehearsal model forgets nothing."""

    type: Literal["retention_ratio"]
    retention_ratio: Annotated[float, Field(ge=0, le=1)]
    token_limits: TokenLimits | None = None


class Reasoning(Strict):
    """Accepted and kept."""

    effort: Literal["minimal", "low", "medium", "high", "xhigh"] | None = None


class SessionBody(Strict):
    """What `session.update` may change."""

    type: Literal["realtime"]
    model: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    output_modalities: Modalities | None = None
    instructions: Text | None = None
    audio: SessionAudio | None = None
    tools: Tools | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    max_output_tokens: MaxTokens | None = None
    tracing: Literal["auto"] | Tracing | None = None
    truncation: Literal["auto", "disabled"] | RetentionRatio | None = None
    reasoning: Reasoning | None = None
    include: list[Literal["item.input_audio_transcription.logprobs"]] | None = None
    prompt: None = None
