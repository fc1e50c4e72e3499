"""What agents report while a call runs. One definition validates both ends.

Every event carries `seq` (1, 2, 3 … per agent and conversation, without holes) and `at`
(seconds since the epoch on the agent's clock). A batch is acknowledged by the highest `seq`
that is stored; what is not acknowledged is sent again, and a repeat changes nothing.

    agent.ready
    turn.started ─► turn.words … ─► turn.finished          (own speech, in playback time)
    peer.transcribed                                       (what this agent's ears made of the peer)
    agent.left                                             (last event)
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, model_validator

from dispatchsim.domain.conversation import AgentState, EndReason, Role
from dispatchsim.domain.tokens import Tokens

MAX_TEXT = 20_000  # characters; a turn longer than this is a runaway model
MAX_EVENTS = 200  # per batch; the spool sends the rest in the next one


MAX_INT = 2**31 - 1  # what an integer column holds


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    seq: int = Field(ge=1, le=MAX_INT)
    at: float = Field(ge=0)

    @model_validator(mode="before")
    @classmethod
    def _without_nul(cls, data: object) -> object:
        # Models do say NUL now and then, and Postgres stores none.
        if not isinstance(data, dict):
            return data
        return {name: value.replace("\x00", "") if isinstance(value, str) else value for name, value in data.items()}


class AgentReady(_Event):
    """In the room, linked to the peer, Realtime session open: able to speak and hear."""

    type: Literal["agent.ready"] = "agent.ready"


class AgentStateChanged(_Event):
    """The agent now listens, thinks or speaks."""

    type: Literal["agent.state"] = "agent.state"
    state: AgentState


class Heartbeat(_Event):
    """Still here; sent when nothing else was for 2 s."""

    type: Literal["heartbeat"] = "heartbeat"


class TurnStarted(_Event):
    """First audio of a turn left the agent; `at` is the onset."""

    type: Literal["turn.started"] = "turn.started"
    turn_id: str = Field(min_length=1, max_length=100)
    item_id: str = Field(default="", max_length=200)
    response_latency_s: float | None = None  # from the end of the peer's speech; None when unknown


class TurnWords(_Event):
    """The whole text of the turn up to what has been played by now."""

    type: Literal["turn.words"] = "turn.words"
    turn_id: str = Field(min_length=1, max_length=100)
    text: str = Field(max_length=MAX_TEXT)


class TurnFinished(_Event):
    """Last audio of a turn was played; `text` is what was heard, cut where interrupted."""

    type: Literal["turn.finished"] = "turn.finished"
    turn_id: str = Field(min_length=1, max_length=100)
    item_id: str = Field(default="", max_length=200)
    text: str = Field(max_length=MAX_TEXT)
    interrupted: bool = False


class PeerTranscribed(_Event):
    """What this agent's transcription made of one utterance of the peer; None: not transcribed."""

    type: Literal["peer.transcribed"] = "peer.transcribed"
    item_id: str = Field(default="", max_length=200)
    started_at: float | None = None  # epoch seconds; onset of the utterance as this agent heard it
    text: str | None = Field(default=None, max_length=MAX_TEXT)


class ToolCalled(_Event):
    """A function tool ran; arguments and result as JSON text."""

    type: Literal["tool.called"] = "tool.called"
    call_id: str = Field(max_length=200)
    name: str = Field(max_length=100)
    arguments: str = Field(default="{}", max_length=MAX_TEXT)
    result: str = Field(default="", max_length=MAX_TEXT)


class HangUpRequested(_Event):
    """This side wants the call to end now; its own last words have been heard."""

    type: Literal["call.hang_up"] = "call.hang_up"
    reason: EndReason = EndReason.AGENT_HUNG_UP


class UsageReported(Tokens, _Event):
    """Tokens of one response."""

    type: Literal["usage"] = "usage"
    response_id: str = Field(default="", max_length=200)
    model: str = Field(default="", max_length=100)


class ErrorReported(_Event):
    """Something went wrong; a fatal one fails the call with `reason`."""

    type: Literal["error"] = "error"
    reason: EndReason = EndReason.AGENT_FAILED
    message: str = Field(max_length=2000)  # for people; never a key, a token or spoken text
    fatal: bool = False


class AgentLeft(_Event):
    """The agent's last event: its session is closed and it leaves the room."""

    type: Literal["agent.left"] = "agent.left"


AgentEvent = Annotated[
    AgentReady
    | AgentStateChanged
    | Heartbeat
    | TurnStarted
    | TurnWords
    | TurnFinished
    | PeerTranscribed
    | ToolCalled
    | HangUpRequested
    | UsageReported
    | ErrorReported
    | AgentLeft,
    Field(discriminator="type"),
]

agent_event_adapter: TypeAdapter[AgentEvent] = TypeAdapter(AgentEvent)


class EventBatch(BaseModel):
    """Body of `POST ingest/{conversation_id}/events`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Role
    events: list[AgentEvent] = Field(min_length=1, max_length=MAX_EVENTS)


class BatchAcknowledged(BaseModel):
    """Answer to a batch: everything up to `acknowledged` is stored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    acknowledged: int = Field(ge=0)


class ToolRequest(BaseModel):
    """Body of `POST ingest/{conversation_id}/tools/{name}`; the answer is the tool's result as a JSON object."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    call_id: str = Field(min_length=1, max_length=200)
    arguments: dict[str, JsonValue] = Field(default_factory=dict)


class AgentServerHeartbeat(BaseModel):
    """Body of `POST ingest/agent-servers`, bearer key DISPATCHSIM_AGENTS_KEY, every 5 s."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    server_id: str = Field(min_length=1, max_length=100)  # one per process start
    role: Role
    host: str = Field(default="", max_length=200)
    pid: int = Field(default=0, ge=0, le=MAX_INT)
    state: Literal["ready", "draining", "stopped"] = "ready"
    active_jobs: int = Field(default=0, ge=0, le=MAX_INT)
