"""What tokens cost: by an operator's own prices, else by the price list in the `genai-prices` package.

Costs are worked out anew from the tokens that were kept, each time they are shown: a price that is entered counts for
calls of the past too, from its day on. What was spent on a day stays as it was counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from dispatchsim.domain.prices import TokenPrices
from dispatchsim.domain.tokens import Tokens
from dispatchsim.gateways import prices as price_list
from dispatchsim.models import ModelPrice
from dispatchsim.models.model_price import KINDS


@dataclass(frozen=True)
class PriceBook:
    """Own prices of each model, newest first, and behind them the price list."""

    own: Mapping[str, list[tuple[date, TokenPrices]]]

    def find_cost_usd(self, tokens: Tokens, *, model: str, at: datetime) -> Decimal | None:
        """Give what tokens cost at a time; None where nobody knows."""
        own = self._find_own(model, at.date())
        return own.cost_usd(tokens) if own else price_list.find_cost_usd(tokens, model=model, at=at)

    def is_priced(self, model: str, *, at: datetime) -> bool:
        """Tell whether anybody knows what a model costs."""
        return self.find_cost_usd(Tokens(), model=model, at=at) is not None

    def _find_own(self, model: str, day: date) -> TokenPrices | None:
        for name in price_list.names_of(model):
            for valid_from, prices in self.own.get(name, ()):
                if valid_from <= day:
                    return prices
        return None


def read_price_book() -> PriceBook:
    """Read the operator's prices: a handful of rows."""
    own: dict[str, list[tuple[date, TokenPrices]]] = {}
    for row in ModelPrice.objects.order_by("-valid_from"):
        prices = TokenPrices(**{kind: getattr(row, kind) for kind in KINDS})
        own.setdefault(row.model, []).append((row.valid_from, prices))
    return PriceBook(own=own)
