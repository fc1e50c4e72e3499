"""Errors of the protocol, told to the client in OpenAI's words.

RehearsalError
└── ProtocolError   one event was wrong; the connection lives on
"""


class RehearsalError(Exception):
    """Base of every error that this package raises on purpose."""


class ProtocolError(RehearsalError):
    """A client event that cannot be followed."""

    def __init__(
        self, message: str, *, code: str | None, param: str | None = None, kind: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.kind = kind

    def to_json(self, event_id: str | None = None) -> dict[str, object]:
        """Give the body of an `error` event or of an HTTP error."""
        return {
            "type": self.kind,
            "code": self.code,
            "message": self.message,
            "param": self.param,
            "event_id": event_id,
        }
