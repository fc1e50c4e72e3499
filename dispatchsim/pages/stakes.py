"""What is at stake in a call: the money, the decision, and what each side alone knows."""

import re
from dataclasses import dataclass

from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.load_sheet import Fact, parse_load_sheet
from dispatchsim.models import Scenario

_MONEY = re.compile(r"\b(rate|pay|price|fee|detention|dollars?|lumper|layover|bonus)\b|\$", re.IGNORECASE)
_DOLLARS = re.compile(r"([\d,]+(?:\.\d\d)?) dollars?")


@dataclass(frozen=True)
class Stakes:
    """One scenario with what its call is about."""

    scenario: Scenario
    money: tuple[Fact, ...]
    facts: tuple[Fact, ...]  # the rest of the load sheet
    accepts: bool
    reason: str  # why the driver declines


def build_stakes(scenario: Scenario) -> Stakes:
    """Read the stakes of a scenario; a load sheet that cannot be read has no facts."""
    try:
        facts = parse_load_sheet(scenario.load_sheet)
    except InvalidInputError:
        facts = ()
    money = tuple(fact for fact in facts if _MONEY.search(f"{fact.key} {fact.value}"))
    verb, _, reason = scenario.driver_decision.partition(":")
    return Stakes(
        scenario=scenario,
        money=tuple(Fact(key=fact.key, value=_DOLLARS.sub(r"$\1", fact.value)) for fact in money),
        facts=tuple(fact for fact in facts if fact not in money),
        accepts=verb.strip().lower() == "accept",
        reason=reason.strip(),
    )
