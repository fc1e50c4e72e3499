"""What a tool use says to people: a line of what was done, and its arguments and result to read."""

import json
from collections.abc import Mapping

from pydantic import JsonValue

from dispatchsim.domain.freight import words
from dispatchsim.domain.freight.case import DeclineReason
from dispatchsim.domain.load_sheet import Fact

# Tool → what was done, and what was tried where it was refused. A use without one of the arguments is spelled out.
_WORDS: Mapping[str, tuple[str, str]] = {
    "look_up_load": ("Looked up the load", "look up the load"),
    "offer_rate": ("Offered {amount_usd}", "offer {amount_usd}"),
    "book_load": ("Booked the load at {rate_usd}", "book the load at {rate_usd}"),
    "reschedule_appointment": ("Moved the {stop} to {window}", "move the {stop} to {window}"),
    "approve_detention": ("Approved {amount_usd} for {hours} of detention", "approve {amount_usd} of detention"),
    "open_incident": ("Opened an incident for “{kind}”", "open an incident for “{kind}”"),
    "check_hours_of_service": ("Checked the hours of service", "check the hours of service"),
    "check_position_and_arrival": ("Checked the arrival at the {stop}", "check the arrival at the {stop}"),
    "accept_load": ("Accepted the load at {rate_usd}", "accept the load at {rate_usd}"),
    "decline_load": ("Declined the load {reason}", "decline the load {reason}"),
    "report_status": ("Put “{status}” on record", "put “{status}” on record"),
    "send_papers": ("Sent papers: {kind}", "send papers: {kind}"),
    "end_call": ("Hung up", "hang up"),
}


def describe_use(name: str, arguments: Mapping[str, JsonValue], result: Mapping[str, JsonValue]) -> str:
    """Say what was done, as in `Offered 1,500 dollars`, and why not where it was refused."""
    given = {key: _show(key, value) for key, value in arguments.items() if value not in ("", None)}
    if name == "decline_load" and "reason" in given:
        given["reason"] = _quote_reason(given["reason"])
    done, tried = _WORDS.get(name, ("", ""))
    try:
        done, tried = done.format_map(given), tried.format_map(given)
    except KeyError:
        done = tried = ""
    if result.get("ok") is True:
        return done or _spell_out(name, given)
    attempt = f"Tried to {tried}" if tried else _spell_out(name, given)
    return f"{attempt}. Refused: {result.get('reason', 'no reason given')}"


def list_facts(values: Mapping[str, JsonValue]) -> tuple[Fact, ...]:
    """List arguments or a result for people; whether it was done is told apart."""
    return tuple(
        Fact(key=key.removesuffix("_usd").replace("_", " "), value=_show(key, value))
        for key, value in values.items()
        if key != "ok"
    )


def _quote_reason(said: str) -> str:
    """Take the one word apart from what else was said: `(equipment): “I pull a flatbed”`."""
    word, _, more = (part.strip() for part in said.partition(":"))
    if word.lower() not in set(DeclineReason):
        return f"because “{said}”"
    return f"({word.lower()}): “{more}”" if more else f"({word.lower()})"


def _spell_out(name: str, given: Mapping[str, str]) -> str:
    spelled = name.replace("_", " ").capitalize()
    return f"{spelled}: {', '.join(given.values())}" if given else spelled


def _show(key: str, value: JsonValue) -> str:
    if isinstance(value, bool):
        return words.yes_no(value)
    if isinstance(value, int | float):
        return (
            words.usd(value) if key.endswith("_usd") else words.hours(value) if key == "hours" else words.number(value)
        )
    if isinstance(value, str):
        return value.replace("_", " ") if value.replace("_", "").isalpha() else value
    if isinstance(value, list):
        return "; ".join(_show(key, one) for one in value)
    return json.dumps(value, ensure_ascii=False)
