"""Launch calls, watch them, end them, and find them again."""

# ruff: noqa: ARG001  (the framework passes the request, wanted or not)

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from ninja import Header, Query, Router, Status

from dispatchsim.api.auth import ApiRequest, Needs
from dispatchsim.api.conversation_schemas import (
    Access,
    AgentRequest,
    ConversationFilters,
    ConversationList,
    ConversationState,
    Created,
    CreateRequest,
    Transcript,
)
from dispatchsim.api.errors import ErrorBody
from dispatchsim.api.request_fields import name_request_fields
from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role
from dispatchsim.domain.errors import ConflictError, NotFoundError
from dispatchsim.domain.frozen import InlineScenario
from dispatchsim.domain.voice_models import doubt_voice
from dispatchsim.models import Conversation
from dispatchsim.services.accounts import END, LAUNCH, VIEW_CONVERSATION
from dispatchsim.services.attendance import count_people
from dispatchsim.services.freight_tools import find_state
from dispatchsim.services.history import CallFilter, find_calls
from dispatchsim.services.launch import AgentOverrides, launch_conversation
from dispatchsim.services.library import get_persona, get_scenario
from dispatchsim.services.library_checks import find_doubts_of_order
from dispatchsim.services.lifecycle import end_conversation
from dispatchsim.services.observers import ObserverAccess, observer_token
from dispatchsim.services.status import conversation_status
from dispatchsim.services.tool_uses import find_tool_uses
from dispatchsim.services.transcript import transcript
from dispatchsim.services.usage import conversation_usage
from dispatchsim.services.verdicts import find_verdict

router = Router(tags=["conversations"])
_REFUSALS = {401: ErrorBody, 403: ErrorBody}
_ONE = {**_REFUSALS, 404: ErrorBody}


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
    with name_request_fields(is_inline=not isinstance(payload.scenario, str)):
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
    warnings = [*_doubt_stakes(payload.scenario), *_doubt_voices(choices)]
    return Status(201, _build_created(conversation, _name_observer(request), warnings=warnings))


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
    """End a call at once, in the middle of a sentence. Ending an ended call changes nothing."""
    return _build_state(
        end_conversation(conversation_id=room_id, reason=EndReason.PERSON_ENDED, ended_by=request.auth.user)
    )


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
        guard=filters.guard,
        verdict=filters.verdict,
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


def _doubt_stakes(scenario: str | InlineScenario) -> list[str]:
    return [f"scenario.{field}: {doubt}" for field, doubt in find_doubts_of_order(scenario).items()]


def _doubt_voices(choices: Mapping[Role, AgentRequest]) -> list[str]:
    doubts = {role: doubt_voice(choice.voice) for role, choice in choices.items() if choice.voice}
    return [f"overrides.{role}.voice: {doubt}" for role, doubt in doubts.items() if doubt]


def _build_created(conversation: Conversation, observer: str, *, warnings: list[str]) -> Created:
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
        warnings=warnings,
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
