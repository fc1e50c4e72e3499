"""Budgets: what a call and a day may cost. A call that runs out is wrapped up, a launch beyond the day's is refused.

With a budget for calls, each launch sets that much of the day's budget aside, so that calls which are on cannot pass it
together. Without one, the day's budget wraps up the calls that are on when it runs out.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from dispatchsim.domain.budget import Budget, dollars, has_room
from dispatchsim.domain.conversation import ConversationStatus, Role
from dispatchsim.domain.errors import OverBudgetError
from dispatchsim.domain.events import AgentEvent, UsageReported
from dispatchsim.gateways.prices import prepare
from dispatchsim.models import Conversation, Spending
from dispatchsim.services.prices import read_price_book
from dispatchsim.services.usage import cost_of, costs_of, is_paid, model_of, price_reports

_NOTHING = Decimal(0)
_UNFINISHED = [status.value for status in ConversationStatus if not status.is_final]
_REHEARSE = "launch it with the rehearsal model, which costs nothing"


def prepare_prices(row: Conversation) -> None:
    """Have the price list read while a call that costs something is being set up."""
    if is_paid(row):
        prepare()


def refuse_unpriced(row: Conversation, *, now: datetime) -> None:
    """Refuse a call whose price nobody knows while a budget is set: it could not be kept. Raises OverBudgetError."""
    has_budget = settings.CALL_BUDGET_USD is not None or settings.DAY_BUDGET_USD is not None
    if not has_budget or not is_paid(row):
        return
    book = read_price_book()
    for model in {model_of(row, role) for role in Role}:
        if not book.is_priced(model, at=now):
            raise OverBudgetError(
                f"The price of {model} is not known, so that no budget can be kept.",
                hint=f"Enter its prices in the library, pick another model, unset the budgets, or {_REHEARSE}.",
            )


def refuse_over_budget(row: Conversation, *, now: datetime) -> None:
    """Refuse a launch that the day's budget has no room for. Raises OverBudgetError.

    Call it in the transaction that writes the row: launches at once wait for each other here.
    """
    limit = settings.DAY_BUDGET_USD
    if limit is None or not is_paid(row):
        return
    spent = lock_spending(now).spent_usd
    call = settings.CALL_BUDGET_USD or _NOTHING
    set_aside = _set_aside(call) if call else _NOTHING
    if has_room(limit_usd=limit, spent_usd=spent, set_aside_usd=set_aside, call_usd=call):
        return
    more = (
        f", {dollars(set_aside)} is set aside for calls that are on, and a call may cost {dollars(call)}"
        if call
        else ""
    )
    raise OverBudgetError(
        f"The day's budget has no room for another call: {dollars(spent)} of {dollars(limit)} is spent{more}.",
        hint=f"Wait for the next day (UTC), raise DISPATCHSIM_DAY_BUDGET_USD, or {_REHEARSE}.",
    )


def record_spending(conversation: Conversation, *, role: Role, events: Sequence[AgentEvent], now: datetime) -> None:
    """Add what an agent's new events cost to the day, in the transaction that stores them."""
    reports = [event for event in events if isinstance(event, UsageReported)]
    if not reports or not is_paid(conversation):
        return
    cost = price_reports(conversation, role=role, reports=reports)
    if cost:
        spending = lock_spending(now)
        spending.spent_usd += cost
        spending.save(update_fields=["spent_usd"])


def is_budget_low(conversation: Conversation, *, now: datetime) -> bool:
    """Tell whether a live call should wrap up for what it costs."""
    return any(budget.is_low for budget in _budgets_of(conversation, now=now))


def find_spent_budget(conversation: Conversation, *, now: datetime) -> Budget | None:
    """Give the budget that ends this call; None while there is money left."""
    return next((budget for budget in _budgets_of(conversation, now=now) if budget.is_spent), None)


def lock_spending(now: datetime) -> Spending:
    """Read the day's row for a change, inside a transaction."""
    day = now.date()
    Spending.objects.get_or_create(day=day)
    return Spending.objects.select_for_update().get(day=day)


def _budgets_of(conversation: Conversation, *, now: datetime) -> list[Budget]:
    if not is_paid(conversation):
        return []
    if settings.CALL_BUDGET_USD is not None:
        return [Budget("this call", settings.CALL_BUDGET_USD, cost_of(conversation).usd or _NOTHING)]
    if settings.DAY_BUDGET_USD is not None:
        today = Spending.objects.filter(day=now.date()).first()
        return [Budget("the day", settings.DAY_BUDGET_USD, today.spent_usd if today else _NOTHING)]
    return []


def _set_aside(call_usd: Decimal) -> Decimal:
    """Add up what unfinished calls may still spend."""
    costs = costs_of(call for call in Conversation.objects.filter(status__in=_UNFINISHED) if is_paid(call))
    return sum((max(_NOTHING, call_usd - (cost.usd or _NOTHING)) for cost in costs.values()), _NOTHING)
