"""Who may open which page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.http.response import HttpResponseRedirectBase
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

View = Callable[..., HttpResponseBase]


class HtmxRequest(HttpRequest):
    """A request after django-htmx's middleware."""

    htmx: HtmxDetails


def needs(permission: str) -> Callable[[View], View]:
    """Send strangers to the sign-in page; refuse people who lack the permission."""

    def decorate(view: View) -> View:
        return signed_in_only(permission_required(permission, raise_exception=True)(view))

    return decorate


def signed_in_only(view: View) -> View:
    """Send strangers to the sign-in page, and from there to a page that can be opened."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return _send_to_sign_in(cast("HtmxRequest", request))

    return guarded


def _send_to_sign_in(request: HtmxRequest) -> HttpResponseBase:
    answer: HttpResponseRedirectBase = redirect_to_login(_find_page(request))
    if request.htmx:
        # A redirect would be followed by the browser, and the sign-in page put inside the page that asked.
        answer = HttpResponseClientRedirect(answer.url)
    add_never_cache_headers(answer)
    return answer


def _find_page(request: HtmxRequest) -> str:
    """Name the page to come back to: a press cannot be repeated by opening its address."""
    if request.htmx and request.htmx.current_url_abs_path:
        return request.htmx.current_url_abs_path
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    pressed_in = request.resolver_match.kwargs.get("conversation_id") if request.resolver_match else None
    return reverse("conversation_detail", args=[pressed_in]) if pressed_in else reverse("launch")
