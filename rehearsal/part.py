"""Reads the part that a Realtime session is to play from its instructions, and from nothing else."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_HEADING = re.compile(r"^\s*#+\s*(?P<title>.*?)\s*:?\s*$")
_LINE = re.compile(r"^\s*(?:[-*]\s+)?(?P<key>[^:#]{1,80}?)\s*:\s*(?P<value>.*?)\s*$")
UNKNOWN = "?"  # the value of a fact that the speaker has to ask for


class Role(StrEnum):
    """The two parts that a load sheet can give."""

    DISPATCHER = "dispatcher"
    DRIVER = "driver"


@dataclass(frozen=True)
class Fact:
    """One line of the load sheet; `value` is None when this side does not know it."""

    key: str
    value: str | None


@dataclass(frozen=True)
class Part:
    """Everything that the speaker knows."""

    role: Role
    name: str
    peer_name: str
    facts: tuple[Fact, ...]
    decision: str
    opens_the_call: bool
    seed: int
    must_wrap_up: bool = False  # told in the middle of a call


def find_part(instructions: str, *, extra_seed: str = "") -> Part | None:
    """Read the part; None when the instructions give no role or no load sheet.

    The form is lenient: headings of any level and case, `key: value` lines with or without a bullet.
    """
    sections = list(_sections(instructions))
    about = dict(_pairs(_body(sections, "your part")))
    facts = tuple(
        Fact(key, None if value in {UNKNOWN, ""} else value) for key, value in _pairs(_body(sections, "load sheet"))
    )
    role = _find_role(about.get("role", ""), facts)
    if role is None:
        return None
    decision = dict(_pairs(_body(sections, "decision"))).get("decision", "")
    persona = "\n".join(_body(sections, "who you are"))
    name, peer_name = about.get("name", ""), about.get("peer_name", about.get("peer name", ""))
    told = repr((extra_seed, role, name, peer_name, facts, decision, persona))
    opens_the_call = about.get("opens_the_call", "").lower() == "yes"
    return Part(
        role,
        name,
        peer_name,
        facts,
        decision,
        opens_the_call,
        seed=_digest(told),
        must_wrap_up=any("wrap up now" in title for title, _ in sections),
    )


def _find_role(told: str, facts: tuple[Fact, ...]) -> Role | None:
    if not facts:
        return None
    try:
        return Role(told.strip().lower())
    except ValueError:
        return None


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big")


def _sections(text: str) -> Iterator[tuple[str, list[str]]]:
    title, body = "", list[str]()
    for line in text.splitlines():
        heading = _HEADING.match(line)
        if heading is None:
            body.append(line)
            continue
        yield title, body
        title, body = heading["title"].lower(), []
    yield title, body


def _body(sections: list[tuple[str, list[str]]], title: str) -> list[str]:
    """Give the first section of that title which says anything."""
    return next((body for name, body in sections if title in name and any(line.strip() for line in body)), [])


def _pairs(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        match = _LINE.match(line)
        if match is not None:
            key = match["key"].strip()
            yield (key.lower() if key.lower() in _OWN_KEYS else key), match["value"].strip()


_OWN_KEYS = frozenset({"role", "name", "peer_role", "peer_name", "peer name", "opens_the_call", "decision"})
