"""Reads the part that a Realtime session is to play from its instructions, and from nothing else."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

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
    is_line_silent: bool = False  # likewise
    call_kind: str = ""  # empty: the load sheet is exchanged, and the driver decides
    knows: tuple[Fact, ...] = ()
    finds_out: tuple[Fact, ...] = ()
    limits: tuple[tuple[str, str], ...] = ()  # for oneself alone
    hours: tuple[tuple[str, str], ...] = ()
    goal: str = ""
    character: str = ""
    situation: str = ""
    names: tuple[str, ...] = ()  # words that the instructions write with a capital letter, and never without

    def limit(self, key: str) -> str:
        """Give a private limit, or nothing."""
        return next((value for name, value in self.limits if name.lower() == key), "")


@lru_cache(maxsize=16)  # instructions stay the same over the turns of a call
def find_part(instructions: str, *, extra_seed: str = "") -> Part | None:
    """Read the part; None when the instructions give no role or no load sheet.

    The form is lenient: headings of any level and case, `key: value` lines with or without a bullet.
    """
    sections = list(_sections(instructions))
    about = dict(_pairs(_body(sections, "your part")))
    facts = _facts(sections, "load sheet")
    knows, finds_out = _facts(sections, "what you know"), _facts(sections, "what you have to find out")
    role = _find_role(about.get("role", ""), (*facts, *knows, *finds_out))
    if role is None:
        return None
    decision = dict(_pairs(_body(sections, "decision"))).get("decision", "")
    persona = "\n".join(_body(sections, "who you are"))
    name, peer_name = about.get("name", ""), about.get("peer_name", about.get("peer name", ""))
    limits, hours = (tuple(_pairs(_body(sections, title))) for title in ("your limits", "your hours"))
    told = repr((extra_seed, role, name, peer_name, facts, decision, persona, knows, finds_out, limits))
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
        is_line_silent=any("line is silent" in title for title, _ in sections),
        call_kind=about.get("call_kind", "").lower(),
        knows=knows,
        finds_out=finds_out,
        limits=limits,
        hours=hours,
        goal=dict(_pairs(_body(sections, "your goal"))).get("goal", ""),
        character=persona,
        situation="\n".join(_body(sections, "the situation")),
        names=_names(sections),
    )


def find_character(instructions: str) -> str:
    """Read who the speaker is; empty where the instructions do not say."""
    return "\n".join(_body(list(_sections(instructions)), "who you are"))


def _facts(sections: list[tuple[str, list[str]]], title: str) -> tuple[Fact, ...]:
    pairs = _pairs(_body(sections, title))
    return tuple(Fact(key, None if value in {UNKNOWN, ""} else value) for key, value in pairs)


def _names(sections: list[tuple[str, list[str]]]) -> tuple[str, ...]:
    """Find names of people and places: words with a capital letter inside sentences, never seen without one."""
    text = "\n".join(line for title, body in sections if title in _NAMED_IN for line in body)
    inside = set(re.findall(r"(?<=[a-z,:] )[A-Z][a-z]+", text))
    return tuple(sorted(word for word in inside if re.search(rf"\b{word.lower()}\b", text) is None))


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


_OWN_KEYS = frozenset(
    {"role", "name", "peer_role", "peer_name", "peer name", "opens_the_call", "decision", "call_kind", "goal"}
)
_NAMED_IN = frozenset({"", "your part", "the situation", "load sheet", "what you know"})
