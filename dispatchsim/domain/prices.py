"""What tokens cost at prices that somebody wrote down. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from dispatchsim.domain.tokens import Tokens

_MILLION = 1_000_000


@dataclass(frozen=True)
class TokenPrices:
    """US dollars for a million tokens of each kind. Cached tokens are a part of those that came in."""

    text_in: Decimal
    text_cached: Decimal
    text_out: Decimal
    audio_in: Decimal
    audio_cached: Decimal
    audio_out: Decimal

    def cost_usd(self, tokens: Tokens) -> Decimal:
        """Add up what tokens cost; more cached ones than came in count as all of them."""
        text_cached = min(tokens.cached_text_tokens, tokens.input_text_tokens)
        audio_cached = min(tokens.cached_audio_tokens, tokens.input_audio_tokens)
        return (
            self.text_in * (tokens.input_text_tokens - text_cached)
            + self.text_cached * text_cached
            + self.text_out * tokens.output_text_tokens
            + self.audio_in * (tokens.input_audio_tokens - audio_cached)
            + self.audio_cached * audio_cached
            + self.audio_out * tokens.output_audio_tokens
        ) / _MILLION
