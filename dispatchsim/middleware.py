"""What happens to every request: static files, a log line, the shape of API errors, a page for refused methods."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

logger = structlog.get_logger(__name__)
QUIET_PATHS = ("/healthz", "/readyz", "/api/v1/ingest/")  # asked every few seconds


class _Middleware:
    """Base that works in both chains, so that no request hops between threads for our sake."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)  # type: ignore[type-var]


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Serve static files as WhiteNoise finds them.

    WhiteNoise answers with a synchronous stream, which Django warns of under ASGI: files here are small, so
    they are answered whole.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def add_files(self, root: str, prefix: str | None = None) -> None:
        """Add a folder; one that is not made yet holds nothing."""
        if Path(root).is_dir():
            super().add_files(root, prefix)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer with the file at this path, or pass on."""
        file = self.find_file(request.path_info) if self.autorefresh else self.files.get(request.path_info)
        if self.is_async:
            return self._answer(file, request)
        response: HttpResponseBase = self.get_response(request) if file is None else self.serve(file, request)
        return response

    async def _answer(self, file: Any, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase
        if file is None:
            response = await self.get_response(request)
        else:
            response = await asyncio.to_thread(self.serve, file, request)
        return response

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        """Answer with the whole content, the headers and the status that WhiteNoise chose."""
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file as file:
                content = file.read()
        response = HttpResponse(content, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response


class RequestLogMiddleware(_Middleware):
    """Write one line for each answer: the route, never the address with its tokens and searches."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Time the request and tell of it."""
        started = time.monotonic()
        if self.is_async:
            return self._timed(request, started)
        response: HttpResponseBase = self.get_response(request)
        log_request(request, response, time.monotonic() - started)
        return response

    async def _timed(self, request: HttpRequest, started: float) -> HttpResponseBase:
        response: HttpResponseBase = await self.get_response(request)
        log_request(request, response, time.monotonic() - started)
        return response


def log_request(request: HttpRequest, response: HttpResponseBase, duration_s: float) -> None:
    """Write the line of one answer."""
    match = request.resolver_match
    write = logger.debug if request.path.startswith(QUIET_PATHS) else logger.info
    fields: dict[str, object] = {
        "method": request.method,
        "route": f"/{match.route}" if match else "unknown",
        "status": response.status_code,
        "duration_s": round(duration_s, 3),
    }
    names = match.kwargs if match else {}
    conversation_id = names.get("conversation_id") or names.get("room_id")
    if conversation_id:
        fields["conversation_id"] = str(conversation_id)
    write("request answered", **fields)


class ApiErrorMiddleware(_Middleware):
    """Give every error under /api/ the one shape, also those that Django answers itself."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Pass on, then look at the answer."""
        if self.is_async:
            return self._shaped(request)
        return shape_api_error(request, self.get_response(request))

    async def _shaped(self, request: HttpRequest) -> HttpResponseBase:
        return shape_api_error(request, await self.get_response(request))


_HINTS = {
    HTTPStatus.NOT_FOUND: "Look at /api/v1/docs for the addresses that exist.",
    HTTPStatus.METHOD_NOT_ALLOWED: "The Allow header lists the methods of this address.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The server's log says more.",
}


def shape_api_error(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Turn an HTML or text error under /api/ into the JSON that callers expect."""
    is_json = response.headers.get("Content-Type", "").startswith("application/json")
    if response.status_code < HTTPStatus.BAD_REQUEST or is_json or not request.path.startswith("/api/"):
        return response
    status = HTTPStatus(response.status_code)
    shaped = JsonResponse(
        {
            "code": status.phrase.lower().replace(" ", "_"),
            "message": f"{status.phrase}.",
            "hint": _HINTS.get(status, ""),
        },
        status=status,
    )
    if response.has_header("Allow"):
        shaped["Allow"] = response["Allow"]
    return shaped


class RefusedMethodMiddleware(_Middleware):
    """Give whoever opens the address of a button a page to go on from: Django's answer is a blank one."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Pass on, then look at the answer."""
        if self.is_async:
            return self._shown(request)
        response: HttpResponseBase = self.get_response(request)
        return show_refused_method(request, response) if _is_blank_refusal(request, response) else response

    async def _shown(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await self.get_response(request)
        if not _is_blank_refusal(request, response):
            return response
        return await sync_to_async(show_refused_method)(request, response)  # the page tells who is signed in


def _is_blank_refusal(request: HttpRequest, response: HttpResponseBase) -> bool:
    is_blank = isinstance(response, HttpResponseNotAllowed) and not response.content
    return is_blank and not request.path.startswith("/api/")


def show_refused_method(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    """Render the page in place of a blank refusal."""
    page = render(request, "405.html", status=HTTPStatus.METHOD_NOT_ALLOWED)
    page["Allow"] = response["Allow"]
    return page
