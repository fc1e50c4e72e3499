"""Personas: who plays."""

from collections.abc import Sequence
from typing import ClassVar

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dispatchsim.admin.entries import ABOUT, EntryAdmin, count_calls_by_copy
from dispatchsim.admin.forms import PersonaForm
from dispatchsim.admin.naming import link_to_calls
from dispatchsim.admin.scenarios import CallsFilter
from dispatchsim.models import Persona

# `rehearsal/dialogue/manner.py` and `rehearsal/delivery.py` read these words, and others like them.
PLAYED = (
    "OpenAI's model plays whatever stands here. The rehearsal model goes by words like these: for how much is said "
    "“talk a lot”, “stories”, “few words”; for patience “patient”, “impatient”, “hate waiting”; for pace “quick”, "
    "“slow”, “tired”, “think out loud”; for care “repeat”, “ask everything twice”, “careless”; for money “bargain”, "
    "“generous”; and “nervous”, “mm-hm” while others talk, “cut in”, “mix up” or “mishear” numbers. Short phrases in "
    "straight quotes are used as they stand. It leaves out the rest."
)


@admin.register(Persona)
class PersonaAdmin(EntryAdmin):
    """Personas: a character, a voice, and how it listens."""

    # By the copies that calls keep; a slug stands in the copies of one role alone.
    call_counter = count_calls_by_copy("dispatcher_copy") + count_calls_by_copy("driver_copy")
    form = PersonaForm
    list_display = ("name", "about", "role", "voice", "speed", "calls", "changed")
    list_filter = ("role", "voice", "is_interruptible", CallsFilter)
    search_fields = ("name", "title", "slug", "character")
    prepopulated_fields: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "title", "slug", "role", "base_version")}),
        ("Character", {"fields": ("character",), "description": PLAYED}),
        ("Voice", {"fields": ("voice", "other_voice", "speed", "model")}),
        (
            "Listening",
            {
                "fields": ("vad_threshold", "vad_silence_ms", "is_interruptible", "transcription_model"),
                "description": "How this agent finds the end of the other side's turn, and what it writes down of it.",
            },
        ),
        ABOUT,
    )

    @admin.display(description="about")
    def about(self, persona: Persona) -> SafeString:
        """Show who it is and the slug."""
        return format_html("{}<br><code>{}</code>", persona.title, persona.slug)

    @admin.display(description="calls", ordering="call_count")
    def calls(self, persona: Persona) -> SafeString:
        """Link to the calls that this persona played in."""
        return link_to_calls(getattr(persona, "call_count", 0), persona=persona.slug)
