"""What OpenAI asks for a Realtime call, in US dollars. Models that are not listed have no known price."""

import re
from dataclasses import dataclass

from dispatchsim.domain.events import UsageReported

_MILLION = 1_000_000
_DATE = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens; cached ones are input that the model had read before."""

    text_in: float
    text_cached: float
    text_out: float
    audio_in: float
    audio_cached: float
    audio_out: float


# https://openai.com/api/pricing, autumn 2025
PRICES = {
    "gpt-realtime": Price(4.0, 0.4, 16.0, 32.0, 0.4, 64.0),
    "gpt-realtime-mini": Price(0.6, 0.06, 2.4, 10.0, 0.3, 20.0),
}


def find_price(model: str) -> Price | None:
    """Give the price of a model; dated names such as `gpt-realtime-2025-08-28` cost what their model costs."""
    return PRICES.get(_DATE.sub("", model))


def cost_usd(usage: UsageReported, *, model: str) -> float | None:
    """Give the price of one response; None where the model's price is not known."""
    price = find_price(model)
    if price is None:
        return None
    text_new = max(0, usage.input_text_tokens - usage.cached_text_tokens)
    audio_new = max(0, usage.input_audio_tokens - usage.cached_audio_tokens)
    total = (
        text_new * price.text_in
        + usage.cached_text_tokens * price.text_cached
        + usage.output_text_tokens * price.text_out
        + audio_new * price.audio_in
        + usage.cached_audio_tokens * price.audio_cached
        + usage.output_audio_tokens * price.audio_out
    )
    return total / _MILLION
