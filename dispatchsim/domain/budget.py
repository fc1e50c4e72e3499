"""Money that may be spent: what is left of a budget, and when a call must come to its end.

spent  0 ──► 90%: two turns left ──► 100%: the call is ended
"""

from dataclasses import dataclass
from decimal import Decimal

WRAP_UP_SHARE = Decimal("0.9")  # what is left then is about two turns of a call of a few minutes


@dataclass(frozen=True)
class Budget:
    """A limit in US dollars and what has been spent of it; `whose` completes "for …"."""

    whose: str
    limit_usd: Decimal
    spent_usd: Decimal

    @property
    def is_low(self) -> bool:
        """Whether a call should wrap up."""
        return self.spent_usd >= self.limit_usd * WRAP_UP_SHARE

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may be spent."""
        return self.spent_usd >= self.limit_usd

    @property
    def sentence(self) -> str:
        """How much was spent of what, for people."""
        return f"{dollars(self.spent_usd)} of {dollars(self.limit_usd)} for {self.whose} was spent."


def has_room(*, limit_usd: Decimal, spent_usd: Decimal, set_aside_usd: Decimal, call_usd: Decimal) -> bool:
    """Tell whether one more call fits into a budget, beside what is set aside for calls that are on."""
    return spent_usd < limit_usd and spent_usd + set_aside_usd + call_usd <= limit_usd


def dollars(amount: Decimal) -> str:
    """Write an amount as `$0.42`, or with four places where cents say too little."""
    return f"${amount:.2f}" if amount >= Decimal("0.10") or not amount else f"${amount:.4f}"
