"""Launch calls, watch them, end them, and find them again."""

# ruff: noqa: ARG001  (the framework passes the request, wanted or not)

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from ninja import Header, Query, Router, Schema, Status
from pydantic import ConfigDict, Discriminator, Field, StringConstraints, Tag, field_validator

from dispatchsim.api.auth import ApiRequest, Needs
from dispatchsim.api.errors import ErrorBody
from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role, VoiceProvider
from dispatchsim.domain.errors import ConflictError, InvalidInputError, NotFoundError
from dispatchsim.domain.freight.state import FreightState
from dispatchsim.domain.freight.verdict import Result, Verdict
from dispatchsim.domain.frozen import InlineScenario
from dispatchsim.domain.line import LineQuality
from dispatchsim.domain.load_sheet import parse_load_sheet
from dispatchsim.models import Conversation
from dispatchsim.services.accounts import END, LAUNCH, VIEW_CONVERSATION
from dispatchsim.services.attendance import count_people
from dispatchsim.services.freezing import MAX_DURATION_S, MIN_DURATION_S
from dispatchsim.services.freight_tools import find_state
from dispatchsim.services.history import MAX_LABEL, CallFilter, find_calls
from dispatchsim.services.launch import AgentOverrides, launch_conversation
from dispatchsim.services.library import get_persona, get_scenario
from dispatchsim.services.lifecycle import end_conversation
from dispatchsim.services.observers import ObserverAccess, observer_token
from dispatchsim.services.status import AgentView, conversation_status
from dispatchsim.services.tool_uses import ToolUseView, find_tool_uses
from dispatchsim.services.transcript import TurnView, transcript
from dispatchsim.services.usage import UsageView, conversation_usage
from dispatchsim.services.verdicts import find_verdict

router = Router(tags=["conversations"])
MAX_PAGE_SIZE = 100
_REFUSALS = {401: ErrorBody, 403: ErrorBody}
_ONE = {**_REFUSALS, 404: ErrorBody}


class AgentRequest(Schema):
    """What one call changes about an agent; all of it optional."""

    model_config = ConfigDict(extra="forbid")

    persona: str | None = Field(default=None, max_length=50, description="Slug of a persona of this role.")
    voice: str | None = Field(default=None, min_length=1, max_length=50, examples=["marin"])
    model: str | None = Field(default=None, min_length=1, max_length=100, examples=["gpt-realtime-2.1"])
    instructions: str | None = Field(
        default=None, min_length=1, max_length=4000, description="Replaces the persona's character."
    )


class AgentRequests(Schema):
    """Changes for each of the two agents."""

    model_config = ConfigDict(extra="forbid")

    dispatcher: AgentRequest = AgentRequest()
    driver: AgentRequest = AgentRequest()


class ScenarioRequest(InlineScenario):
    """A scenario given with the call instead of one of the library."""

    @field_validator("load_sheet")
    @classmethod
    def read_load_sheet(cls, text: str) -> str:
        """Refuse a load sheet that cannot be read, naming the line."""
        try:
            parse_load_sheet(text)
        except InvalidInputError as error:
            raise ValueError(f"{error.message} {error.hint}") from error
        return text


def _tell_scenario(value: object) -> str | None:
    if isinstance(value, str):
        return "scenario:slug"
    return "scenario:inline" if isinstance(value, dict | ScenarioRequest) else None


_Slug = Annotated[str, StringConstraints(min_length=1, max_length=50)]
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
    label: str = Field(default="", max_length=MAX_LABEL)
    since: date | None = Field(default=None, description="First day, in UTC.")
    until: date | None = Field(default=None, description="Last day, in UTC.")
    page: int = Field(default=1, ge=1, le=1_000_000)
    page_size: int = Field(default=30, ge=1, le=MAX_PAGE_SIZE)


@router.post(
    "conversations/create",
    response={201: Created, **_REFUSALS, 402: ErrorBody, 422: ErrorBody, 429: ErrorBody, 503: ErrorBody},
    auth=Needs(LAUNCH),
)
def create_conversation(
    request: ApiRequest,
    payload: CreateRequest,
    idempotency_key: Annotated[
        str | None,
        Header(default=None, alias="Idempotency-Key", min_length=1, max_length=200, description="Launches once a key."),
    ] = None,
) -> Status[Created]:
    """Launch a call: two agents in a LiveKit room of their own."""
    choices = {Role.DISPATCHER: payload.overrides.dispatcher, Role.DRIVER: payload.overrides.driver}
    personas = {role: get_persona(slug=choice.persona, role=role) for role, choice in choices.items()}
    conversation = launch_conversation(
        scenario=get_scenario(payload.scenario) if isinstance(payload.scenario, str) else payload.scenario,
        dispatcher=personas[Role.DISPATCHER],
        driver=personas[Role.DRIVER],
        overrides={
            role: AgentOverrides(voice=choice.voice, model=choice.model, instructions=choice.instructions)
            for role, choice in choices.items()
        },
        provider=payload.voice_provider,
        max_duration_s=payload.max_duration_s,
        line=payload.line,
        launched_by=request.auth.user,
        idempotency_key=idempotency_key,
    )
    return Status(201, _build_created(conversation, _name_observer(request)))


@router.get(
    "conversations/{uuid:room_id}/status", response={200: ConversationState, **_ONE}, auth=Needs(VIEW_CONVERSATION)
)
def get_status(request: ApiRequest, room_id: UUID) -> ConversationState:
    """Tell where a call stands, who is in its room, and what it used."""
    return _build_state(_get_conversation(room_id))


@router.get(
    "conversations/{uuid:room_id}/transcript",
    response={200: Transcript, 422: ErrorBody, **_ONE},
    auth=Needs(VIEW_CONVERSATION),
)
def get_transcript(request: ApiRequest, room_id: UUID, after: Annotated[int, Query(ge=0)] = 0) -> Transcript:
    """List the turns after a seq, in order, also while the call runs."""
    conversation = _get_conversation(room_id)
    turns = transcript(conversation, after=after)
    return Transcript(items=turns, count=len(turns), tools=find_tool_uses(conversation))


@router.post(
    "conversations/{uuid:room_id}/end", response={200: ConversationState, **_ONE, 503: ErrorBody}, auth=Needs(END)
)
def end(request: ApiRequest, room_id: UUID) -> ConversationState:
    """End a call: both agents finish their sentence and leave. Ending an ended call changes nothing."""
    return _build_state(end_conversation(conversation_id=room_id, reason=EndReason.PERSON_ENDED))


@router.post(
    "conversations/{uuid:room_id}/token", response={200: Access, **_ONE, 409: ErrorBody}, auth=Needs(VIEW_CONVERSATION)
)
def create_token(request: ApiRequest, room_id: UUID) -> ObserverAccess:
    """Make a fresh observer token: hidden, subscribe-only, short-lived."""
    return observer_token(conversation=_get_conversation(room_id), observer=_name_observer(request))


@router.get(
    "conversations", response={200: ConversationList, 422: ErrorBody, **_REFUSALS}, auth=Needs(VIEW_CONVERSATION)
)
def list_conversations(request: ApiRequest, filters: Query[ConversationFilters]) -> dict[str, Any]:
    """List calls, newest first."""
    found = _find_conversations(filters)
    start = (filters.page - 1) * filters.page_size
    return {"items": list(found[start : start + filters.page_size]), "count": found.count()}


def _find_conversations(filters: ConversationFilters) -> QuerySet[Conversation]:
    wanted = CallFilter(
        words=filters.search.replace("\0", ""),
        statuses=(filters.status,) if filters.status else (),
        scenario=filters.scenario.replace("\0", ""),
        persona=filters.persona.replace("\0", ""),
        provider=filters.voice_provider,
        end_reason=filters.end_reason,
        label=filters.label.replace("\0", ""),
        since=filters.since,
        until=filters.until,
    )
    return find_calls(wanted).select_related("scenario")


def _get_conversation(room_id: UUID) -> Conversation:
    conversation = Conversation.objects.filter(pk=room_id).first()
    if conversation is None:
        raise NotFoundError("There is no such conversation.", hint="GET /api/v1/conversations lists them.")
    return conversation


def _name_observer(request: ApiRequest) -> str:
    return request.auth.user.get_username() if request.auth.user else "api"


def _build_created(conversation: Conversation, observer: str) -> Created:
    try:
        access: ObserverAccess | None = observer_token(conversation=conversation, observer=observer)
    except ConflictError:  # a repeated key, and its call is over
        access = None
    return Created(
        conversation_id=conversation.pk,
        room_id=conversation.pk,
        livekit_url=access.livekit_url if access else settings.LIVEKIT_URL,
        token=access.token if access else None,
        status=ConversationStatus(conversation.status),
    )


def _build_state(conversation: Conversation) -> ConversationState:
    people = count_people(conversation)
    status = conversation_status(conversation)
    return ConversationState(
        **status.model_dump(exclude={"steps"}),
        cost=status.cost_usd,
        room_id=conversation.pk,
        freight=find_state(conversation),
        verdict=find_verdict(conversation),
        participant_count=people.participants if people else None,
        observers=people.observers if people else None,
        usage=conversation_usage(conversation),
    )
