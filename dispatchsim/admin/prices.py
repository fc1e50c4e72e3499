"""What voice models cost, where the price list does not know it."""

from django.contrib import admin

from dispatchsim.models import ModelPrice


@admin.register(ModelPrice)
class ModelPriceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Prices of one's own: they count before those of the list."""

    list_display = (
        "model",
        "valid_from",
        "audio_in",
        "audio_cached",
        "audio_out",
        "text_in",
        "text_cached",
        "text_out",
    )
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
