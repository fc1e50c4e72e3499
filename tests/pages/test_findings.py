"""What a verdict found, as the page of a finished call tells it."""

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.case import FreightOutcome
from dispatchsim.domain.freight.verdict import Check, Evidence, Result, Verdict
from dispatchsim.pages.findings import build_findings
from dispatchsim.services.tool_uses import ToolUseView

USE = ToolUseView(
    log_seq=17,
    call_id="call-1",
    role=Role.DISPATCHER,
    name="book_load",
    arguments={"rate_usd": 1600},
    result={"ok": True},
    ok=True,
    at_s=9.0,
    text="Booked the load at 1,600 dollars",
)


def judged(*checks: Check) -> Verdict:
    return Verdict(expected=FreightOutcome.BOOKED, outcomes=(), joint=Result.FAIL, agents={}, checks=checks)


def check(result: Result, *, name: str = "read_back_correctly", **fields: object) -> Check:
    return Check.model_validate({"name": name, "result": result, **fields})


def test_both_sides_of_a_check_are_one_finding() -> None:
    findings = build_findings(judged(*(check(Result.PASS, role=role) for role in Role)), [])

    assert [[part.role for part in finding.parts] for finding in findings] == [[Role.DISPATCHER, Role.DRIVER]]


def test_a_finding_is_as_bad_as_its_worst_part() -> None:
    checks = [check(result) for result in (Result.PASS, Result.FAIL, Result.NOT_EVALUABLE)]

    assert build_findings(judged(*checks), [])[0].result is Result.FAIL


def test_what_failed_comes_first_and_what_could_not_be_judged_last() -> None:
    results = (Result.PASS, Result.NOT_EVALUABLE, Result.FAIL)

    findings = build_findings(judged(*(check(result, name=result) for result in results)), [])

    assert [finding.result for finding in findings] == [Result.FAIL, Result.PASS, Result.NOT_EVALUABLE]


def test_a_turn_that_shows_something_is_linked_and_says_what_it_shows() -> None:
    evidence = Evidence(turn=8, about=("commodity", "weight"))

    shown = build_findings(judged(check(Result.PASS, evidence=[evidence])), [])[0].parts[0].shown[0]

    assert (shown.about, shown.text, shown.href) == ("commodity, weight", "turn 8", "#turn-8")


def test_what_was_never_said_stands_apart_from_what_was() -> None:
    evidence = Evidence(turn=1, about=("commodity",))

    parts = build_findings(judged(check(Result.FAIL, why="Never said: pickup.", evidence=[evidence])), [])[0].parts

    assert [(part.why, len(part.shown)) for part in parts] == [("Never said: pickup.", 0), ("Said:", 1)]


def test_a_tool_use_that_shows_something_is_linked_in_its_own_words() -> None:
    evidence = Evidence(call_id="call-1", text="book_load")

    shown = build_findings(judged(check(Result.PASS, evidence=[evidence])), [USE])[0].parts[0].shown[0]

    assert (shown.text, shown.href) == ("Booked the load at 1,600 dollars", "#use-17")


def test_a_tool_use_that_is_not_there_is_named_without_a_link() -> None:
    evidence = Evidence(call_id="gone", text="book_load")

    shown = build_findings(judged(check(Result.PASS, evidence=[evidence])), [USE])[0].parts[0].shown[0]

    assert (shown.text, shown.href) == ("book load", "")


def test_a_check_without_words_of_its_own_is_spelled_out() -> None:
    assert build_findings(judged(check(Result.PASS, name="some_new_check")), [])[0].name == "Some new check"
