"""Launch a conversation: freeze copies, write the row once, make the room, dispatch both agents."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import structlog
from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from pydantic import JsonValue

from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role, VoiceProvider
from dispatchsim.domain.errors import DispatchsimError, KeyReusedError, TooManyCallsError, UnavailableError
from dispatchsim.domain.frozen import FrozenPersona, FrozenScenario, InlineScenario
from dispatchsim.domain.line import LineQuality
from dispatchsim.gateways import voice_model
from dispatchsim.models import AgentSeat, Conversation, Persona, Scenario
from dispatchsim.services.agent_servers import are_draining
from dispatchsim.services.briefs import frozen_persona
from dispatchsim.services.budgets import prepare_prices, refuse_over_budget, refuse_unpriced
from dispatchsim.services.dispatching import dispatch_missing, open_room
from dispatchsim.services.event_log import record_change
from dispatchsim.services.freezing import AgentOverrides, freeze_scenario, freeze_sides, refuse_unknown_voices
from dispatchsim.services.lifecycle import end_conversation
from dispatchsim.services.readiness import default_provider

__all__ = [
    "AgentOverrides",
    "CallOrder",
    "FrozenPersona",
    "FrozenScenario",
    "InlineScenario",
    "LaunchedCalls",
    "launch_conversation",
    "launch_several",
    "preview_sides",
    "repeat_conversation",
]

ACTIVE = (ConversationStatus.LAUNCHING.value, ConversationStatus.LIVE.value, ConversationStatus.ENDING.value)
QUEUE_FACTOR = 4  # waiting calls for each that may run; more would wait for a quarter of an hour

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class CallOrder:
    """What kind of call is wanted."""

    scenario: Scenario | InlineScenario
    dispatcher: Persona
    driver: Persona
    overrides: Mapping[Role, AgentOverrides] = field(default_factory=dict)
    provider: VoiceProvider | None = None
    max_duration_s: int | None = None  # None: as long as the scenario allows
    line: LineQuality | None = None  # None: the scenario's own


@dataclass(frozen=True)
class LaunchedCalls:
    """The calls of one order, and what kept the rest from being launched."""

    calls: tuple[Conversation, ...]
    problem: DispatchsimError | None = None


def launch_conversation(
    *,
    scenario: Scenario | InlineScenario,
    dispatcher: Persona,
    driver: Persona,
    overrides: Mapping[Role, AgentOverrides] | None = None,
    provider: VoiceProvider | None = None,
    max_duration_s: int | None = None,
    line: LineQuality | None = None,
    launched_by: User | None = None,
    idempotency_key: str | None = None,
    expects_listener: bool = True,
) -> Conversation:
    """Launch a call and return its row: `launching`, or `queued` above MAX_CALLS and while agent servers drain.

    One conversation per idempotency key, however many launch at once; with another request the key is refused.
    Absent agent servers are no error: the supervisor dispatches when they are there.
    Raises InvalidInputError (field named; KeyReusedError), UnavailableError (part `livekit` or `voice_model`),
    TooManyCallsError, OverBudgetError.
    """
    order = CallOrder(scenario, dispatcher, driver, overrides or {}, provider, max_duration_s, line)
    return _launch_order(
        order, launched_by=launched_by, idempotency_key=idempotency_key, expects_listener=expects_listener
    )


def launch_several(
    *, order: CallOrder, count: int, launched_by: User | None = None, idempotency_key: str
) -> LaunchedCalls:
    """Launch the same call `count` times; once one is refused, those before it stay. Raises if the first one is.

    A single call waits for its listener; of several nobody can hear all.
    """
    calls: list[Conversation] = []
    for number in range(count):
        key = f"{idempotency_key}-{number}" if number else idempotency_key
        try:
            call = _launch_order(order, launched_by=launched_by, idempotency_key=key, expects_listener=count == 1)
        except DispatchsimError as error:
            if not calls:
                raise
            return LaunchedCalls(calls=tuple(calls), problem=error)
        calls.append(call)
    return LaunchedCalls(calls=tuple(calls))


def repeat_conversation(
    *, conversation: Conversation, launched_by: User | None = None, idempotency_key: str | None = None
) -> Conversation:
    """Launch a call again with the copies that it was made from: what changed in the library since does not count.

    Raises InvalidInputError (a voice; KeyReusedError), UnavailableError, TooManyCallsError, OverBudgetError.
    """
    key = idempotency_key or None
    request_hash = _hash({"again": str(conversation.pk)})
    known = _find_by_key(key, request_hash=request_hash)
    if known is not None:
        return known
    _pick_provider(VoiceProvider(conversation.voice_provider))
    refuse_unknown_voices({role: frozen_persona(conversation, role) for role in Role})
    return _launch_row(
        Conversation(
            idempotency_key=key,
            request_hash=request_hash,
            scenario_id=conversation.scenario_id,
            title=conversation.title,
            scenario_copy=conversation.scenario_copy,
            dispatcher_copy=conversation.dispatcher_copy,
            driver_copy=conversation.driver_copy,
            voice_provider=conversation.voice_provider,
            max_duration_s=conversation.max_duration_s,
            max_turns=conversation.max_turns,
            launched_by=launched_by,
        )
    )


def preview_sides(order: CallOrder) -> dict[Role, FrozenPersona]:
    """Give both agents of a call as it would be launched, prompts included. Raises InvalidInputError."""
    return _freeze(order, order.provider or default_provider())[1]


def _launch_order(
    order: CallOrder, *, launched_by: User | None, idempotency_key: str | None, expects_listener: bool
) -> Conversation:
    key = idempotency_key or None
    request_hash = _hash(_describe(order))
    known = _find_by_key(key, request_hash=request_hash)
    if known is not None:
        return known
    provider = _pick_provider(order.provider)
    frozen, sides = _freeze(order, provider)
    refuse_unknown_voices(sides)
    return _launch_row(
        Conversation(
            idempotency_key=key,
            request_hash=request_hash,
            scenario=order.scenario if isinstance(order.scenario, Scenario) else None,
            title=frozen.title,
            scenario_copy=frozen.model_dump(mode="json"),
            dispatcher_copy=sides[Role.DISPATCHER].model_dump(mode="json"),
            driver_copy=sides[Role.DRIVER].model_dump(mode="json"),
            voice_provider=provider.value,
            max_duration_s=frozen.max_duration_s,
            max_turns=frozen.max_turns,
            expects_listener=expects_listener,
            launched_by=launched_by,
        )
    )


def _hash(request: JsonValue) -> str:
    return sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()


def _describe(order: CallOrder) -> JsonValue:
    """Put into JSON what was asked for; the library's entries by name, for they may change between two tries."""
    scenario = order.scenario
    overrides: dict[str, JsonValue] = {
        role.value: [change.persona.slug if change.persona else None, change.voice, change.model, change.instructions]
        for role, change in order.overrides.items()
        if change != AgentOverrides()
    }
    return {
        "scenario": scenario.slug if isinstance(scenario, Scenario) else scenario.model_dump(mode="json"),
        "dispatcher": order.dispatcher.slug,
        "driver": order.driver.slug,
        "overrides": overrides,
        "provider": order.provider.value if order.provider else None,
        "max_duration_s": order.max_duration_s,
        "line": order.line.value if order.line else None,
    }


def _freeze(order: CallOrder, provider: VoiceProvider) -> tuple[FrozenScenario, dict[Role, FrozenPersona]]:
    frozen = freeze_scenario(order.scenario, max_duration_s=order.max_duration_s, line=order.line)
    personas = {Role.DISPATCHER: order.dispatcher, Role.DRIVER: order.driver}
    return frozen, freeze_sides(frozen, personas=personas, overrides=order.overrides, provider=provider)


def _launch_row(row: Conversation) -> Conversation:
    now = timezone.now()
    refuse_unpriced(row, now=now)
    prepare_prices(row)
    conversation, is_new = _insert_once(row, now=now)
    if is_new and conversation.status == ConversationStatus.LAUNCHING:
        _start(conversation)
    return conversation


def _start(conversation: Conversation) -> None:
    now = timezone.now()
    try:
        open_room(conversation_id=conversation.pk, now=now)
        dispatch_missing(conversation_id=conversation.pk, now=now)
    except UnavailableError as error:
        # The key is free again: whoever tries once more with it means a new call.
        Conversation.objects.filter(pk=conversation.pk).update(idempotency_key=None)
        end_conversation(conversation_id=conversation.pk, reason=EndReason.LIVEKIT_UNAVAILABLE, detail=error.message)
        raise
    conversation.refresh_from_db()


def _find_by_key(key: str | None, *, request_hash: str) -> Conversation | None:
    """Find what a key has launched. Raises KeyReusedError if it came with another request then."""
    known = None if key is None else Conversation.objects.filter(idempotency_key=key).first()
    if known is not None and known.request_hash not in ("", request_hash):  # empty: from before it was kept
        raise KeyReusedError
    return known


def _insert_once(row: Conversation, *, now: datetime) -> tuple[Conversation, bool]:
    """Write the row and its seats unless the key is taken; of several callers one gets True."""
    try:
        with transaction.atomic():
            known = _find_by_key(row.idempotency_key, request_hash=row.request_hash)
            if known is not None:
                return known, False
            _insert(row, now=now)
    except IntegrityError:
        # Postgres lets two insert at once, and tells the second one only then.
        known = _find_by_key(row.idempotency_key, request_hash=row.request_hash)
        if known is None:
            raise
        return known, False
    log.info("call launched", conversation_id=str(row.pk), status=row.status, voice_provider=row.voice_provider)
    return row, True


def _insert(row: Conversation, *, now: datetime) -> None:
    refuse_over_budget(row, now=now)  # first: it makes launches at once wait for each other
    waiting = Conversation.objects.filter(status=ConversationStatus.QUEUED.value).count()
    # A place that has just become free belongs to who waits: the supervisor gives it away with its next look.
    is_full = Conversation.objects.filter(status__in=ACTIVE).count() >= settings.MAX_CALLS
    is_queued = waiting > 0 or is_full or are_draining()
    if is_queued and waiting >= settings.MAX_CALLS * QUEUE_FACTOR:
        raise TooManyCallsError("Too many calls wait already.", hint="Try again in a minute, or end some of them.")
    row.status = (ConversationStatus.QUEUED if is_queued else ConversationStatus.LAUNCHING).value
    row.launching_at = None if is_queued else now
    row.save(force_insert=True)
    AgentSeat.objects.bulk_create([AgentSeat(conversation=row, role=role.value) for role in Role])
    record_change(row, event_type="call.queued" if is_queued else "call.launched", now=now)


def _pick_provider(provider: VoiceProvider | None) -> VoiceProvider:
    provider = provider or default_provider()
    if provider is VoiceProvider.OPENAI and not settings.OPENAI_API_KEY:
        raise UnavailableError(
            "There is no key for OpenAI's voice model.",
            part="voice_model",
            hint="Set OPENAI_API_KEY, or pick the rehearsal model.",
        )
    if provider is VoiceProvider.REHEARSAL and not voice_model.is_listening(settings.REHEARSAL_URL):
        raise UnavailableError(
            "The rehearsal model does not answer.",
            part="voice_model",
            hint="Start it with `python -m rehearsal`, or see why it stopped; its address is REHEARSAL_URL.",
        )
    return provider
