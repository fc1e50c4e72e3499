"""What a call used up and what that costs, from the usage that both agents reported."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.domain.events import UsageReported
from dispatchsim.domain.tokens import Tokens
from dispatchsim.models import Conversation, Event
from dispatchsim.services.prices import PriceBook, read_price_book


class UsageView(Tokens):
    """Tokens of both agents together."""

    responses: int = 0


@dataclass(frozen=True)
class CallCost:
    """US dollars for a call; None where nothing is to be paid, nothing was used yet, or a price is not known."""

    usd: Decimal | None = None
    is_unpriced: bool = False  # something is to be paid, and nobody here knows how much

    @property
    def is_none(self) -> bool:
        """Whether there is nothing to tell of."""
        return self.usd is None and not self.is_unpriced


def conversation_usage(conversation: Conversation) -> UsageView:
    """Add up the usage events of a conversation."""
    payloads = Event.objects.filter(conversation_id=conversation.pk, type="usage").values_list("payload", flat=True)
    reports = [Tokens.model_validate(payload) for payload in payloads]
    return UsageView(responses=len(reports), **sum(reports, Tokens()).model_dump())


def usage_of_agents(conversation: Conversation) -> dict[Role, Tokens]:
    """Add up the usage events of each agent."""
    used: dict[Role, Tokens] = defaultdict(Tokens)
    reports = Event.objects.filter(conversation_id=conversation.pk, type="usage")
    for role, payload in reports.values_list("role", "payload"):
        used[Role(role)] += Tokens.model_validate(payload)
    return used


def cost_of(conversation: Conversation) -> CallCost:
    """Tell what one call has cost by now."""
    return costs_of([conversation])[conversation.pk]


def costs_of(calls: Iterable[Conversation]) -> dict[UUID, CallCost]:
    """Tell what each of these calls has cost by now; the rehearsal model costs nothing."""
    calls = list(calls)
    used = _read_used({call.pk: call for call in calls if is_paid(call)})
    book = read_price_book() if used else PriceBook(own={})
    return {call.pk: _price(call, used.get(call.pk, {}), book) for call in calls}


def find_unpriced_models(conversation: Conversation) -> list[str]:
    """Name the models of a call whose prices nobody knows."""
    used = _read_used({conversation.pk: conversation} if is_paid(conversation) else {}).get(conversation.pk, {})
    costs = _find_costs(conversation, used, read_price_book())
    return [model for model, cost in zip(used, costs, strict=True) if cost is None]


def is_paid(conversation: Conversation) -> bool:
    """Tell whether somebody asks money for this call's voices."""
    return conversation.voice_provider == VoiceProvider.OPENAI


def model_of(conversation: Conversation, role: Role) -> str:
    """Give the name of the model that speaks for one side."""
    copy = conversation.dispatcher_copy if role is Role.DISPATCHER else conversation.driver_copy
    return str(copy.get("voice", {}).get("model", ""))


def price_reports(conversation: Conversation, *, role: Role, reports: Iterable[UsageReported]) -> Decimal:
    """Add up what new reports of one agent cost; what has no known price adds nothing."""
    used: dict[str, Tokens] = defaultdict(Tokens)
    for report in reports:
        used[report.model or model_of(conversation, role)] += report
    return sum((cost for cost in _find_costs(conversation, used, read_price_book()) if cost is not None), Decimal(0))


def _read_used(paid: Mapping[UUID, Conversation]) -> dict[UUID, dict[str, Tokens]]:
    """Add up by call and model: a price is looked up once for all responses of a model."""
    used: dict[UUID, dict[str, Tokens]] = defaultdict(lambda: defaultdict(Tokens))
    if not paid:
        return used
    reports = Event.objects.filter(conversation_id__in=paid, type="usage")
    for pk, role, payload in reports.values_list("conversation_id", "role", "payload"):
        used[pk][payload.get("model") or model_of(paid[pk], Role(role))] += Tokens.model_validate(payload)
    return used


def _price(conversation: Conversation, used: Mapping[str, Tokens], book: PriceBook) -> CallCost:
    costs = _find_costs(conversation, used, book)
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs):
        return CallCost(is_unpriced=True)
    return CallCost(usd=sum(known, Decimal(0))) if known else CallCost()


def _find_costs(conversation: Conversation, used: Mapping[str, Tokens], book: PriceBook) -> list[Decimal | None]:
    # The price of the day on which the call was launched; the agents' clocks are not ours.
    return [book.find_cost_usd(tokens, model=model, at=conversation.created_at) for model, tokens in used.items()]
