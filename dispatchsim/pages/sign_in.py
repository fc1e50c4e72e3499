"""Signing in by one-time link or password, and out."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dispatchsim.services.sign_in import is_invited, redeem_sign_in_link

sign_in = LoginView.as_view(template_name="accounts/sign_in.html", redirect_authenticated_user=True)
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
    return render(request, "accounts/sign_in_link_spent.html", status=410)
