"""The admin as a place for authors: who comes in, by which form, and what its first page shows.

Outside the package `admin`: Django makes the site while it imports the first admin module of any app, ours among them.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse

from dispatchsim.services.accounts import may_enter_library
from dispatchsim.services.library_overview import library_overview


class LibrarySite(AdminSite):
    """Django's admin, open to staff and to whoever may write the library."""

    site_header = "Dispatchsim"
    site_title = "Dispatchsim"
    index_title = "Library"
    enable_nav_sidebar = False  # the places of the library stand above each page

    def has_permission(self, request: HttpRequest) -> bool:
        """Let authors in; what each may do there is up to their rights."""
        return may_enter_library(request.user)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:  # a view, whatever it answers
        """Tell people who are signed in what they may do: to sign in again would lead them nowhere."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            is_on_the_way_out = request.path == reverse("admin:logout", current_app=self.name)
            if request.user.is_authenticated and not self.has_permission(request) and not is_on_the_way_out:
                raise PermissionDenied
            answer: HttpResponseBase = inner(request, *args, **kwargs)
            return answer

        return guarded

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002
        """Lead to the one sign-in page, and from there back to where somebody wanted to go."""
        return redirect_to_login(request.GET.get("next") or reverse("admin:index", current_app=self.name))

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
