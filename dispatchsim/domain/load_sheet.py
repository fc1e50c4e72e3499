"""The load sheet: facts of a load as plain `key: value` lines, in the order they come up."""

import re
from dataclasses import dataclass

from dispatchsim.domain.errors import InvalidInputError

MAX_FACTS = 40
_LINE = re.compile(r"^\s*(?P<key>[A-Za-z][A-Za-z0-9 _/'-]{0,59}?)\s*:\s*(?P<value>\S.*?)\s*$")


@dataclass(frozen=True)
class Fact:
    """One line of a load sheet."""

    key: str
    value: str


def parse_load_sheet(text: str) -> tuple[Fact, ...]:
    """Read `key: value` lines; blank lines and lines that start with # are left out.

    Raises InvalidInputError for field `load_sheet`, naming the line.
    """
    facts: list[Fact] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        facts.append(_parse_line(line, number, taken={fact.key.lower() for fact in facts}))
    if not facts:
        raise InvalidInputError(
            "The load sheet has no facts.", field="load_sheet", hint="Write lines such as `commodity: frozen chicken`."
        )
    if len(facts) > MAX_FACTS:
        raise InvalidInputError(
            f"The load sheet has {len(facts)} facts; at most {MAX_FACTS} fit into one call.",
            field="load_sheet",
            hint="Leave out what nobody needs to say.",
        )
    return tuple(facts)


def check_load_sheet(text: str) -> str:
    """Pass a load sheet on that can be read; for pydantic, which wants a ValueError. Its words name the line."""
    try:
        parse_load_sheet(text)
    except InvalidInputError as error:
        raise ValueError(f"{error.message} {error.hint}") from error
    return text


def _parse_line(line: str, number: int, *, taken: set[str]) -> Fact:
    match = _LINE.match(line)
    if match is None:
        raise InvalidInputError(
            f"Line {number} is not a name, a colon and a value.",
            field="load_sheet",
            hint="Write it with a name in letters, as in `weight: 42,000 pounds`.",
        )
    if match["key"].lower() in taken:
        raise InvalidInputError(
            f"Line {number} names {match['key']!r} a second time.",
            field="load_sheet",
            hint="Keep one line for each name.",
        )
    return Fact(key=match["key"], value=match["value"])
