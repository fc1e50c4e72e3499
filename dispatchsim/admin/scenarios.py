"""Scenarios: what the call is about."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from dispatchsim.admin.entries import ABOUT, EntryAdmin, count_calls_by_copy
from dispatchsim.admin.forms import ScenarioForm
from dispatchsim.admin.naming import link_to_calls
from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.load_sheet import parse_load_sheet
from dispatchsim.forms.stakes import BASE, GROUPS, HELP
from dispatchsim.models import Scenario
from dispatchsim.services.library_content import Entry

_KIND: Any = ("What is at stake", {"fields": ("stakes_kind",), "classes": ("at-stake",), "description": HELP})
_STAKES: Any = tuple((group.title, {"fields": group.names, "classes": group.css.split()}) for group in GROUPS)


class DecisionFilter(admin.SimpleListFilter):
    """Whether the driver takes the load."""

    title = "what the driver does"
    parameter_name = "driver"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, str]]:
        """Name both ends of the call."""
        return [("accept", "Accepts"), ("decline", "Declines")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Scenario]) -> QuerySet[Scenario]:
        """Keep the scenarios that end this way."""
        wanted = self.value()
        return queryset.filter(driver_decision__istartswith=wanted) if wanted else queryset


class CallsFilter(admin.SimpleListFilter):
    """Whether it was ever played."""

    title = "calls"
    parameter_name = "calls"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, str]]:
        """Tell the played from the others."""
        return [("some", "Used in calls"), ("none", "Never used")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Go by the number of calls that the list counts anyway."""
        if self.value() == "some":
            return queryset.filter(call_count__gt=0)
        return queryset.filter(call_count=0) if self.value() == "none" else queryset


@admin.register(Scenario)
class ScenarioAdmin(EntryAdmin):
    """Scenarios, with their load sheets checked line by line."""

    call_counter = count_calls_by_copy("scenario_copy")  # as the history finds them
    form = ScenarioForm
    list_display = ("title", "about", "opener", "facts", "driver", "calls", "changed")
    list_filter = ("opener", DecisionFilter, CallsFilter, "updated_at")
    search_fields = ("title", "slug", "summary", "load_sheet", "dispatcher_briefing", "driver_briefing")
    prepopulated_fields: ClassVar[dict[str, Sequence[str]]] = {"slug": ("title",)}
    fieldsets = (
        (None, {"fields": ("title", "slug", "summary", "opener", "base_version")}),
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
        _KIND,
        *_STAKES,
        (
            "Advanced: what is at stake as YAML",
            {"fields": ("freight", BASE), "classes": ("collapse", "at-stake", "at-stake--last")},
        ),
        (
            "The line",
            {"fields": ("line",), "description": "Over a bad line the two hear each other worse, and say so."},
        ),
        (
            "Limits",
            {"fields": ("max_duration_s", "max_turns"), "description": "Where a call is closed if nobody hangs up."},
        ),
        ABOUT,
    )

    def get_fieldsets(self, request: HttpRequest, obj: Entry | None = None) -> Any:
        """Show what is at stake as it is stored to those who may only look: its fields are not the model's."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [one for one in fieldsets if one not in (_KIND, *_STAKES)]

    @admin.display(description="about")
    def about(self, scenario: Scenario) -> SafeString:
        """Show what happens and the slug."""
        return format_html("{}<br><code>{}</code>", scenario.summary or "-", scenario.slug)

    @admin.display(description="facts")
    def facts(self, scenario: Scenario) -> int | str:
        """Count the facts of the load sheet; a script may have stored one that cannot be read."""
        try:
            return len(parse_load_sheet(scenario.load_sheet))
        except InvalidInputError:
            return "unreadable"

    @admin.display(description="the driver", ordering="driver_decision")
    def driver(self, scenario: Scenario) -> str:
        """Tell what the driver does, without the reason."""
        return f"{scenario.driver_decision.partition(':')[0].strip().lower()}s"

    @admin.display(description="calls", ordering="call_count")
    def calls(self, scenario: Scenario) -> SafeString:
        """Link to the calls that used this scenario."""
        return link_to_calls(getattr(scenario, "call_count", 0), scenario=scenario.slug)
