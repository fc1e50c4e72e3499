"""What voice models cost, where the price list does not know it."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from dispatchsim.admin.times import day_of
from dispatchsim.models import ModelPrice


@admin.register(ModelPrice)
class ModelPriceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Prices of one's own: they count before those of the list."""

    list_display = ("model", "from_day", "audio", "text")
    search_fields = ("model",)
    fieldsets = (
        (None, {"fields": ("model", "valid_from")}),
        (
            "US dollars for a million tokens",
            {
                "fields": (("audio_in", "audio_cached", "audio_out"), ("text_in", "text_cached", "text_out")),
                "description": "They count before the price list of the system, for costs and for budgets. "
                "Cached tokens are a part of those that came in.",
            },
        ),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Call the list what it holds."""
        title = "Prices for a million tokens, in US dollars"
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Call the form what it does."""
        context = {"title": "Change a price" if object_id else "Add a price", **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    @admin.display(description="from", ordering="valid_from")
    def from_day(self, price: ModelPrice) -> str:
        """Write the day as the other lists do."""
        return day_of(price.valid_from)

    @admin.display(description="audio")
    def audio(self, price: ModelPrice) -> str:
        """Sum up what sound costs."""
        return _sum_up(price.audio_in, price.audio_cached, price.audio_out)

    @admin.display(description="text")
    def text(self, price: ModelPrice) -> str:
        """Sum up what text costs."""
        return _sum_up(price.text_in, price.text_cached, price.text_out)


def _sum_up(came_in: Decimal, cached: Decimal, went_out: Decimal) -> str:
    return f"in {_plain(came_in)}, cached {_plain(cached)}, out {_plain(went_out)}"


def _plain(usd: Decimal) -> str:
    text = f"{usd:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
