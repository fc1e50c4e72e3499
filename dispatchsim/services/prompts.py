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
from dispatchsim.domain.freight.case import FreightCase
from dispatchsim.domain.freight.sheet import Briefing, build_briefing
from dispatchsim.domain.freight.tools import tools_for
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
    values: dict[str, object] = {
        "role": role,
        "role_words": _ROLE_WORDS[role],
        "peer_words": _ROLE_WORDS[role.peer],
        "persona": _as_plain_text(persona),
        "peer": _as_plain_text(peer),
        "is_opener": is_opener,
        "briefing": neutralise(scenario.briefing(role)) or "Nothing more than what the load sheet says.",
        "decision": "",
    }
    if scenario.freight is None:
        values |= _load_sheet_exchange(scenario, role)
    else:
        values |= _freight_call(scenario.freight, load_sheet=scenario.load_sheet, role=role)
    values["how_the_call_goes"] = _render(f"{values['course']}_{role}.txt", values)
    for part in ("how_to_speak", "how_to_end"):
        values[part] = _render(f"{part}.txt", values)
    return _BLANK_LINES.sub("\n\n", _render("instructions.txt", values)) + "\n"


def _load_sheet_exchange(scenario: FrozenScenario, role: Role) -> dict[str, object]:
    facts = parse_load_sheet(scenario.load_sheet)
    values: dict[str, object] = {"facts": facts, "course": "how_the_call_goes"}
    if role is Role.DRIVER:
        values["facts"] = tuple(Fact(key=fact.key, value=UNKNOWN) for fact in facts)
        values["decision"] = _render("decision.txt", {"decision": one_line(scenario.driver_decision)})
    return values


def _freight_call(case: FreightCase, *, load_sheet: str, role: Role) -> dict[str, object]:
    freight = _as_lines(build_briefing(case, load_sheet=load_sheet, role=role))
    return {
        "facts": freight.load_sheet,
        "course": "how_a_booking_goes" if case.is_booking else "how_a_report_goes",
        "call_kind": case.kind,
        "is_reporter": case.report is not None and case.report.by is role,
        "stakes": _render("stakes.txt", {"freight": freight, "tools": tools_for(case, role)}),
    }


def _as_lines(told: Briefing) -> Briefing:
    """Keep what authors wrote on one line each."""

    def lines(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        return tuple(Fact(key=fact.key, value=one_line(fact.value)) for fact in facts)

    return Briefing(
        load_sheet=lines(told.load_sheet),
        knows=lines(told.knows),
        finds_out=lines(told.finds_out),
        limits=lines(told.limits),
        hours=lines(told.hours),
        goal=one_line(told.goal),
    )


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
