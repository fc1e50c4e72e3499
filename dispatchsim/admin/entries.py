"""What the admin of scenarios and of personas share: copies, versions, preview, launch, files."""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import label_for_field, unquote
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from dispatchsim.admin import file_views, prompt_views, version_views
from dispatchsim.admin.naming import launch_address, short_name
from dispatchsim.admin.times import day_of, minute_of
from dispatchsim.models import Conversation, Persona, Revision, Scenario
from dispatchsim.services.accounts import LAUNCH, find_person
from dispatchsim.services.library import free_slug
from dispatchsim.services.library_checks import find_doubts
from dispatchsim.services.library_content import Entry
from dispatchsim.services.library_files import FileFormat
from dispatchsim.services.revisions import latest_number, save_entry

MAX_TITLE, COPY = 120, " (copy)"
View = Callable[..., HttpResponseBase]
ABOUT: Any = ("About this entry", {"fields": ("version", "calls", "created_at", "updated_at")})


class EntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The admin of one kind of library entries."""

    call_counter: ClassVar[Combinable]  # counts the calls of the entry in whose row it stands
    change_form_template = "admin/library/change_form.html"
    change_list_template = "admin/library/change_list.html"
    show_facets = admin.ShowFacets.NEVER
    save_as = True  # a variant is a copy with another slug
    list_per_page = 50
    readonly_fields = ("version", "calls", "created_at", "updated_at")
    actions = ("export_yaml", "export_json")

    def get_urls(self) -> list[URLPattern]:
        """Put the pages of an entry before Django's own, which take any address."""
        name = f"dispatchsim_{self.opts.model_name}"

        def own(route: str, view: View, called: str) -> URLPattern:
            def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
                return view(self, request, *args, **kwargs)

            return path(route, self.admin_site.admin_view(wrapped), name=f"{name}_{called}")

        return [
            own("import/", file_views.import_page, "import"),
            own("<int:pk>/preview/", prompt_views.preview, "preview"),
            own("<int:pk>/launch/", prompt_views.launch, "launch"),
            own("<int:pk>/versions/", version_views.versions, "versions"),
            own("<int:pk>/versions/<int:number>/restore/", version_views.restore, "restore"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Entry | None = None) -> Any:
        """Tell about an entry once there is one."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj is not None else [one for one in fieldsets if one != ABOUT]

    def save_model(self, request: HttpRequest, obj: Entry, form: Any, change: bool) -> None:  # noqa: ARG002
        """Save the entry as its next version."""
        save_entry(obj, author=find_person(request.user))

    def response_add(self, request: HttpRequest, obj: Entry, post_url_continue: str | None = None) -> HttpResponse:
        """Lead on from a new entry."""
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        return self._lead_on(request, obj)

    def response_change(self, request: HttpRequest, obj: Entry) -> HttpResponse:
        """Lead on from a saved entry."""
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, obj)
        return self._lead_on(request, obj)

    def _lead_on(self, request: HttpRequest, entry: Entry) -> HttpResponse:
        """Say what was saved and what may not work in it, and open what the button named."""
        name, number = short_name(entry), latest_number(entry)
        for field, doubt in find_doubts(entry).items():
            label = capfirst(str(label_for_field(field, self.model)))
            messages.warning(request, f"{label} of {name}: {doubt}")
        if "_launch" in request.POST and request.user.has_perm(LAUNCH):
            what_next = "Pick who plays and launch" if isinstance(entry, Scenario) else "Pick a scenario and launch"
            messages.success(request, f"Saved: {name}, version {number}. {what_next}.")
            return redirect(launch_address(entry))
        messages.success(request, self._tell_saved(request, entry, name, number))
        if "_continue" in request.POST or "_saveasnew" in request.POST:
            return redirect(f"admin:dispatchsim_{self.opts.model_name}_change", entry.pk)
        return self.response_post_save_change(request, entry)

    def _tell_saved(self, request: HttpRequest, entry: Entry, name: str, number: int) -> SafeString:
        if "_saveasnew" in request.POST:
            told = format_html("Saved as a copy, “{}”. Give it a name of its own.", entry.slug)
        else:
            address = reverse(f"admin:dispatchsim_{self.opts.model_name}_change", args=[entry.pk])
            told = format_html('Saved: <a href="{}">{}</a>, version {}.', address, name, number)
        if not request.user.has_perm(LAUNCH):
            return told
        return format_html('{} <a href="{}">Launch a call with it</a>', told, launch_address(entry))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Give a slug of its own to what is saved as a copy, and tell the page what the person may do."""
        if request.method == "POST" and "_saveasnew" in request.POST:
            request.POST = self._as_copy(request.POST)  # type: ignore[assignment]  # a copy may be changed
        entry = self.get_object(request, unquote(object_id)) if object_id else None
        title = f"Add a {self.opts.verbose_name}"
        context: dict[str, Any] = {
            "title": title,
            "subtitle": None,
            "may_launch": request.user.has_perm(LAUNCH),
            "show_save_and_add_another": False,
        }
        if entry is not None:
            about = {"title": short_name(entry), "launch_address": launch_address(entry)}
            context |= {**about, "about": f"{entry.title}" if isinstance(entry, Persona) else entry.summary}
        return super().changeform_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def _as_copy(self, posted: QueryDict) -> QueryDict:
        """Give what is taken already another name: two alike cards could not be told apart."""
        changed = posted.copy()
        slug, title = posted.get("slug", ""), posted.get("title", "").strip()
        if self.model._default_manager.filter(slug=slug).exists():
            changed["slug"] = free_slug(self.model, slug)
        # A persona's title stands in its prompt, and its name is said on the phone: those are left to the author.
        if self.model is Scenario and Scenario.objects.filter(title=title).exists():
            changed["title"] = title[: MAX_TITLE - len(COPY)] + COPY
        return changed

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Call the list what it holds."""
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count calls and find the newest version with the entries."""
        revisions = Revision.objects.filter(kind=self.opts.model_name, entry_id=OuterRef("pk")).order_by("-number")
        found = super().get_queryset(request)
        newest = Subquery(revisions.values("number")[:1])
        return cast("QuerySet[Any]", found.annotate(newest_number=newest, call_count=self.call_counter))

    @admin.display(description="version", ordering="newest_number")
    def version(self, entry: Entry) -> SafeString | str:
        """Link to the versions of this entry."""
        number = getattr(entry, "newest_number", None) or latest_number(entry)
        address = reverse(f"admin:dispatchsim_{self.opts.model_name}_versions", args=[entry.pk])
        return format_html('<a href="{}">version {}</a>', address, number) if number else "-"

    @admin.display(description="changed", ordering="updated_at")
    def changed(self, entry: Entry) -> SafeString:
        """Tell the day, the minute where the mouse rests, and the version."""
        at = entry.updated_at
        day = format_html('<time title="{}">{}</time>', minute_of(at), day_of(at))
        return format_html("{}<br>{}", day, self.version(entry))

    @admin.action(description="Export as YAML", permissions=["view"])
    def export_yaml(self, _request: HttpRequest, entries: QuerySet[Any]) -> HttpResponse:
        """Download the chosen entries."""
        return file_views.download(list(entries), FileFormat.YAML)

    @admin.action(description="Export as JSON", permissions=["view"])
    def export_json(self, _request: HttpRequest, entries: QuerySet[Any]) -> HttpResponse:
        """Download the chosen entries."""
        return file_views.download(list(entries), FileFormat.JSON)


def count_calls_by_copy(copy: str) -> Coalesce:
    """Count the calls whose frozen copy has the slug of the row around."""
    calls = (
        Conversation.objects.annotate(copied_slug=KT(f"{copy}__slug"))
        .filter(copied_slug=OuterRef("slug"))
        .order_by()
        .values("copied_slug")
        .annotate(count=Count("pk"))
    )
    return Coalesce(Subquery(calls.values("count"), output_field=IntegerField()), Value(0))
