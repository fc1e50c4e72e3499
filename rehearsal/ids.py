"""Ids in OpenAI's form: a prefix and 21 characters of chance."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def make_id(prefix: str) -> str:
    """Make a new id, as in `item_BZ4f…`."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(21))
