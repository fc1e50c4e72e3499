"""People, and the links that sign them in."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from dispatchsim.services.sign_in import create_sign_in_link

admin.site.unregister(User)
admin.site.unregister(Group)  # the code says what each group may do, after every update again
_GROUPS = "Viewers listen and read. Operators launch, end and label calls as well. Authors also write the library."


@admin.register(User)
class PeopleAdmin(UserAdmin):  # type: ignore[type-arg]
    """People, who sign in by a link made here or by a password."""

    list_display = ("username", "first_name", "last_name", "may", "is_active", "last_login")
    list_filter = ("is_active",)
    show_facets = admin.ShowFacets.NEVER
    filter_horizontal = ()
    formfield_overrides: ClassVar[dict[Any, Any]] = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    actions = ("make_sign_in_link",)
    fieldsets = (
        (None, {"fields": ("username", "password", "first_name", "last_name", "email")}),
        ("What this person may do", {"fields": ("groups", "is_active"), "description": _GROUPS}),
        (
            "Administration",
            {"fields": ("is_staff", "is_superuser"), "description": "For those who run the system and invite people."},
        ),
        ("Times", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Read the groups with the people."""
        return super().get_queryset(request).prefetch_related("groups")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Call the list what it holds."""
        return super().changelist_view(request, {"title": "People", **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Call the form what it is about."""
        person = self.get_object(request, unquote(object_id)) if object_id else None
        title = person.get_username() if person else "Add a person"
        context = {"title": title, "subtitle": None, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    @admin.display(description="may")
    def may(self, person: User) -> str:
        """Name the groups, or what stands above them."""
        if person.is_superuser:
            return "everything"
        return ", ".join(group.name for group in person.groups.all()) or "nothing yet"

    @admin.action(description="Make a one-time sign-in link", permissions=["change"])
    def make_sign_in_link(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """Show a link for each chosen person, once."""
        if not request.user.is_superuser:  # a link signs in as that person, rights and all
            raise PermissionDenied
        for person in people:
            link = create_sign_in_link(user=person)
            self.message_user(request, f"{person.get_username()}: {link} (works once, for an hour)", messages.SUCCESS)
