"""Personas: who plays."""

from collections.abc import Sequence
from typing import ClassVar

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dispatchsim.admin.entries import EntryAdmin, count_calls_by_copy, link_to_calls
from dispatchsim.admin.forms import PersonaForm
from dispatchsim.admin.scenarios import CallsFilter
from dispatchsim.domain.conversation import Role
from dispatchsim.models import Persona


@admin.register(Persona)
class PersonaAdmin(EntryAdmin):
    """Personas, with any voice."""

    # By the copies that calls keep; a slug stands in the copies of one role alone.
    call_counter = count_calls_by_copy("dispatcher_copy") + count_calls_by_copy("driver_copy")
    form = PersonaForm
    list_display = ("name", "about", "role", "voice", "speed", "version", "calls", "changed")
    list_filter = ("role", "voice", "is_interruptible", CallsFilter)
    search_fields = ("name", "title", "slug", "character")
    prepopulated_fields: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "title", "slug", "role", "base_version")}),
        (
            "Character",
            {
                "fields": ("character",),
                "description": "Written to the model, as in: You speak calmly and briefly, one fact at a time.",
            },
        ),
        ("Voice", {"fields": ("voice", "speed", "model")}),
        (
            "Listening",
            {
                "fields": ("vad_threshold", "vad_silence_ms", "is_interruptible", "transcription_model"),
                "description": "How this agent finds the end of the other side's turn, and what it writes down of it.",
            },
        ),
        ("About this entry", {"fields": ("version", "calls", "created_at", "updated_at")}),
    )

    @admin.display(description="about")
    def about(self, persona: Persona) -> SafeString:
        """Show the slug and who it is."""
        return format_html("<code>{}</code><br>{}", persona.slug, persona.title)

    @admin.display(description="calls", ordering="call_count")
    def calls(self, persona: Persona) -> SafeString | str:
        """Link to the calls that this persona played in."""
        if persona.pk is None:
            return "-"
        lookup = f"{Role(persona.role).value}_copy__slug"
        return link_to_calls(getattr(persona, "call_count", 0), **{lookup: persona.slug})
