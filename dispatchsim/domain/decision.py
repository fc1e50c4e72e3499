"""What the driver of a scenario without freight decides: `accept`, or `decline: ` and the reason."""

from dispatchsim.domain.errors import InvalidInputError


def require_decision(text: str) -> str:
    """Give the decision back. Raises InvalidInputError for field `driver_decision` if no driver could follow it."""
    verb, _, reason = text.partition(":")
    is_accepted = verb.strip().lower() == "accept"
    if not is_accepted and not (verb.strip().lower() == "decline" and reason.strip()):
        raise InvalidInputError(
            "Write `accept`, or `decline: ` and the reason, as in `decline: it pays too little`.",
            field="driver_decision",
        )
    return text
