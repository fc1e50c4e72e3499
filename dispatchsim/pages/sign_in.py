"""Signing in by one-time link or password, and out."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dispatchsim.services.sign_in import is_invited, link_command, redeem_sign_in_link


class SignInView(LoginView):
    """Sign in with a password, or read how to get a link."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what to type for another link."""
        return super().get_context_data(**kwargs) | {"link_command": link_command(is_public=True)}


sign_in = SignInView.as_view()
sign_out = LogoutView.as_view(next_page="sign_in")


@require_GET
@never_cache
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in whoever opens an unused link; a used or expired one is told what to do."""
    listener = redeem_sign_in_link(token)
    if listener is not None:
        login(request, listener, backend="django.contrib.auth.backends.ModelBackend")
        return redirect("password" if is_invited(listener) else settings.LOGIN_REDIRECT_URL)
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(
        request, "accounts/sign_in_link_spent.html", {"link_command": link_command(is_public=True)}, status=410
    )
