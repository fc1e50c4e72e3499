"""What is at stake in a call: the money, the decision, and what each side alone knows."""

import re
from dataclasses import dataclass

from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.freight import words
from dispatchsim.domain.freight.case import FreightCase, FreightOutcome
from dispatchsim.domain.freight.sheet import build_full_sheet
from dispatchsim.domain.frozen import FrozenScenario
from dispatchsim.domain.load_sheet import Fact, parse_load_sheet
from dispatchsim.models import Scenario
from dispatchsim.models.freight_text import parse_freight

_MONEY = re.compile(r"\b(rate|pay|price|fee|detention|dollars?|lumper|layover|bonus)\b|\$", re.IGNORECASE)
_DOLLARS = re.compile(r"([\d,]+(?:\.\d\d)?) dollars?")


@dataclass(frozen=True)
class Stakes:
    """One scenario with what its call is about."""

    scenario: Scenario | FrozenScenario
    money: tuple[Fact, ...]
    facts: tuple[Fact, ...]  # the rest of the load sheet
    accepts: bool
    reason: str  # why the driver declines
    outcome: FreightOutcome | None  # how it should end; None: the driver decides as told


def build_stakes(scenario: Scenario) -> Stakes:
    """Read the stakes of a scenario; a load sheet that cannot be read has no facts."""
    try:
        facts = parse_load_sheet(scenario.load_sheet)
    except InvalidInputError:
        facts = ()
    return _build(scenario, facts, _read_freight(scenario))


def build_call_stakes(scenario: FrozenScenario) -> Stakes:
    """Read the stakes of a call, with the whole load sheet of its dispatcher; one that cannot be read is empty."""
    case, sheet = scenario.freight, scenario.load_sheet
    try:
        facts = build_full_sheet(case, load_sheet=sheet) if case else parse_load_sheet(sheet)
    except InvalidInputError:
        facts = ()
    return _build(scenario, facts, case)


def _build(scenario: Scenario | FrozenScenario, facts: tuple[Fact, ...], case: FreightCase | None) -> Stakes:
    money = tuple(fact for fact in facts if _MONEY.search(f"{fact.key} {fact.value}"))
    verb, _, reason = scenario.driver_decision.partition(":")
    return Stakes(
        scenario=scenario,
        money=tuple(Fact(key=fact.key, value=_DOLLARS.sub(r"$\1", fact.value)) for fact in (*_limits(case), *money)),
        facts=tuple(fact for fact in facts if fact not in money),
        accepts=verb.strip().lower() == "accept",
        reason=reason.strip(),
        outcome=case.truth.outcome if case else None,
    )


def _read_freight(scenario: Scenario) -> FreightCase | None:
    try:
        return parse_freight(scenario.freight)
    except InvalidInputError:  # a script may have stored one that cannot be read
        return None


def _limits(case: FreightCase | None) -> tuple[Fact, ...]:
    """Tell the limits of both sides: who launches a call plays neither."""
    if case is None:
        return ()
    amounts = {
        "opening rate": case.money.rate,
        "dispatcher pays at most": case.money.ceiling,
        "driver takes at least": case.money.floor,
        "detention owed": case.remedy.amount if case.remedy else None,
    }
    return tuple(Fact(key=key, value=words.usd(amount)) for key, amount in amounts.items() if amount is not None)
