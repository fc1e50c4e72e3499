"""Where authors write scenarios and personas, and where calls can be looked up."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.load_sheet import parse_load_sheet
from dispatchsim.models import AgentSeat, AgentServer, Conversation, Persona, Scenario, Turn
from dispatchsim.models.library import validate_load_sheet
from dispatchsim.services.sign_in import create_sign_in_link

# OpenAI's voices today; the field takes any other name as well.
VOICES = ("alloy", "ash", "ballad", "cedar", "coral", "echo", "marin", "sage", "shimmer", "verse")
LOAD_SHEET_EXAMPLE = "commodity: frozen chicken\nweight: 42,000 pounds\npickup: Springdale, Arkansas, tomorrow at 7"

admin.site.site_header = "Dispatchsim"
admin.site.site_title = "Dispatchsim"
admin.site.index_title = "Scenarios, personas and calls"


def explain_load_sheet(text: str) -> list[str]:
    """Name every line of a load sheet that cannot be read, not only the first."""
    problems: list[str] = []
    readable: list[str] = []
    for line in text.splitlines():
        try:
            if line.strip() and not line.lstrip().startswith("#"):
                parse_load_sheet("\n".join([*readable, line]))
            readable.append(line)
        except InvalidInputError as error:
            problems.append(f"{error.message} {error.hint}")
            readable.append("")  # keeps the numbers of the lines after it
    return problems


class SuggestInput(forms.TextInput):
    """A text field with suggestions, by a plain `datalist`: no script, any value."""

    def __init__(self, suggestions: Iterable[str], attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs)
        self.suggestions = tuple(suggestions)

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Put the list behind the field."""
        list_id = f"{name}_suggestions"
        field = super().render(name, value, {**(attrs or {}), "list": list_id}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((one,) for one in self.suggestions))
        return format_html('{}<datalist id="{}">{}</datalist>', field, list_id, options)


class ScenarioForm(forms.ModelForm):  # type: ignore[type-arg]
    """A scenario, with a load sheet whose lines are checked one by one."""

    class Meta:
        """Widgets that fit what is written in them."""

        model = Scenario
        fields = "__all__"
        labels: ClassVar[dict[str, str]] = {"max_duration_s": "Longest call in s", "max_turns": "Most turns"}
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "summary": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            "load_sheet": forms.Textarea(
                attrs={"rows": 10, "class": "vLargeTextField monospace", "placeholder": LOAD_SHEET_EXAMPLE}
            ),
            "dispatcher_briefing": forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
            "driver_briefing": forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
            "driver_decision": forms.TextInput(
                attrs={"class": "vTextField", "placeholder": "decline: it pays too little"}
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "load_sheet" in self.fields:
            # The field's own validator stops at the first bad line; clean_load_sheet tells of all.
            validators = self.fields["load_sheet"].validators
            self.fields["load_sheet"].validators = [one for one in validators if one is not validate_load_sheet]

    def clean_load_sheet(self) -> str:
        """Refuse lines that cannot be read, each by its number."""
        text: str = self.cleaned_data["load_sheet"].replace("\r\n", "\n")
        problems = explain_load_sheet(text)
        if problems:
            raise ValidationError([ValidationError(problem, code="line") for problem in problems])
        validate_load_sheet(text)
        return text

    def clean_driver_decision(self) -> str:
        """Take `accept`, or `decline: ` with a reason."""
        decision: str = self.cleaned_data["driver_decision"].strip()
        verb, _, reason = decision.partition(":")
        if verb.strip().lower() == "accept" or (verb.strip().lower() == "decline" and reason.strip()):
            return decision
        raise ValidationError("Write `accept`, or `decline: ` and the reason, as in `decline: it pays too little`.")


class PersonaForm(forms.ModelForm):  # type: ignore[type-arg]
    """A persona; the voice is suggested, any name is taken."""

    class Meta:
        """Widgets that fit what is written in them."""

        model = Persona
        fields = "__all__"
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "character": forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
            "voice": SuggestInput(VOICES, attrs={"class": "vTextField"}),
            "model": SuggestInput(("gpt-realtime", "gpt-realtime-mini"), attrs={"class": "vTextField"}),
            "transcription_model": SuggestInput(
                ("gpt-4o-mini-transcribe", "gpt-4o-transcribe", "whisper-1"), attrs={"class": "vTextField"}
            ),
        }


class _AuthorsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What both kinds of library entries share."""

    save_as = True  # a variant is a copy with another slug
    save_on_top = True
    readonly_fields = ("calls", "created_at", "updated_at")

    class Media:
        """Fixed-width load sheets."""

        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("css/admin.css",)}


@admin.register(Scenario)
class ScenarioAdmin(_AuthorsAdmin):
    """Scenarios: what the call is about."""

    form = ScenarioForm
    list_display = ("title", "slug", "opener", "facts", "driver", "calls", "updated_at")
    list_filter = ("opener", "updated_at")
    search_fields = ("title", "slug", "summary", "load_sheet", "dispatcher_briefing", "driver_briefing")
    prepopulated_fields: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    fieldsets = (
        (None, {"fields": ("title", "slug", "summary", "opener")}),
        (
            "What is true",
            {
                "fields": ("load_sheet",),
                "description": "The facts of the load. The dispatcher has the values in front of them; the driver "
                "sees only the names and asks for one after the other.",
            },
        ),
        (
            "What each side knows",
            {
                "fields": ("dispatcher_briefing", "driver_briefing", "driver_decision"),
                "description": "Written to the one who plays the part, as in: You are empty in Fort Smith, Arkansas.",
            },
        ),
        (
            "Limits",
            {"fields": ("max_duration_s", "max_turns"), "description": "Where a call is closed if nobody hangs up."},
        ),
        ("About this entry", {"fields": ("calls", "created_at", "updated_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Scenario]:
        """Count calls in one query."""
        scenarios: QuerySet[Scenario] = super().get_queryset(request)
        return scenarios.annotate(call_count=Count("conversations"))

    @admin.display(description="facts")
    def facts(self, scenario: Scenario) -> int:
        """Count the facts of the load sheet."""
        return len(parse_load_sheet(scenario.load_sheet))

    @admin.display(description="driver")
    def driver(self, scenario: Scenario) -> str:
        """Tell what the driver does, without the reason."""
        return f"{scenario.driver_decision.partition(':')[0].strip()}s"

    @admin.display(description="calls", ordering="call_count")
    def calls(self, scenario: Scenario) -> SafeString | str:
        """Link to the calls that used this scenario."""
        if scenario.pk is None:
            return "-"
        return _link_to_calls(getattr(scenario, "call_count", 0), scenario__id__exact=str(scenario.pk))


@admin.register(Persona)
class PersonaAdmin(_AuthorsAdmin):
    """Personas: who plays."""

    form = PersonaForm
    list_display = ("name", "title", "role", "slug", "voice", "speed", "calls", "updated_at")
    list_filter = ("role", "voice", "is_interruptible")
    search_fields = ("name", "title", "slug", "character")
    prepopulated_fields: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "title", "slug", "role")}),
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
        ("About this entry", {"fields": ("calls", "created_at", "updated_at")}),
    )

    @admin.display(description="calls")
    def calls(self, persona: Persona) -> SafeString | str:
        """Link to the calls that this persona played in."""
        if persona.pk is None:
            return "-"
        lookup = f"{Role(persona.role).value}_copy__slug"
        return _link_to_calls(Conversation.objects.filter(**{lookup: persona.slug}).count(), **{lookup: persona.slug})


def _link_to_calls(count: int, **lookup: str) -> SafeString:
    address = f"{reverse('admin:dispatchsim_conversation_changelist')}?{urlencode(lookup)}"
    return format_html('<a href="{}">{} call{}</a>', address, count, "" if count == 1 else "s")


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


@admin.register(Conversation)
class ConversationAdmin(_ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Calls, to look something up; the history is the better place to read them."""

    list_display = ("title", "status", "end_reason", "voice_provider", "launched_by", "created_at", "page")
    list_filter = ("status", "end_reason", "voice_provider", "created_at", "scenario")
    list_select_related = ("launched_by",)
    search_fields = ("id", "title")
    date_hierarchy = "created_at"
    inlines = (SeatInline, TurnInline)

    @admin.display(description="page")
    def page(self, conversation: Conversation) -> SafeString:
        """Link to the call's own page."""
        return format_html('<a href="{}">open</a>', reverse("conversation_detail", args=[conversation.pk]))


@admin.register(AgentServer)
class AgentServerAdmin(_ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Which agent servers have reported."""

    list_display = ("role", "server_id", "host", "pid", "state", "active_jobs", "last_seen_at")
    list_filter = ("role", "state")


admin.site.unregister(User)


@admin.register(User)
class PeopleAdmin(UserAdmin):  # type: ignore[type-arg]
    """People, who sign in by a link made here or by a password."""

    list_display = ("username", "first_name", "last_name", "is_staff", "is_active", "last_login")
    actions = ("make_sign_in_link",)

    @admin.action(description="Make a one-time sign-in link", permissions=["change"])
    def make_sign_in_link(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Show a link for each chosen person, once."""
        if not request.user.is_superuser:  # a link signs in as that person, rights and all
            raise PermissionDenied
        for person in people:
            link = create_sign_in_link(user=person)
            self.message_user(request, f"{person.get_username()}: {link} (works once, for an hour)", messages.SUCCESS)
