"""Render what an agent's Realtime session gets as instructions.

The parts are files in `templates/prompts` that a person can read and change. What authors wrote goes in
as plain text: it can neither open a section of its own nor run as a template.
"""

import re
from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.template import Context, Engine

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.frozen import FrozenPersona, FrozenScenario
from dispatchsim.domain.load_sheet import Fact, parse_load_sheet

UNKNOWN = "?"  # what the driver has to ask about
_ROLE_WORDS = {Role.DISPATCHER: "a freight dispatcher", Role.DRIVER: "a truck driver"}
_HEADING_MARK = re.compile(r"^[\s#\u200b-\u200f\u2060\ufeff]*#\s*")  # invisible characters count for nothing
_BLANK_LINES = re.compile(r"\n{3,}")


def render_instructions(
    *, scenario: FrozenScenario, persona: FrozenPersona, peer: FrozenPersona, role: Role, is_opener: bool
) -> str:
    """Render the prompt of one agent from `templates/prompts/*.txt`."""
    facts = parse_load_sheet(scenario.load_sheet)
    told = facts if role is Role.DISPATCHER else tuple(Fact(key=fact.key, value=UNKNOWN) for fact in facts)
    values: dict[str, object] = {
        "role": role,
        "role_words": _ROLE_WORDS[role],
        "peer_words": _ROLE_WORDS[role.peer],
        "persona": _as_plain_text(persona),
        "peer": _as_plain_text(peer),
        "is_opener": is_opener,
        "briefing": neutralise(scenario.briefing(role)) or "Nothing more than what the load sheet says.",
        "facts": told,
        "decision": "",
    }
    if role is Role.DRIVER:
        values["decision"] = _render("decision.txt", {"decision": one_line(scenario.driver_decision)})
    values["how_the_call_goes"] = _render(f"how_the_call_goes_{role}.txt", values)
    for part in ("how_to_speak", "how_to_end"):
        values[part] = _render(f"{part}.txt", values)
    return _BLANK_LINES.sub("\n\n", _render("instructions.txt", values)) + "\n"


def neutralise(text: str) -> str:
    """Take the heading marks from an author's lines, so that no line of theirs opens a section."""
    return "\n".join(_HEADING_MARK.sub("", line).rstrip() for line in text.splitlines()).strip()


def one_line(text: str) -> str:
    """Put an author's short text on one line."""
    return " ".join(neutralise(text).split())


def _as_plain_text(persona: FrozenPersona) -> dict[str, str]:
    return {
        "name": one_line(persona.name),
        "title": one_line(persona.title),
        "character": neutralise(persona.character),
    }


def _render(name: str, values: Mapping[str, object]) -> str:
    return _engine().get_template(name).render(Context(dict(values), autoescape=False)).strip()


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(settings.BASE_DIR / "templates" / "prompts")], autoescape=False)
