"""What a finished call came to, as named checks against the scenario's truth. Pure.

Each check passes, fails or cannot be evaluated, and its evidence is a turn or a tool use. A call that was not valid
(it failed, or one side never spoke) has no verdict at all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.freight import words
from dispatchsim.domain.freight.case import FreightOutcome
from dispatchsim.domain.freight.hours import find_late, plan_trip
from dispatchsim.domain.freight.leaks import find_leaks
from dispatchsim.domain.freight.record import CallRecord, SaidTurn, UsedTool
from dispatchsim.domain.freight.spoken import find_numbers, says_amount, says_end_of, says_fact
from dispatchsim.domain.freight.state import apply_appointments
from dispatchsim.domain.guards import says_farewell

_SETTLING_TOOLS = {
    FreightOutcome.BOOKED: ("book_load",),
    FreightOutcome.DECLINED: ("decline_load",),
    FreightOutcome.RESCHEDULED: ("reschedule_appointment",),
    FreightOutcome.DETENTION_APPROVED: ("approve_detention",),
    FreightOutcome.INCIDENT_OPENED: ("open_incident",),
    FreightOutcome.REFERRED: ("send_papers", "report_status"),
}
# Outcome → what it is about, and what was done with it.
_DEEDS = {
    FreightOutcome.BOOKED: ("the load", "booked"),
    FreightOutcome.DECLINED: ("the load", "declined"),
    FreightOutcome.RESCHEDULED: ("the appointment", "moved"),
    FreightOutcome.DETENTION_APPROVED: ("detention", "approved"),
    FreightOutcome.INCIDENT_OPENED: ("an incident", "opened"),
    FreightOutcome.REFERRED: ("the matter", "passed on"),
}
_LAST_WORDS = 4  # turns in which both should have said goodbye


class Result(StrEnum):
    """How a check came out."""

    PASS = "pass"  # noqa: S105  (no password)
    FAIL = "fail"
    NOT_EVALUABLE = "not_evaluable"


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Evidence(_Frozen):
    """A turn, or a tool use, that shows it. `about` names what it shows, where a check is about several things."""

    turn: int | None = None
    call_id: str | None = None
    text: str = ""
    about: tuple[str, ...] = ()


class Check(_Frozen):
    """One named check. `role` is the side that it is about; None: both."""

    name: str
    result: Result
    role: Role | None = None
    why: str = ""
    evidence: tuple[Evidence, ...] = ()


class Verdict(_Frozen):
    """All checks, and what they come to: jointly and for each side."""

    expected: FreightOutcome | None  # None: the call's own copy of it cannot be read
    outcomes: tuple[FreightOutcome, ...]
    joint: Result
    agents: dict[Role, Result]
    checks: tuple[Check, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Say why it failed, one sentence for each check that did."""
        return tuple(check.why for check in self.checks if check.result is Result.FAIL)

    @property
    def outcome(self) -> str:
        """Name what it came to, the expected outcome where there are several; nothing where nothing was settled."""
        wanted = (outcome for outcome in self.outcomes if outcome is self.expected)
        return next(wanted, next(iter(self.outcomes), ""))

    @property
    def failure(self) -> str:
        """Say why it does not count as passed; nothing where it does."""
        return "" if self.joint is Result.PASS else " ".join(self.reasons) or "Nothing could be judged."

    @property
    def deciding(self) -> tuple[Check, ...]:
        """Give the checks that kept it from passing: those that failed, else an outcome that nobody can judge."""
        failed = tuple(check for check in self.checks if check.result is Result.FAIL)
        if failed or self.joint is not Result.NOT_EVALUABLE:
            return failed
        return tuple(check for check in self.checks if check.name == "expected_outcome")


def build_verdict(record: CallRecord) -> Verdict | None:
    """Judge a finished call; None where it was not a valid run."""
    if not record.is_valid:
        return None
    checks = tuple(check for build in _CHECKS for check in build(record))
    return Verdict(
        expected=record.case.truth.outcome,
        outcomes=tuple(outcome for outcome in FreightOutcome if outcome in record.outcomes),
        joint=_sum_up(checks),
        agents={role: _sum_up(check for check in checks if check.role in (role, None)) for role in Role},
        checks=checks,
    )


def build_unjudged(why: str) -> Verdict:
    """Say of a call that nothing of it can be evaluated, and why."""
    unknown = Result.NOT_EVALUABLE
    check = _not_evaluable("expected_outcome", why)
    return Verdict(expected=None, outcomes=(), joint=unknown, agents=dict.fromkeys(Role, unknown), checks=(check,))


def _sum_up(checks: Iterable[Check]) -> Result:
    """One failure fails it; and whoever was kept from an outcome has neither passed nor failed."""
    checks = tuple(checks)
    results = {check.result for check in checks}
    if Result.FAIL in results:
        return Result.FAIL
    if any(check.name == "expected_outcome" and check.result is Result.NOT_EVALUABLE for check in checks):
        return Result.NOT_EVALUABLE
    return Result.PASS if Result.PASS in results else Result.NOT_EVALUABLE


def _expected_outcome(record: CallRecord) -> Iterator[Check]:
    truth, state, outcomes = record.case.truth, record.state, record.outcomes
    evidence = _evidence_of_use(record.find_done(*[name for one in outcomes for name in _SETTLING_TOOLS[one]]))
    if not outcomes and record.is_cut_short:
        yield _not_evaluable("expected_outcome", "The call was ended from outside before anything was settled.")
        return
    if truth.outcome not in outcomes:
        why = _tell_other_outcome(truth.outcome, outcomes)
        yield _check("expected_outcome", is_ok=False, why=why, evidence=evidence)
        return
    if truth.decline_reason is not None and state.declined_reason is not truth.decline_reason:
        why = f"The driver gave {state.declined_reason} as the reason; it should have been {truth.decline_reason}."
        yield _check("expected_outcome", is_ok=False, role=Role.DRIVER, why=why, evidence=evidence)
        return
    kind = record.case.remedy.incident_kind if record.case.remedy else None
    if kind is not None and kind.value not in {incident.kind for incident in state.incidents}:
        why = f"No incident for “{kind.value.replace('_', ' ')}” was opened."
        yield _check("expected_outcome", is_ok=False, role=Role.DISPATCHER, why=why, evidence=evidence)
        return
    yield _check("expected_outcome", is_ok=True, evidence=evidence)


def _tell_other_outcome(expected: FreightOutcome, outcomes: Iterable[FreightOutcome]) -> str:
    what, done = _DEEDS[expected]
    other = " and ".join(f"{_DEEDS[one][0]} was {_DEEDS[one][1]}" for one in sorted(outcomes))
    return f"{what.capitalize()} should have been {done}; {f'instead {other}' if other else 'nothing was settled'}."


def _booked_inside_limits(record: CallRecord) -> Iterator[Check]:
    rate, money = record.state.booked_rate, record.case.money
    if rate is None:
        yield _not_evaluable("booked_inside_limits", "Nothing was booked.")
        return
    is_above = money.ceiling is not None and rate > money.ceiling
    is_below = money.floor is not None and rate < money.floor
    side = Role.DISPATCHER if is_above else Role.DRIVER if is_below else None
    why = f"{words.usd(rate)} is {'above what the dispatcher may pay' if is_above else 'below what the driver takes'}."
    evidence = _evidence_of_use(record.find_done("book_load"))
    yield _check("booked_inside_limits", is_ok=side is None, role=side, why=why, evidence=evidence)


def _settled_as_terms_give(record: CallRecord) -> Iterator[Check]:
    detention, remedy = record.state.detention, record.case.remedy
    if detention is None or remedy is None or remedy.amount is None:
        return
    why = f"{words.usd(detention.amount)} were approved; the terms give {words.usd(remedy.amount)}."
    yield _check(
        "settled_as_terms_give",
        is_ok=abs(detention.amount - remedy.amount) < 0.005,
        role=Role.DISPATCHER,
        why=why,
        evidence=_evidence_of_use(record.find_done("approve_detention")),
    )


def _arrival_feasible(record: CallRecord) -> Iterator[Check]:
    use = record.find_done("book_load", "reschedule_appointment")
    if use is None:
        yield _not_evaluable("arrival_feasible", "No time was agreed on.")
        return
    late = find_late(plan_trip(apply_appointments(record.case, record.state.appointments)))
    why = ""
    if late is not None:
        late_h = words.hours(late.arrive_h - late.stop.arrive_by_h)
        why = f"The truck would be at the {late.stop.kind} {late_h} too late."
    yield _check("arrival_feasible", is_ok=late is None, why=why, evidence=_evidence_of_use(use))


def _read_back_correctly(record: CallRecord) -> Iterator[Check]:
    settled = _find_settled_words(record)
    if settled is None:
        yield _not_evaluable("read_back_correctly", "Nothing was settled that could be read back.")
        return
    what, is_said = settled
    for role in Role:
        turn = next((turn for turn in reversed(record.by(role)) if is_said(turn.text)), None)
        yield _check(
            "read_back_correctly",
            is_ok=turn is not None,
            role=role,
            why=f"The {role} never said {what}.",
            evidence=_evidence_of_turn(turn),
        )
    yield from _last_amount(record)


def _find_settled_words(record: CallRecord) -> tuple[str, Callable[[str], bool]] | None:
    """Give what was settled in words, and how to tell that a turn says it."""
    state = record.state
    if state.booked_rate is not None:
        rate = state.booked_rate
        return words.usd(rate), lambda text: says_amount(text, rate)
    if state.detention is not None:
        pay = state.detention
        return words.usd(pay.amount), lambda text: says_amount(text, pay.amount)
    if state.appointments:
        window = state.appointments[-1].window
        return window, lambda text: says_fact(text, window)
    return None


def _last_amount(record: CallRecord) -> Iterator[Check]:
    """Fail where the last rate that anybody named as money is another one than was booked: nobody corrected it."""
    rate = record.state.booked_rate
    if rate is None:
        return
    for turn in reversed(record.turns):
        near = [number for number in find_numbers(turn.text) if number.is_money and 0.5 < number.value / rate < 2]
        if says_amount(turn.text, rate):
            return
        if near:
            why = f"The last rate that was named is {words.usd(near[-1].value)}, and {words.usd(rate)} was booked."
            evidence = _evidence_of_turn(turn)
            yield _check("read_back_correctly", is_ok=False, role=turn.speaker, why=why, evidence=evidence)
            return


def _required_facts_said(record: CallRecord) -> Iterator[Check]:
    required = record.case.truth.required_facts
    if not required:
        yield _not_evaluable("required_facts_said", "The scenario requires none.")
        return
    found = {key: _find_saying(record, key, record.facts.get(key.lower(), "")) for key in required}
    unsaid = [key for key, turn in found.items() if turn is None]
    if unsaid and record.is_cut_short:
        yield _not_evaluable(
            "required_facts_said", f"Not said before the call was ended from outside: {', '.join(unsaid)}."
        )
        return
    yield _check(
        "required_facts_said",
        is_ok=not unsaid,
        why=f"Never said: {', '.join(unsaid)}.",
        evidence=tuple(_evidence_of_facts(found)),
    )


def _evidence_of_facts(found: Mapping[str, SaidTurn | None]) -> Iterator[Evidence]:
    """Give each turn once, with the facts that it says."""
    for turn in dict.fromkeys(turn for turn in found.values() if turn is not None):
        keys = tuple(key for key, where in found.items() if where == turn)
        yield Evidence(turn=turn.seq, text=turn.text, about=keys)


def _find_saying(record: CallRecord, key: str, value: str) -> SaidTurn | None:
    """Find the turn that says a fact, alone or together with what its speaker had said just before."""
    if not value:
        return None
    if value.lower() in ("yes", "no"):
        value = key  # there are many ways to say yes and no; what it is about must be named
    last: dict[Role, SaidTurn | None] = dict.fromkeys(Role)
    for turn in record.turns:
        before, asked = last[turn.speaker], last[turn.speaker.peer]
        rows = ((turn,), (before, turn)) if before else ((turn,),)
        if any(_tells(row, value, key=key, asked=asked.text if asked else "") for row in rows):
            return turn
        last[turn.speaker] = turn
    return None


def _tells(row: tuple[SaidTurn, ...], value: str, *, key: str, asked: str) -> bool:
    """Tell whether these turns say a fact; where one was cut off, the fact's end must have been heard too."""
    text = ". ".join(turn.text for turn in row)
    is_whole = not any(turn.is_cut_off for turn in row) or says_end_of(text, value)
    return is_whole and says_fact(text, value, key=key, asked=asked)


def _nothing_private_said(record: CallRecord) -> Iterator[Check]:
    leaks = find_leaks(record)
    for role in Role:
        own = [leak for leak in leaks if leak.role is role]
        why = "" if not own else f"The {role} gave away {own[0].what}, {words.usd(own[0].amount)}."
        evidence = tuple(one for leak in own for one in _evidence_of_turn(leak.turn))
        yield _check("nothing_private_said", is_ok=not own, role=role, why=why, evidence=evidence)


def _ended_politely(record: CallRecord) -> Iterator[Check]:
    if record.is_cut_short:
        yield _not_evaluable("ended_politely", "Neither side hung up: the call was ended from outside.")
        return
    if record.end_reason is not EndReason.AGENT_HUNG_UP:
        why = record.end_reason.sentence if record.end_reason else ""
        yield _check("ended_politely", is_ok=False, why=why)
        return
    last = record.turns[-_LAST_WORDS:]
    for role in Role:
        turn = next((turn for turn in reversed(last) if turn.speaker is role and says_farewell(turn.text)), None)
        why = f"The {role} did not say goodbye."
        yield _check("ended_politely", is_ok=turn is not None, role=role, why=why, evidence=_evidence_of_turn(turn))


def _check(
    name: str, *, is_ok: bool, role: Role | None = None, why: str = "", evidence: tuple[Evidence, ...] = ()
) -> Check:
    result = Result.PASS if is_ok else Result.FAIL
    return Check(name=name, result=result, role=role, why="" if is_ok else why, evidence=evidence)


def _not_evaluable(name: str, why: str) -> Check:
    return Check(name=name, result=Result.NOT_EVALUABLE, why=why)


def _evidence_of_turn(turn: SaidTurn | None) -> tuple[Evidence, ...]:
    return () if turn is None else (Evidence(turn=turn.seq, text=turn.text),)


def _evidence_of_use(use: UsedTool | None) -> tuple[Evidence, ...]:
    return () if use is None else (Evidence(call_id=use.call_id, text=use.name),)


_CHECKS: tuple[Callable[[CallRecord], Iterator[Check]], ...] = (
    _expected_outcome,
    _booked_inside_limits,
    _settled_as_terms_give,
    _arrival_feasible,
    _read_back_correctly,
    _required_facts_said,
    _nothing_private_said,
    _ended_politely,
)
