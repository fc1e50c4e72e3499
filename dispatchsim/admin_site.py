"""The admin as a place for authors: who comes in, and by which form.

Outside the package `admin`: Django makes the site while it imports the first admin module of any app, ours among them.
"""

from django.contrib.admin import AdminSite
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest

from dispatchsim.services.accounts import may_enter_library


class LibrarySite(AdminSite):
    """Django's admin, open to staff and to whoever may write the library."""

    site_header = "Dispatchsim"
    site_title = "Dispatchsim"
    index_title = "Scenarios, personas and calls"
    enable_nav_sidebar = False  # the header has the three places that people come for
    login_form = AuthenticationForm  # Django's own for the admin turns authors away who are not staff

    def has_permission(self, request: HttpRequest) -> bool:
        """Let authors in; what each may do there is up to their rights."""
        return may_enter_library(request.user)
