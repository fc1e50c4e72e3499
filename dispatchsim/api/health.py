"""Probes: alive, and ready for a call. Open to everybody, so they tell no secret."""

# ruff: noqa: ARG001  (the framework passes the request, wanted or not)

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dispatchsim.services.readiness import check_readiness


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Tell that the web process answers; nothing else is asked."""
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Tell whether a call can be held, and which part is missing."""
    readiness = check_readiness()
    body = {"ready": readiness.ready, "parts": [asdict(part) for part in readiness.parts]}
    return JsonResponse(body, status=200 if readiness.ready else 503)
