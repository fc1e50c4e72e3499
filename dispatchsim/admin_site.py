"""The admin as a place for authors: who comes in, by which form, and what its first page shows.

Outside the package `admin`: Django makes the site while it imports the first admin module of any app, ours among them.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest
from django.template.response import TemplateResponse

from dispatchsim.services.accounts import may_enter_library
from dispatchsim.services.library_overview import library_overview


class LibrarySite(AdminSite):
    """Django's admin, open to staff and to whoever may write the library."""

    site_header = "Dispatchsim"
    site_title = "Dispatchsim"
    index_title = "Library"
    enable_nav_sidebar = False  # the places of the library stand above each page
    login_form = AuthenticationForm  # Django's own for the admin turns authors away who are not staff

    def has_permission(self, request: HttpRequest) -> bool:
        """Let authors in; what each may do there is up to their rights."""
        return may_enter_library(request.user)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what calls are made of, what it costs and who takes part; what runs the calls comes last."""
        return super().index(request, {"library": library_overview(), **(extra_context or {})})

    def app_index(
        self,
        request: HttpRequest,
        app_label: str,  # noqa: ARG002  (Django's applications are no parts of the library)
        extra_context: dict[str, Any] | None = None,
    ) -> TemplateResponse:
        """Show the first page there too."""
        return self.index(request, extra_context)
