"""Characters that no text of ours may hold."""

import re
from typing import TypeVar

_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")  # no database keeps these in text
T = TypeVar("T")


def is_storable(text: str) -> bool:
    """Tell whether every database can keep the text."""
    return _NOT_STORABLE.search(text) is None


def require_storable(value: T) -> T:
    """Give any value of a field back. Raises ValueError, as pydantic wants it, for a text that cannot be kept."""
    if isinstance(value, str) and not is_storable(value):
        raise ValueError("It has a character that cannot be stored.")
    if isinstance(value, tuple):
        for one in value:
            require_storable(one)
    return value
