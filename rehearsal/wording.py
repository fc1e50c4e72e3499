"""What the parts say, in words: varied by seed and place, never by chance."""

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise

# Rotated, so that neighbours differ; the seed gives the start.
DRIVER_ACKNOWLEDGES = (
    "Got it.",
    "Okay.",
    "Copy that.",
    "All right.",
    "Okay, noted.",
    "Understood.",
    "Good, thanks.",
)
DRIVER_ASKS = (
    "What {verb} the {key}?",
    "And what about the {key}?",
    "Can you give me the {key}?",
    "How about the {key}?",
    "What do you have for the {key}?",
)
DISPATCHER_BEGINS = ("Sure.", "Yes.", "Okay.", "Right.", "Let me see.")
DISPATCHER_TELLS = (
    "The {key} {verb} {value}",
    "For the {key}, my sheet says {value}",
    "The {key} on this load {verb} {value}",
    "On the {key}, that would be {value}",
)
DISPATCHER_TELLS_YES_OR_NO = "As for the {key}, {value}"
DISPATCHER_OPENS = (
    "I have a load for you.",
    "I've got a load that may suit you.",
    "I'm calling about a load for you.",
    "I have a load here with your name on it.",
)
DRIVER_OPENS = (  # the load may be an offer or half delivered: only the briefing would know
    "I'm calling about the load.",
    "I have a few questions about the load.",
    "I need a few details on the load.",
)
DRIVER_IS_READY = ("Good to hear from you.", "Sounds good.", "Thanks for calling.", "I'm listening.")
DRIVER_ACCEPTS = (
    "That's all I need. I'll take the load.",
    "That works for me. I'll take the load.",
    "Sounds good. Put me on it, I'll take the load.",
)
DRIVER_AGREES = (  # to what it called about
    "That's all I need. I accept, we'll do it that way.",
    "That works for me. I accept.",
    "All right, I accept. That's how we'll do it.",
)
DRIVER_DECLINES = (
    "Thanks for all that, but I have to pass on this load.",
    "I'm sorry, I'll have to decline this load.",
    "I appreciate it, but I can't take this load.",
)
DRIVER_IS_UNDECIDED = ("That's all I need. I'll think it over and call you back.",)
DISPATCHER_CONFIRMS = (
    "Okay, I've written that down.",
    "Understood, I'll note that down.",
    "All right, I have your answer.",
)
FAREWELLS = (
    "Thanks for your time{name}, goodbye.",
    "Take care{name}, goodbye.",
    "Thanks{name}, talk to you soon, goodbye.",
)
DRIVER_FAREWELLS = ("Thank you{name}, goodbye.", "Thanks{name}, take care, goodbye.", "All right{name}, bye for now.")
BYES = ("Bye.", "Bye now.", "Okay, bye.")
NO_LOAD_SHEET = "I'm sorry, I have no load sheet to speak from, so there is nothing I can tell you about a load."

_PREPOSITIONS = frozenset({"on", "in", "of", "at", "for", "from", "to", "with"})
_SINGULAR_ENDINGS = ("ss", "us", "is")


def pick(options: Sequence[str], *, seed: int, place: str) -> str:
    """Choose by seed and place alone."""
    digest = hashlib.sha256(f"{seed}:{place}".encode()).digest()
    return options[int.from_bytes(digest[:4], "big") % len(options)]


def rotate(options: Sequence[str], *, seed: int, index: int) -> str:
    """Choose the next one after its neighbour's, from a start that the seed gives."""
    return options[(seed + index) % len(options)]


def humanise(key: str) -> str:
    """Turn a key of a load sheet into words: `pickup_window` is the pickup window."""
    words = re.sub(r"[_\s]+", " ", key).strip()
    return " ".join(word if _is_acronym(word) else word.lower() for word in words.split())


def verb_for(key: str) -> str:
    """Give `is` or `are` by the noun of the key: its last word, or the one before `on the papers`."""
    words = humanise(key).lower().split()
    if words[0] in {"what", "who", "where", "when", "why", "how"}:
        return "is"
    last = next((before for before, word in pairwise(words) if word in _PREPOSITIONS), words[-1])
    return "are" if last.endswith("s") and not last.endswith(_SINGULAR_ENDINGS) else "is"


def is_yes_or_no(value: str) -> bool:
    """Tell whether a value answers yes or no, whatever comes after."""
    return re.match(r"(yes|no|none)\b", value, re.IGNORECASE) is not None


def end_sentence(text: str) -> str:
    """Close a sentence that ends in someone else's words."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def address(name: str) -> str:
    """Give the peer's name after a comma, or nothing."""
    return f", {name}" if name else ""


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()
