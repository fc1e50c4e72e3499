"""What an operator of the system says that a voice model costs, where the price list does not know it or is wrong."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone

KINDS = ("audio_in", "audio_cached", "audio_out", "text_in", "text_cached", "text_out")


def today() -> date:
    """Give the day, in UTC as prices and budgets count it."""
    return timezone.now().date()


def _usd(name: str, help_text: str = "") -> "models.DecimalField[Any, Any]":
    return models.DecimalField(
        name, max_digits=12, decimal_places=6, validators=[MinValueValidator(Decimal(0))], help_text=help_text
    )


class ModelPrice(models.Model):
    """The prices of one model from a day on, in US dollars for a million tokens."""

    model = models.CharField(
        max_length=100,
        validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._:-]*$", "Use the name as OpenAI writes it.")],
        help_text="As in “gpt-realtime-2.1”. It counts for dated names of the same model too.",
    )
    valid_from = models.DateField(
        "from",
        default=today,
        help_text="For calls launched on this day (UTC) or later, until the next entry of this model. "
        "With an earlier day, calls of the past get their cost as well.",
    )
    audio_in = _usd("audio in")
    audio_cached = _usd(
        "audio in, cached", "For those that the model had read before; as much as audio in where there is no rebate."
    )
    audio_out = _usd("audio out")
    text_in = _usd("text in")
    text_cached = _usd("text in, cached", "As much as text in where there is no rebate.")
    text_out = _usd("text out")

    class Meta:
        """One entry for a model and a day."""

        verbose_name = "price"
        ordering = ("model", "-valid_from")
        constraints = (models.UniqueConstraint(fields=["model", "valid_from"], name="model_price_is_unique"),)

    def __str__(self) -> str:
        return f"{self.model} from {self.valid_from}"
