"""People: what each may do, and how they sign in."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_post_parameters

from dispatchsim.admin.person_form import PersonForm, SignsIn
from dispatchsim.admin.times import minute_of
from dispatchsim.services.accounts import find_access, give_access
from dispatchsim.services.sign_in import OWNER, create_sign_in_link, set_password

admin.site.unregister(User)
admin.site.unregister(Group)  # the code says what each group may do, after every update again
# In every title, count and message of Django's admin; migrations go by what the class says, and see nothing of it.
User._meta.verbose_name, User._meta.verbose_name_plural = "person", "people"


@admin.register(User)
class PeopleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """People, who sign in by a link made here or by a password."""

    form = PersonForm
    list_display = ("name", "may", "signs_in_with", "came_last")
    list_display_links = ("name",)
    search_fields = ("username", "first_name", "last_name")
    ordering = ("username",)
    actions = ("make_sign_in_link",)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Ask for one thing after the other; what cannot be changed is told."""
        if obj is not None and not self.has_change_permission(request, obj):
            return [(None, {"fields": ("username", "may", "is_active", "came_last", "added")})]
        asked = ["username", "may", "signs_in", "password1", "password2"]
        if obj is None:
            return [(None, {"fields": asked})]
        if not _is_fixed(request, obj):
            asked.insert(2, "is_active")
        return [(None, {"fields": asked}), ("Times", {"fields": ("came_last", "added")})]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Keep owners from locking themselves out, and the one whom the terminal signs in from being anybody else."""
        fixed = ["came_last", "added"]
        if obj is not None and _is_fixed(request, obj):
            fixed.append("may")
        if obj is not None and obj.get_username() == OWNER:
            fixed.append("username")
        return fixed

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Offer what the person at the form may give away."""
        form = super().get_form(request, obj, change, **kwargs)
        form.is_for_owner = bool(request.user.is_superuser)  # type: ignore[attr-defined]
        return form

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Go by both rights, as Django does for people: who adds somebody says what they may do."""
        return super().has_add_permission(request) and super().has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Keep owners out of the hands of all others."""
        return super().has_change_permission(request, obj) and _is_in_hand(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse to delete whoever asks."""
        return super().has_delete_permission(request, obj) and _is_in_hand(request, obj) and obj != request.user

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let nobody search for hashes."""
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Read the groups with the people."""
        return super().get_queryset(request).prefetch_related("groups", "user_permissions")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Call the list what it holds."""
        return super().changelist_view(request, {"title": "People", **(extra_context or {})})

    @method_decorator(sensitive_post_parameters())
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Call the form what it is about."""
        person = User.objects.filter(pk=object_id).first() if object_id and object_id.isdecimal() else None
        context: dict[str, Any] = {
            "title": person.get_username() if person else "Add a person",
            "subtitle": None,
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
        }
        return super().changeform_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: ARG002
        """Save the name; whoever is new comes in by a link, or by the password that follows."""
        if not change:
            obj.set_unusable_password()
        obj.save()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ARG002
        """Give what was chosen: rights, a password, a link."""
        person, chosen = form.instance, form.cleaned_data
        access = form.chosen_access()
        if access is not None:
            give_access(person=person, access=access)
        if chosen.get("signs_in") == SignsIn.PASSWORD:
            set_password(person=person, password=chosen["password1"])
            if person == request.user:
                update_session_auth_hash(request, person)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:  # noqa: ARG002
        """Tell what the new person may do, and how they come in."""
        messages.success(request, f"Added: {obj.get_username()}, {_describe(obj)}.")
        self._tell_link(request, obj)
        return self.response_post_save_add(request, obj)

    def response_change(self, request: HttpRequest, obj: User) -> HttpResponse:
        """Tell what the person may do now."""
        messages.success(request, f"Saved: {obj.get_username()}, {_describe(obj)}.")
        self._tell_link(request, obj)
        return self.response_post_save_change(request, obj)

    def _tell_link(self, request: HttpRequest, person: User) -> None:
        if request.POST.get("signs_in") == SignsIn.LINK and request.user.is_superuser:
            _show_link(request, person)

    @admin.display(description="name", ordering="username")
    def name(self, person: User) -> str:
        """Give the name that they sign in with."""
        return person.get_username()

    @admin.display(description="what they may do")
    def may(self, person: User) -> str:
        """Say what they may do in one word."""
        return _describe(person)

    @admin.display(description="signs in", ordering="is_active")
    def signs_in_with(self, person: User) -> str:
        """Tell who comes in again without asking, and who not at all."""
        if not person.is_active:
            return "not any more"
        return "with a password" if person.has_usable_password() else "by a link"

    @admin.display(description="last signed in", ordering="last_login")
    def came_last(self, person: User) -> str:
        """Write the minute as the other lists do."""
        return minute_of(person.last_login) if person.last_login else "never"

    @admin.display(description="added", ordering="date_joined")
    def added(self, person: User) -> str:
        """Write the minute as the other lists do."""
        return minute_of(person.date_joined)

    @admin.action(description="Make a one-time sign-in link", permissions=["change"])
    def make_sign_in_link(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Show a link for each chosen person, once."""
        if not request.user.is_superuser:  # a link signs in as that person, rights and all
            raise PermissionDenied
        for person in people:
            _show_link(request, person)


def _is_in_hand(request: HttpRequest, person: User | None) -> bool:
    return person is None or not person.is_superuser or bool(request.user.is_superuser)


def _is_fixed(request: HttpRequest, person: User) -> bool:
    """Tell whose rights stay as they are: one's own, and those of the one whom the terminal signs in."""
    return person == request.user or person.get_username() == OWNER


def _describe(person: User) -> str:
    access = find_access(person)
    if access is not None:
        return access.value
    has_rights = person.is_staff or person.user_permissions.exists()
    return "rights put together one by one" if has_rights else "nothing yet"


def _show_link(request: HttpRequest, person: User) -> None:
    link = create_sign_in_link(user=person)
    told = (
        "Link that signs in {}, once, within the hour: <code>{}</code> "
        '<button class="button" type="button" data-copy aria-live="polite" hidden>Copy the link</button>'
    )
    messages.success(request, format_html(told, person.get_username(), link))
