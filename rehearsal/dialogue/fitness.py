"""Whether a load fits truck and driver: trailer, hazmat, deadhead, hours."""

import re

from rehearsal.dialogue.moves import find_named, known_value
from rehearsal.dialogue.numbers import values_of
from rehearsal.dialogue.state import State, Use
from rehearsal.dialogue.topics import alike, is_named
from rehearsal.dialogue.words import words_of

Reason = tuple[str, str]  # the word for the record, and words for the other side

_TRAILERS = (
    "reefer",
    "flatbed",
    "dry van",
    "van",
    "step deck",
    "stepdeck",
    "conestoga",
    "tanker",
    "lowboy",
    "hotshot",
    "box truck",
    "power only",
    "double drop",
    "hopper",
    "car hauler",
)
_SAYS_YES = re.compile(r"allows|in_time|on_time|feasible|fits|enough|possible")
_REFUSALS = (
    ("hours", r"hours|service|driving|duty|arriv|in time|on time"),
    ("equipment", r"equipment|trailer|reefer|flatbed|van"),
    ("hazmat", r"hazmat|endorsement|placard"),
    ("deadhead", r"deadhead|empty miles"),
)


def find_unfit(state: State) -> Reason | None:
    """Give the reason why the load cannot be taken, as far as is known."""
    if not state.part.limits and not state.part.hours:
        return None
    return _trailer(state) or _hazmat(state) or _deadhead(state) or _hours(state)


def refusal_reason(text: str) -> Reason | None:
    """Read why the record refused a yes; None when it was the rate."""
    lowered = text.lower()
    if re.search(r"\brate\b|offered|on the table", lowered):
        return None
    return next(((word, "") for word, pattern in _REFUSALS if re.search(pattern, lowered)), None)


def _trailer(state: State) -> Reason | None:
    needed = state.part.limit("needs equipment")
    told = known_theirs(state, "trailer") or ("reefer" if state.is_cooled else "")
    if not needed or not told:
        return None
    return None if fits_trailer(told, needed) else ("equipment", f"I pull a {needed}")


def fits_trailer(needed: str, own: str) -> bool:
    """Tell whether a trailer will do; where one of the two is no known kind, nothing can be said against it."""
    asked, has = _kinds(needed), _kinds(own)
    asked = asked - {"van"} if "reefer" in asked else asked
    return not asked or not has or bool(asked & has)


def _kinds(text: str) -> set[str]:
    words = words_of(text)
    row = " ".join(words)
    found = {
        kind for kind in _TRAILERS if kind in row or (" " not in kind and any(alike(kind, word) for word in words))
    }
    found = {"van" if kind == "dry van" else kind for kind in found}
    return found | ({"van"} if "reefer" in found else set())  # switched off it carries dry freight


def _hazmat(state: State) -> Reason | None:
    if state.part.limit("hazmat").lower() != "no":
        return None
    told = known_theirs(state, "hazmat").lower()
    is_hazmat = bool(told) and not re.match(r"^(?:no|none|not)\b", told)
    return ("hazmat", "I have no hazmat endorsement") if is_hazmat else None


def _deadhead(state: State) -> Reason | None:
    own, most = known_value(state, "deadhead"), state.part.limit("longest deadhead")
    if not own or not most or not known_theirs(state, "pickup"):
        return None
    miles, limit = values_of(own), values_of(most)
    if not miles or not limit or miles[0] <= limit[0]:
        return None
    return ("deadhead", f"it's {miles[0]:,.0f} miles empty to the pickup")


def known_theirs(state: State, name: str) -> str:
    """Give what was learnt about a usual fact of the load."""
    topics = tuple(topic for topic in state.theirs if topic.is_load and is_named(topic, name))
    topic = find_named(topics, name)
    return state.learned.get(topic.key, "") if topic is not None else ""


def _hours(state: State) -> Reason | None:
    for use in state.uses:
        if use.name in {"check_hours_of_service", "check_position_and_arrival"} and says_no(use):
            return ("hours", "my hours don't allow it")
    return None


def says_no(use: Use) -> bool:
    """Tell whether a check came out badly."""
    result = use.result or {}
    return any(_SAYS_YES.search(key) and value is False for key, value in result.items())
