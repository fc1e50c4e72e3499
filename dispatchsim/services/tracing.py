"""One trace for each call that is over, built from its rows: call, agents, their turns and tools, with the real times.

Only for an operator who set Langfuse's keys or an OTLP endpoint: prompts and spoken text are part of a trace.

    call ──┬── agent ──┬── turn …
           └── agent   └── tool …
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings

from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role
from dispatchsim.domain.frozen import FrozenPersona
from dispatchsim.domain.tokens import Tokens
from dispatchsim.gateways.tracing import AttributeValue, Destination, SpanRecord, langfuse, otlp, send_trace
from dispatchsim.models import AgentSeat, Conversation, Event, Turn
from dispatchsim.services.briefs import frozen_persona
from dispatchsim.services.usage import conversation_usage, cost_of, usage_of_agents
from dispatchsim.services.verdicts import find_verdict

SETTLED_AFTER = timedelta(seconds=3)  # last reports may come in after the end
GIVEN_UP_AFTER = timedelta(hours=1)  # a collector that is away for longer misses the call
LONGEST_LIFE = timedelta(hours=4)  # from launch to end, with the queue
AT_ONCE = 20  # traces of one look

Attributes = dict[str, AttributeValue | None]
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Traced:
    """What one look sent."""

    sent: int = 0
    failed: int = 0


def find_destinations() -> list[Destination]:
    """List where traces go; nowhere unless an operator set it."""
    found: list[Destination] = []
    if settings.LANGFUSE_PUBLIC_KEY and settings.LANGFUSE_SECRET_KEY:
        public_key, secret_key = settings.LANGFUSE_PUBLIC_KEY, settings.LANGFUSE_SECRET_KEY
        found.append(langfuse(host=settings.LANGFUSE_HOST, public_key=public_key, secret_key=secret_key))
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        found.append(otlp(settings.OTEL_EXPORTER_OTLP_ENDPOINT))
    return found


def trace_finished_calls(*, now: datetime) -> Traced:
    """Send the trace of each call that has just ended, once; what was not taken is sent again with a later look.

    Waits for the collector: call it where no call waits for it, and outside transactions.
    """
    destinations = find_destinations()
    if not destinations:
        return Traced()
    results = [_trace(conversation, destinations, now=now) for conversation in _find_untraced(now)]
    return Traced(sent=results.count(True), failed=results.count(False))


def build_trace(conversation: Conversation) -> list[SpanRecord]:
    """Build the spans of a call that is over."""
    call = _build_call(conversation)
    seats = AgentSeat.objects.filter(conversation=conversation).order_by("role")
    agents = [_build_agent(conversation, seat, call) for seat in seats]
    turns = Turn.objects.filter(conversation=conversation).order_by("seq")
    tools = Event.objects.filter(conversation=conversation, type="tool.called").order_by("seq")
    return [
        call,
        *agents,
        *(_build_turn(conversation, turn, call) for turn in turns),
        *_build_tools(conversation, tools),
    ]


def _find_untraced(now: datetime) -> Iterable[Conversation]:
    final = [status.value for status in ConversationStatus if status.is_final]
    return Conversation.objects.filter(
        traced_at=None,
        status__in=final,
        created_at__gte=now - GIVEN_UP_AFTER - LONGEST_LIFE,
        ended_at__gte=now - GIVEN_UP_AFTER,
        ended_at__lte=now - SETTLED_AFTER,
    ).order_by("ended_at")[:AT_ONCE]


def _trace(conversation: Conversation, destinations: list[Destination], *, now: datetime) -> bool | None:
    """Send one call's trace everywhere; None when another supervisor does."""
    if not Conversation.objects.filter(pk=conversation.pk, traced_at=None).update(traced_at=now):
        return None
    spans = build_trace(conversation)
    refused = [one.name for one in destinations if not send_trace(one, trace_id=conversation.pk, spans=spans)]
    if refused:
        Conversation.objects.filter(pk=conversation.pk).update(traced_at=None)
        log.warning("trace not taken", conversation_id=str(conversation.pk), by=",".join(refused))
    return not refused


def _build_call(conversation: Conversation) -> SpanRecord:
    reason = EndReason(conversation.end_reason) if conversation.end_reason else None
    cost = cost_of(conversation)
    usage = conversation_usage(conversation)
    attributes: Attributes = {
        "gen_ai.operation.name": "invoke_workflow",
        "gen_ai.workflow.name": conversation.title,
        "gen_ai.conversation.id": str(conversation.pk),
        "dispatchsim.scenario": conversation.scenario_copy.get("slug") or None,
        "dispatchsim.voice_provider": conversation.voice_provider,
        "dispatchsim.status": conversation.status,
        "dispatchsim.end_reason": conversation.end_reason or None,
        "dispatchsim.end_sentence": reason.sentence if reason else None,
        "dispatchsim.end_detail": conversation.end_detail or None,
        "dispatchsim.turns": conversation.last_turn_seq,
        "dispatchsim.duration_s": conversation.duration_s,
        "dispatchsim.responses": usage.responses,
        "dispatchsim.cost_usd": None if cost.usd is None else float(cost.usd),
        "dispatchsim.is_unpriced": cost.is_unpriced,
    }
    has_failed = conversation.status == ConversationStatus.FAILED
    return SpanRecord(
        key="call",
        name=f"invoke_workflow {conversation.title}",
        started_at=conversation.created_at,
        ended_at=conversation.ended_at or conversation.created_at,
        attributes=attributes | _verdict(conversation),
        error=reason.sentence if has_failed and reason else None,
    )


def _verdict(conversation: Conversation) -> Attributes:
    """Tell what the freight came to: the whole in one place, and each check by its name, to be filtered by."""
    verdict = find_verdict(conversation)
    if verdict is None:
        return {}
    return {
        "dispatchsim.verdict": verdict.joint.value,
        "dispatchsim.verdict.expected": verdict.expected and verdict.expected.value,
        "dispatchsim.verdict.outcomes": ",".join(outcome.value for outcome in verdict.outcomes),
        "dispatchsim.verdict.reasons": " ".join(verdict.reasons) or None,
        "dispatchsim.verdict.checks": json.dumps([check.model_dump(mode="json") for check in verdict.checks]),
        **{f"dispatchsim.verdict.{role.value}": result.value for role, result in verdict.agents.items()},
        **{
            f"dispatchsim.check.{check.name}" + (f".{check.role.value}" if check.role else ""): check.result.value
            for check in verdict.checks
        },
    }


def _build_agent(conversation: Conversation, seat: AgentSeat, call: SpanRecord) -> SpanRecord:
    role = Role(seat.role)
    persona = frozen_persona(conversation, role)
    prompt = [{"type": "text", "content": persona.instructions}]
    return SpanRecord(
        key=role.value,
        parent_key=call.key,
        name=f"invoke_agent {persona.name}",
        started_at=seat.joined_at or seat.dispatched_at or call.started_at,
        ended_at=seat.left_at or call.ended_at,
        attributes=_common(conversation, role, persona)
        | _usage(usage_of_agents(conversation).get(role, Tokens()))
        | {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.system_instructions": json.dumps(prompt, ensure_ascii=False),
            "dispatchsim.voice": persona.voice.voice,
        },
    )


def _build_turn(conversation: Conversation, turn: Turn, call: SpanRecord) -> SpanRecord:
    role = Role(turn.speaker)
    zero = conversation.floor_opened_at or call.started_at
    finish = "interrupted" if turn.interrupted else "stop"
    said = [{"role": "assistant", "parts": [{"type": "text", "content": turn.text}], "finish_reason": finish}]
    return SpanRecord(
        key=f"turn {turn.speaker} {turn.turn_id}",
        parent_key=role.value,
        name=f"turn {turn.seq}",
        started_at=zero + timedelta(seconds=turn.start_s),
        ended_at=call.ended_at if turn.end_s is None else zero + timedelta(seconds=turn.end_s),
        attributes=_common(conversation, role, frozen_persona(conversation, role))
        | {
            "gen_ai.operation.name": "chat",
            "gen_ai.output.type": "speech",
            "gen_ai.output.messages": json.dumps(said, ensure_ascii=False),
            "dispatchsim.turn.seq": turn.seq,
            "dispatchsim.turn.interrupted": turn.interrupted,
            "dispatchsim.turn.heard_as": turn.heard_as,
            "dispatchsim.turn.response_latency_s": turn.response_latency_s,
        },
    )


def _build_tools(conversation: Conversation, events: Iterable[Event]) -> Iterator[SpanRecord]:
    for event in events:
        role = event.role or event.payload.get("role")
        if role not in set(Role):
            continue
        name = str(event.payload.get("name", ""))
        yield SpanRecord(
            key=f"tool {event.seq}",
            parent_key=role,
            name=f"execute_tool {name}",
            started_at=event.at,  # they are done at once; how long they took is not reported
            ended_at=event.at,
            attributes=_common(conversation, Role(role), frozen_persona(conversation, Role(role)))
            | {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": name,
                "gen_ai.tool.type": "function",
                "gen_ai.tool.call.id": str(event.payload.get("call_id", "")),
                "gen_ai.tool.call.arguments": _text(event.payload.get("arguments")),
                "gen_ai.tool.call.result": _text(event.payload.get("result")),
                "dispatchsim.tool.refused_because": _refusal(event.payload.get("result")),
            },
        )


def _common(conversation: Conversation, role: Role, persona: FrozenPersona) -> Attributes:
    return {
        "gen_ai.conversation.id": str(conversation.pk),
        "gen_ai.provider.name": conversation.voice_provider,
        "gen_ai.request.model": persona.voice.model,
        "gen_ai.agent.id": role.value,
        "gen_ai.agent.name": persona.name,
    }


def _usage(tokens: Tokens) -> Attributes:
    return {
        "gen_ai.usage.input_tokens": tokens.input_text_tokens + tokens.input_audio_tokens,
        "gen_ai.usage.output_tokens": tokens.output_text_tokens + tokens.output_audio_tokens,
        "gen_ai.usage.cache_read.input_tokens": tokens.cached_text_tokens + tokens.cached_audio_tokens,
    } | {f"dispatchsim.usage.{name}": value for name, value in tokens.model_dump().items()}


def _refusal(result: object) -> str | None:
    if not isinstance(result, dict) or result.get("ok") is not False:
        return None
    return str(result.get("reason", ""))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
