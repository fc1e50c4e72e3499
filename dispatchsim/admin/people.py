"""People, and the links that sign them in."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from dispatchsim.services.sign_in import create_sign_in_link

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
