"""Errors that a person can act on, each with a stable code and an HTTP status.

DispatchsimError
├── InvalidInputError      422, names the field
│   └── KeyReusedError     422, a key that launches once came with another request
├── NotFoundError          404
├── ConflictError          409
├── NotAllowedError        403
├── NotAuthenticatedError  401
├── TooLargeError          413
├── TooManyCallsError      429
├── OverBudgetError        402
└── UnavailableError       503, an outside part is missing; to be tried again
"""

from typing import ClassVar


class DispatchsimError(Exception):
    """Base of every error that this project raises on purpose."""

    code: ClassVar[str] = "error"
    status_code: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidInputError(DispatchsimError):
    """Input that cannot be used; `field` says which part and `hint` how to mend it."""

    code = "invalid_input"
    status_code = 422

    def __init__(self, message: str, *, field: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.field = field


class KeyReusedError(InvalidInputError):
    """A key under which something else was asked for before."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another request.",
            field="Idempotency-Key",
            hint="A key launches one call once. Send the same request again, or this one with a new key.",
        )


class NotFoundError(DispatchsimError):
    """Something that was asked for by name does not exist."""

    code = "not_found"
    status_code = 404


class ConflictError(DispatchsimError):
    """The state of things does not allow the request."""

    code = "conflict"
    status_code = 409


class NotAllowedError(DispatchsimError):
    """Signed in, but without the right to do this."""

    code = "not_allowed"
    status_code = 403


class NotAuthenticatedError(DispatchsimError):
    """No valid sign-in, token or key."""

    code = "not_authenticated"
    status_code = 401


class TooLargeError(DispatchsimError):
    """More bytes at once than anything of ours sends."""

    code = "too_large"
    status_code = 413


class TooManyCallsError(DispatchsimError):
    """More calls were asked for than may run or wait."""

    code = "too_many_calls"
    status_code = 429


class OverBudgetError(DispatchsimError):
    """A call that costs more than is allowed, or nobody knows how much."""

    code = "over_budget"
    status_code = 402


class UnavailableError(DispatchsimError):
    """An outside part (database, LiveKit, voice model) is missing just now."""

    code = "unavailable"
    status_code = 503

    def __init__(self, message: str, *, part: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.part = part
