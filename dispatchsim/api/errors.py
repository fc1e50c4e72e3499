"""One shape for every error of the API: `{code, message, hint, field?, part?, errors?}`."""

import structlog
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import Field

from dispatchsim.domain.errors import (
    DispatchsimError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
    UnavailableError,
)

logger = structlog.get_logger(__name__)
TAG_MARK = ":"  # parts of an error's place with this mark are names of union members, not of fields
_JSON_HINT = "Send a JSON object, with the header Content-Type: application/json."


class FieldError(Schema):
    """What is wrong with one field."""

    field: str = Field(examples=["scenario.load_sheet"])
    message: str


class ErrorBody(Schema):
    """Every error has a stable code, a sentence, and what to do about it."""

    code: str = Field(examples=["invalid_input"])
    message: str
    hint: str = ""
    field: str | None = Field(default=None, description="Which field of the input is wrong.")
    part: str | None = Field(default=None, description="Which outside part is missing.")
    errors: list[FieldError] | None = Field(default=None, description="Every wrong field, when there may be several.")


def add_error_handlers(api: NinjaAPI) -> None:
    """Answer every error of an operation in the one shape."""

    def on_our_error(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        assert isinstance(error, DispatchsimError)  # noqa: S101  (Ninja's type is wider than what it passes)
        response = _respond(api, request, _build_body(error), error.status_code)
        if isinstance(error, NotAuthenticatedError):
            response["WWW-Authenticate"] = "Bearer"
        return response

    def on_invalid(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        assert isinstance(error, ValidationError)  # noqa: S101
        return _respond(api, request, build_validation_body(error), InvalidInputError.status_code)

    def on_http_error(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        assert isinstance(error, HttpError)  # noqa: S101
        is_bad_json = error.status_code == 400  # Ninja's one use of it
        body = ErrorBody(
            code="malformed_json" if is_bad_json else f"http_{error.status_code}",
            message="The body is not JSON." if is_bad_json else error.message,
            hint=_JSON_HINT if is_bad_json else "",
            field="body" if is_bad_json else None,
        )
        return _respond(api, request, body, InvalidInputError.status_code if is_bad_json else error.status_code)

    def on_not_found(request: HttpRequest, _error: Exception | type[Exception]) -> HttpResponse:
        return on_our_error(request, NotFoundError("There is nothing at this address.", hint="See /api/v1/docs."))

    def on_database_error(request: HttpRequest, _error: Exception | type[Exception]) -> HttpResponse:
        logger.exception("database error")
        missing = UnavailableError(
            "The database cannot be used just now.",
            part="database",
            hint="Try again. If it stays, look at /readyz and run `manage.py migrate`.",
        )
        return on_our_error(request, missing)

    api.add_exception_handler(DispatchsimError, on_our_error)
    api.add_exception_handler(ValidationError, on_invalid)
    api.add_exception_handler(HttpError, on_http_error)
    api.add_exception_handler(Http404, on_not_found)
    api.add_exception_handler(DatabaseError, on_database_error)


def build_validation_body(error: ValidationError) -> ErrorBody:
    """Name every wrong field, the first one in front."""
    errors = [FieldError(field=_name_field(one["loc"]), message=_sentence(one)) for one in error.errors]
    first = errors[0]
    return ErrorBody(
        code=InvalidInputError.code,
        message=f"{first.field}: {first.message}",
        hint=_JSON_HINT if first.field == "body" else "See /api/v1/docs for every field and its limits.",
        field=first.field,
        errors=errors,
    )


def _name_field(place: tuple[str | int, ...]) -> str:
    """Tell a field's name from Ninja's place: source, parameter, then the path inside a body."""
    source, *path = place
    if source == "body":
        path = path[1:]
    names = [str(part) for part in path if TAG_MARK not in str(part)]
    return ".".join(names) or str(source)


def _sentence(one: dict[str, str]) -> str:
    text = one["msg"].removeprefix("Value error, ")
    return text if text.endswith(".") else f"{text}."


def _build_body(error: DispatchsimError) -> ErrorBody:
    field = error.field if isinstance(error, InvalidInputError) else None
    return ErrorBody(
        code=error.code,
        message=error.message,
        hint=error.hint,
        field=field,
        part=error.part if isinstance(error, UnavailableError) else None,
        errors=[FieldError(field=field, message=error.message)] if field else None,
    )


def _respond(api: NinjaAPI, request: HttpRequest, body: ErrorBody, status: int) -> HttpResponse:
    return api.create_response(request, body.model_dump(exclude_none=True), status=status)
