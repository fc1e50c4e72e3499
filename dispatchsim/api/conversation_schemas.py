"""What the API is asked about calls, and what it answers: the JSON of `conversations`."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Discriminator, Field, StringConstraints, Tag, field_validator

from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role, VoiceProvider
from dispatchsim.domain.decision import require_decision
from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.freight.state import FreightState
from dispatchsim.domain.freight.verdict import Result, Verdict
from dispatchsim.domain.frozen import InlineScenario
from dispatchsim.domain.guards import Guard
from dispatchsim.domain.line import LineQuality
from dispatchsim.domain.load_sheet import check_load_sheet
from dispatchsim.domain.plain_text import require_storable
from dispatchsim.models import Conversation
from dispatchsim.services.freezing import MAX_DURATION_S, MIN_DURATION_S
from dispatchsim.services.history import MAX_LABEL
from dispatchsim.services.status import AgentView
from dispatchsim.services.tool_uses import ToolUseView
from dispatchsim.services.transcript import TurnView
from dispatchsim.services.usage import UsageView
from dispatchsim.services.verdicts import find_verdict

MAX_PAGE_SIZE = 100


class AgentRequest(Schema):
    """What one call changes about an agent; all of it optional."""

    model_config = ConfigDict(extra="forbid")

    persona: str | None = Field(default=None, max_length=50, description="Slug of a persona of this role.")
    voice: str | None = Field(default=None, min_length=1, max_length=50, examples=["marin"])
    model: str | None = Field(default=None, min_length=1, max_length=100, examples=["gpt-realtime-2.1"])
    instructions: str | None = Field(
        default=None, min_length=1, max_length=4000, description="Replaces the persona's character."
    )

    @field_validator("*")
    @classmethod
    def refuse_unstorable(cls, value: object) -> object:
        """Refuse text that no database keeps."""
        return require_storable(value)


class AgentRequests(Schema):
    """Changes for each of the two agents."""

    model_config = ConfigDict(extra="forbid")

    dispatcher: AgentRequest = AgentRequest()
    driver: AgentRequest = AgentRequest()


class ScenarioRequest(InlineScenario):
    """A scenario given with the call instead of one of the library."""

    @field_validator("*")
    @classmethod
    def refuse_unstorable(cls, value: object) -> object:
        """Refuse text that no database keeps."""
        return require_storable(value)

    @field_validator("title")
    @classmethod
    def read_title(cls, text: str) -> str:
        """Refuse a title that nobody could see."""
        if not text.strip():
            raise ValueError("Write a title, or leave it out.")
        return text.strip()

    @field_validator("load_sheet")
    @classmethod
    def read_load_sheet(cls, text: str) -> str:
        """Refuse a load sheet that cannot be read, naming the line."""
        return check_load_sheet(text)

    @field_validator("driver_decision")
    @classmethod
    def read_decision(cls, text: str) -> str:
        """Refuse what no driver could do."""
        try:
            return require_decision(text)
        except InvalidInputError as error:
            raise ValueError(error.message) from error


def _tell_scenario(value: object) -> str | None:
    if isinstance(value, str):
        return "scenario:slug"
    return "scenario:inline" if isinstance(value, dict | ScenarioRequest) else None


_Slug = Annotated[str, StringConstraints(min_length=1, max_length=50), AfterValidator(require_storable)]
ScenarioChoice = Annotated[
    Annotated[_Slug, Tag("scenario:slug")] | Annotated[ScenarioRequest, Tag("scenario:inline")],
    Discriminator(
        _tell_scenario,
        custom_error_type="scenario_type",
        custom_error_message="Give the slug of a scenario, or a scenario object.",
    ),
]


class CreateRequest(Schema):
    """A call to launch."""

    model_config = ConfigDict(extra="forbid")

    scenario: ScenarioChoice = Field(description="Slug of a scenario, or a whole one.", examples=["chicken-to-dallas"])
    overrides: AgentRequests = AgentRequests()
    voice_provider: VoiceProvider | None = Field(
        default=None, description="Left out: OpenAI's model where a key is set, else the rehearsal model."
    )
    max_duration_s: int | None = Field(
        default=None,
        ge=MIN_DURATION_S,
        le=MAX_DURATION_S,
        description="Longest call, in seconds. Left out: as long as the scenario allows.",
    )
    line: LineQuality | None = Field(
        default=None, description="The telephone line between the two. Left out: the scenario's own."
    )


class Created(Schema):
    """A launched call. `token` lets one observer into the room; null once the call is over."""

    conversation_id: UUID
    room_id: UUID
    livekit_url: str
    token: str | None
    status: ConversationStatus
    warnings: list[str] = Field(default=[], description="What may not work, each with its field; launched anyway.")


class ConversationState(Schema):
    """Where a call stands. What is not measured is null."""

    conversation_id: UUID
    room_id: UUID
    status: ConversationStatus
    end_reason: EndReason | None
    sentence: str
    detail: str
    participant_count: int | None = Field(description="Visible participants, by ListParticipants; null: not known.")
    observers: int | None
    agents: dict[Role, AgentView]
    turns: int
    floor_opened_at: datetime | None = Field(description="Zero of the call's clock; null: nobody may speak yet.")
    elapsed_s: float
    freight: FreightState | None = Field(default=None, description="What is settled so far; null: nothing at stake.")
    verdict: Verdict | None = Field(default=None, description="Named checks of a finished call; null: none yet.")
    usage: UsageView
    cost: float | None = Field(description="The same as `cost_usd`, under its first name.")
    cost_usd: float | None = Field(description="US dollars; null: nothing to pay, nothing used yet, or no known price.")
    is_unpriced: bool = Field(description="The call costs something, and the price of its model is not known.")


class Transcript(Schema):
    """Turns in order, and every use of a tool."""

    items: list[TurnView]
    count: int
    tools: list[ToolUseView] = Field(default=[], description="All of them, whatever `after` is.")


class Access(Schema):
    """Where and with what an observer joins the room."""

    livekit_url: str
    token: str


class ConversationItem(Schema):
    """A call in the list."""

    conversation_id: UUID = Field(alias="id")
    title: str
    scenario: str | None = Field(alias="scenario.slug", default=None)
    status: ConversationStatus
    end_reason: EndReason | None
    voice_provider: VoiceProvider
    turns: int = Field(alias="turn_count")
    duration_s: float | None
    verdict: Result | None = Field(default=None, description="Joint result of its checks; null: none, or not yet.")
    labels: list[str] = Field(description="Words that people put on the call.")
    created_at: datetime
    ended_at: datetime | None

    @staticmethod
    def resolve_end_reason(conversation: Conversation) -> str | None:
        """Give null while there is no reason."""
        return conversation.end_reason or None

    @staticmethod
    def resolve_verdict(conversation: Conversation) -> Result | None:
        """Give what all checks came to."""
        verdict = find_verdict(conversation)
        return verdict.joint if verdict else None

    @staticmethod
    def resolve_labels(conversation: Conversation) -> list[str]:
        """Give the words alone."""
        return [label.text for label in conversation.labels.all()]


class ConversationList(Schema):
    """One page of calls, newest first; `count` is of all that match."""

    items: list[ConversationItem]
    count: int


class ConversationFilters(Schema):
    """Which calls to list."""

    status: ConversationStatus | None = None
    search: str = Field(default="", max_length=200, description="Words, each in the title, a label or the transcript.")
    scenario: str = Field(default="", max_length=50, description="Slug of a scenario.")
    persona: str = Field(default="", max_length=50, description="Slug of a persona of either side.")
    voice_provider: VoiceProvider | None = None
    end_reason: EndReason | None = None
    guard: Guard | None = Field(default=None, description="A guard that acted: it ended the call or brought it on.")
    verdict: Result | None = Field(default=None, description="Joint result of a call's checks.")
    label: str = Field(default="", max_length=MAX_LABEL)
    since: date | None = Field(default=None, description="First day, in UTC.")
    until: date | None = Field(default=None, description="Last day, in UTC.")
    page: int = Field(default=1, ge=1, le=1_000_000)
    page_size: int = Field(default=30, ge=1, le=MAX_PAGE_SIZE)
