"""What an agent is told before a call: the job metadata of its LiveKit dispatch."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.domain.line import LineQuality


class TurnDetection(BaseModel):
    """Server VAD settings of the Realtime session."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: float = Field(default=0.5, ge=0, le=1)
    prefix_padding_ms: int = Field(default=300, ge=0, le=5000)
    silence_duration_ms: int = Field(default=500, ge=100, le=5000)
    interrupt_response: bool = True


ReasoningEffort = Literal["minimal", "low", "medium", "high", "xhigh"]


class VoiceSettings(BaseModel):
    """Which voice model speaks for one agent, and how."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: VoiceProvider
    model: str = Field(min_length=1, max_length=100)
    voice: str = Field(min_length=1, max_length=50)
    speed: float = Field(default=1.0, ge=0.25, le=1.5)
    turn_detection: TurnDetection = TurnDetection()
    transcription_model: str | None = None
    transcription_prompt: str = ""
    reasoning_effort: ReasoningEffort = "low"  # of models that reason; on the phone thinking is silence


class ToolSpec(BaseModel):
    """A function tool of the Realtime session that the web side executes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")
    description: str = Field(min_length=1, max_length=1000)
    parameters: dict[str, JsonValue]  # JSON schema of the arguments


class ConversationBrief(BaseModel):
    """Everything one agent needs for one call; nothing of it is read from a database."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = 1
    conversation_id: UUID
    role: Role
    name: str = Field(min_length=1)
    peer_name: str = Field(min_length=1)
    is_opener: bool
    opening_fallback_s: float = Field(default=6.0, gt=0)  # the other one opens after this silence
    instructions: str = Field(min_length=1)
    voice: VoiceSettings
    report_url: str  # absolute URL that takes an EventBatch by POST
    report_token: str = Field(repr=False)  # bearer token, valid for this conversation and role alone
    line: LineQuality = LineQuality.CLEAR  # over which this agent is heard
    tools: tuple[ToolSpec, ...] = ()  # beside `end_call`, which every agent has
    tools_url: str = ""  # absolute; `/{name}` is added, takes a ToolRequest by POST

    @property
    def identity(self) -> str:
        """LiveKit identity of this agent."""
        return self.role.identity

    @property
    def peer_identity(self) -> str:
        """LiveKit identity of the one participant that this agent listens to."""
        return self.role.peer.identity

    @property
    def display_name(self) -> str:
        """Participant name that people see, as in `Tim (Dispatcher)`."""
        return f"{self.name} ({self.identity})"
