"""Who may call an operation: people by their session, scripts by the bearer token."""

from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from dispatchsim.domain.errors import NotAllowedError, NotAuthenticatedError
from dispatchsim.services.accounts import Caller, find_person, is_api_token

_SCHEME = "bearer "


class ApiRequest(HttpRequest):
    """A request whose caller is known and allowed."""

    auth: Caller


class Needs(AuthBase):
    """Let a caller with one right pass, before the input is even looked at.

    A bearer header decides alone; without one the session does, with CSRF for whatever changes something.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "DISPATCHSIM_API_TOKEN, an operator's rights. In a browser the session is enough."
    csrf = True  # the reference page then sends the token with its requests

    def __init__(self, permission: str) -> None:
        super().__init__()
        self.permission = permission

    def __call__(self, request: HttpRequest) -> Caller:
        """Tell who calls, or refuse."""
        caller = find_caller(request)
        caller.require(self.permission)
        return caller


def find_caller(request: HttpRequest) -> Caller:
    """Tell who calls. Raises NotAuthenticatedError, NotAllowedError (CSRF)."""
    header = request.headers.get("Authorization", "")
    if header:
        return _find_script(header)
    person = find_person(request.user)
    if person is None:
        raise NotAuthenticatedError(
            "Nobody is signed in.", hint="Sign in, or send `Authorization: Bearer` with DISPATCHSIM_API_TOKEN."
        )
    if check_csrf(request) is not None:
        raise NotAllowedError(
            "The CSRF token is missing or wrong.", hint="Send the cookie's value as X-CSRFToken, or use a bearer token."
        )
    return Caller(user=person)


def _find_script(header: str) -> Caller:
    is_bearer = header.lower().startswith(_SCHEME)
    if not is_bearer or not is_api_token(header[len(_SCHEME) :].strip()):
        raise NotAuthenticatedError(
            "The bearer token is not valid.", hint="It must be the server's DISPATCHSIM_API_TOKEN, which has to be set."
        )
    return Caller(user=None)
