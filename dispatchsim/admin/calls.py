"""Calls and agent servers, to look something up; the history is the better place to read them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.models import AgentSeat, AgentServer, Conversation, Persona, Turn
from dispatchsim.templatetags.words import provider_name


class _ReadOnly:
    """What the system wrote: to be read, never edited by hand."""

    def has_add_permission(self, *_args: object) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, *_args: object) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, *_args: object) -> bool:
        """Refuse."""
        return False


class TurnInline(_ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """What was said."""

    model = Turn
    fields = ("seq", "speaker", "text", "heard_as", "start_s", "end_s", "interrupted", "response_latency_s")


class SeatInline(_ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """How the two agents came and went."""

    model = AgentSeat
    fields = ("role", "state", "dispatch_count", "joined_at", "ready_at", "left_at", "last_seen_at")


class _LogAdmin(_ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Call the list what it holds."""
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})


class VoicesFilter(admin.SimpleListFilter):
    """Whose voices were heard."""

    title = "voices"
    parameter_name = "voices"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, str]]:
        """Name both as the history does."""
        return [(provider.value, provider_name(provider)) for provider in VoiceProvider]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        """Keep the calls with these voices."""
        wanted = self.value()
        return queryset.filter(voice_provider=wanted) if wanted else queryset


@admin.register(Conversation)
class ConversationAdmin(_LogAdmin):
    """Calls, as the database has them."""

    list_display = ("title", "status", "end_reason", "voices", "launched_by", "created_at", "page")
    list_filter = ("status", "end_reason", VoicesFilter, "created_at", "scenario")
    list_select_related = ("launched_by",)
    search_fields = ("id", "title")
    date_hierarchy = "created_at"
    inlines = (SeatInline, TurnInline)
    readonly_fields = ("page", "ran_with", "voices")
    fieldsets = (
        (None, {"fields": ("title", "page", "ran_with", "launched_by", "voices")}),
        ("State", {"fields": ("status", "end_reason", "end_detail")}),
        ("Limits", {"fields": ("max_duration_s", "max_turns")}),
        (
            "Times",
            {
                "fields": (
                    "created_at",
                    "launching_at",
                    "room_created_at",
                    "agents_ready_at",
                    "listener_subscribed_at",
                    "floor_opened_at",
                    "last_turn_at",
                    "ending_at",
                    "ended_at",
                )
            },
        ),
        (
            "Frozen copies",
            {"classes": ("collapse",), "fields": ("scenario_copy", "dispatcher_copy", "driver_copy")},
        ),
    )

    @admin.display(description="voices", ordering="voice_provider")
    def voices(self, conversation: Conversation) -> str:
        """Name who spoke, as the history does."""
        return provider_name(conversation.voice_provider)

    @admin.display(description="page")
    def page(self, conversation: Conversation) -> SafeString:
        """Link to the call's own page."""
        return format_html('<a href="{}">open</a>', reverse("conversation_detail", args=[conversation.pk]))

    @admin.display(description="ran with")
    def ran_with(self, conversation: Conversation) -> SafeString:
        """Tell which versions the call ran with, each with a link to it."""
        parts = [_version_link("scenario", conversation.scenario_id, conversation.scenario_copy, conversation.title)]
        for role, copy in (
            (Role.DISPATCHER, conversation.dispatcher_copy),
            (Role.DRIVER, conversation.driver_copy),
        ):
            persona = Persona.objects.filter(slug=copy.get("slug"), role=role.value).first()
            parts.append(_version_link("persona", persona.pk if persona else None, copy, role.identity))
        return format_html_join(SafeString("<br>"), "{}", ((part,) for part in parts))


def _version_link(kind: str, entry_id: int | None, copy: dict[str, object], fallback: str) -> SafeString | str:
    name = str(copy.get("name") or copy.get("title") or fallback)
    number = copy.get("revision")
    if number is None:
        return name
    text = f"{name}, version {number}"
    if entry_id is None:  # deleted since
        return text
    address = reverse(f"admin:dispatchsim_{kind}_versions", args=[entry_id])
    return format_html('<a href="{}?version={}">{}</a>', address, number, text)


@admin.register(AgentServer)
class AgentServerAdmin(_LogAdmin):
    """Which agent servers have reported."""

    list_display = ("role", "server_id", "host", "pid", "state", "active_jobs", "last_seen_at")
    list_filter = ("role", "state")
