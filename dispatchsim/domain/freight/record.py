"""A finished call as its verdict sees it: what was said, what the tools did, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.freight.case import FreightCase, FreightOutcome
from dispatchsim.domain.freight.state import FreightState, find_outcomes


@dataclass(frozen=True)
class SaidTurn:
    """A turn with its number in the transcript; times are seconds since the floor opened."""

    seq: int
    speaker: Role
    text: str
    end_s: float = 0.0
    is_cut_off: bool = False  # interrupted: `text` is what was heard of it


@dataclass(frozen=True)
class UsedTool:
    """One use of a tool, refused ones included."""

    call_id: str
    role: Role
    name: str
    arguments: Mapping[str, JsonValue]
    result: Mapping[str, JsonValue]
    at_s: float = 0.0

    @property
    def is_ok(self) -> bool:
        """Whether it was done."""
        return self.result.get("ok") is True


@dataclass(frozen=True)
class CallRecord:
    """Everything that a verdict looks at."""

    case: FreightCase
    facts: Mapping[str, str]  # key of a fact, in lower case, to its value
    state: FreightState
    turns: tuple[SaidTurn, ...]
    uses: tuple[UsedTool, ...]
    end_reason: EndReason | None

    def by(self, role: Role) -> tuple[SaidTurn, ...]:
        """Give what one side said."""
        return tuple(turn for turn in self.turns if turn.speaker is role)

    def find_done(self, *names: str) -> UsedTool | None:
        """Give the last use of one of these tools that was not refused."""
        return next((use for use in reversed(self.uses) if use.name in names and use.is_ok), None)

    @property
    def outcomes(self) -> frozenset[FreightOutcome]:
        """Everything that the call came to.

        One that was cut short was not passed on: what was merely on record by then could still have been settled.
        """
        found = find_outcomes(self.state)
        return found - {FreightOutcome.REFERRED} if self.is_cut_short else found

    @property
    def is_valid(self) -> bool:
        """Whether it was a call at all: no failure, and both sides were heard."""
        has_failed = self.end_reason is None or self.end_reason.is_failure
        speakers = {turn.speaker for turn in self.turns if turn.text.strip()}
        return not has_failed and speakers == set(Role)

    @property
    def is_cut_short(self) -> bool:
        """Whether somebody other than the two ended it: what had not come yet can be held against nobody."""
        return self.end_reason in (EndReason.PERSON_ENDED, EndReason.STOPPED)
