"""What OpenAI asks for tokens, in US dollars: the price list in the `genai-prices` package, never fetched anew.

The list is part of the locked package and carries the day on which a price changed. It is read when the first price is
asked for: it takes half a second and memory, and a system that only rehearses asks for none.
"""

import re
import threading
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from dispatchsim.domain.tokens import Tokens
from dispatchsim.domain.voice_models import DEFAULT_MODEL

_PROVIDER = "openai"
_DATE = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_KINDS = ("input_mtok", "output_mtok", "input_audio_mtok", "output_audio_mtok")  # what a voice model is paid for


def find_cost_usd(tokens: Tokens, *, model: str, at: datetime) -> Decimal | None:
    """Give what these tokens cost at a time; None where the list does not know the model, or not as one that speaks.

    Realtime prices have no tiers, so that the price of a sum is the sum of the prices.
    """
    for name in names_of(model):
        cost = _ask(tokens, model=name, at=at)
        if cost is not None:
            return cost
    return None


def names_of(model: str) -> tuple[str, ...]:
    """Give the names to look a model up by: dated names cost what their model costs."""
    return tuple(dict.fromkeys((model, _DATE.sub("", model))))


@cache
def prepare() -> None:
    """Read the list in a thread of its own, once, so that the first report of a call does not wait for it."""
    now = datetime.now(UTC)
    threading.Thread(target=is_priced, args=(DEFAULT_MODEL,), kwargs={"at": now}, daemon=True).start()


def is_priced(model: str, *, at: datetime) -> bool:
    """Tell whether the list knows a model."""
    return find_cost_usd(Tokens(), model=model, at=at) is not None


def _ask(tokens: Tokens, *, model: str, at: datetime) -> Decimal | None:
    from genai_prices import Usage, calc_price  # noqa: PLC0415  (see above)

    cached_text = min(tokens.cached_text_tokens, tokens.input_text_tokens)
    cached_audio = min(tokens.cached_audio_tokens, tokens.input_audio_tokens)
    # To the list, audio is a part of all tokens and cached ones are a part of those that came in.
    usage = Usage(
        input_tokens=tokens.input_text_tokens + tokens.input_audio_tokens,
        input_audio_tokens=tokens.input_audio_tokens,
        cache_read_tokens=cached_text + cached_audio,
        cache_audio_read_tokens=cached_audio,
        output_tokens=tokens.output_text_tokens + tokens.output_audio_tokens,
        output_audio_tokens=tokens.output_audio_tokens,
    )
    try:
        price = calc_price(usage, model, provider_id=_PROVIDER, genai_request_timestamp=at)
    except LookupError:
        return None
    # A text model's price would count sound as text, at a tenth of what it costs or less.
    return price.total_price if all(getattr(price.model_price, kind, None) for kind in _KINDS) else None
