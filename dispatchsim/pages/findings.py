"""What a verdict found, for people to read: checks by name, for each side why, and links to what shows it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.verdict import Check, Evidence, Result, Verdict
from dispatchsim.services.tool_uses import ToolUseView

_NAMES = {
    "expected_outcome": "Came to the expected outcome",
    "booked_inside_limits": "Booked inside the limits",
    "settled_as_terms_give": "Paid what the terms give",
    "arrival_feasible": "The truck can be there in time",
    "read_back_correctly": "Read back correctly",
    "required_facts_said": "Said the required facts",
    "nothing_private_said": "Kept limits private",
    "ended_politely": "Ended politely",
}
_WORST_FIRST = (Result.FAIL, Result.NOT_EVALUABLE, Result.PASS)
_IN_ORDER = (Result.FAIL, Result.PASS, Result.NOT_EVALUABLE)


@dataclass(frozen=True)
class Shown:
    """A turn or a tool use that shows something; without an `href` it is no longer on the page."""

    text: str
    href: str
    about: str  # "commodity, weight"; mostly nothing


@dataclass(frozen=True)
class Part:
    """What a check found of one side, or of both."""

    role: Role | None
    result: Result
    why: str
    shown: tuple[Shown, ...]


@dataclass(frozen=True)
class Finding:
    """All that the checks of one name found; the result is the worst of them."""

    name: str
    result: Result
    parts: tuple[Part, ...]


def build_findings(verdict: Verdict, uses: Iterable[ToolUseView]) -> tuple[Finding, ...]:
    """Put the checks of one name together; what failed comes first, what could not be judged last."""
    by_call_id = {use.call_id: use for use in uses}
    named: dict[str, list[Check]] = {}
    for check in verdict.checks:
        named.setdefault(check.name, []).append(check)
    findings = (_build_finding(name, checks, by_call_id) for name, checks in named.items())
    return tuple(sorted(findings, key=lambda finding: _IN_ORDER.index(finding.result)))


def _build_finding(name: str, checks: Iterable[Check], uses: dict[str, ToolUseView]) -> Finding:
    parts = tuple(part for check in checks for part in _build_parts(check, uses))
    return Finding(
        name=_NAMES.get(name) or name.replace("_", " ").capitalize(),
        result=min((part.result for part in parts), key=_WORST_FIRST.index),
        parts=parts,
    )


def _build_parts(check: Check, uses: dict[str, ToolUseView]) -> Iterator[Part]:
    shown = tuple(_show(evidence, uses) for evidence in check.evidence)
    part = Part(role=check.role, result=check.result, why=check.why, shown=shown)
    if check.why and any(one.about for one in shown):  # what was not said, and what was, are two things
        yield replace(part, shown=())
        yield replace(part, why="Said:")
    else:
        yield part


def _show(evidence: Evidence, uses: dict[str, ToolUseView]) -> Shown:
    about = ", ".join(evidence.about)
    if evidence.turn is not None:
        return Shown(text=f"turn {evidence.turn}", href=f"#turn-{evidence.turn}", about=about)
    use = uses.get(evidence.call_id or "")
    if use is None:
        return Shown(text=evidence.text.replace("_", " "), href="", about=about)
    return Shown(text=use.text, href=f"#use-{use.log_seq}", about=about)
