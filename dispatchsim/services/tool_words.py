"""What a tool use says to people, in one line."""

from collections.abc import Mapping

from pydantic import JsonValue

from dispatchsim.domain.freight import words


def describe_use(name: str, arguments: Mapping[str, JsonValue], result: Mapping[str, JsonValue]) -> str:
    """Say what was done, as in `Offer rate: 1,500 dollars`, and why not where it was refused."""
    given = ", ".join(_show(key, value) for key, value in arguments.items() if value not in ("", None))
    text = name.replace("_", " ").capitalize() + (f": {given}" if given else "")
    if result.get("ok") is True:
        return text
    return f"{text}. Refused: {result.get('reason', 'no reason given')}"


def _show(key: str, value: JsonValue) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if key.endswith("_usd"):
            return words.usd(value)
        return words.hours(value) if key == "hours" else words.number(value)
    return str(value).replace("_", " ")
