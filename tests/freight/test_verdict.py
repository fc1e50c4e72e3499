from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from pydantic import JsonValue

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.freight.case import FreightCase, FreightOutcome
from dispatchsim.domain.freight.record import CallRecord, SaidTurn, UsedTool
from dispatchsim.domain.freight.state import FreightState
from dispatchsim.domain.freight.transitions import apply_tool
from dispatchsim.domain.freight.verdict import Result, Verdict, build_verdict
from tests.freight.cases import BREAKDOWN, DETENTION, LATE, build_case

TIM, CHRIS = Role.DISPATCHER, Role.DRIVER
FACTS = {
    "commodity": "frozen chicken",
    "weight": "42,000 pounds",
    "pickup": "Springdale, Arkansas, tomorrow at 7 in the morning",
    "late by": "about 3 hours",
    "new pickup time": "this afternoon at 2",
    "arrived": "6 this morning",
    "waiting": "5 hours",
    "what broke": "an air line",
    "where": "mile marker 18 on Interstate 44",
}
FACTS_SAID = (
    (TIM, "Frozen chicken, forty-two thousand pounds."),
    (TIM, "You load in Springdale, Arkansas tomorrow at seven in the morning."),
)
GOODBYES = ((CHRIS, "Bye now."), (TIM, "Take care, bye."))
READ_BACK = ((CHRIS, "Okay, sixteen hundred dollars."), (TIM, "Sixteen hundred, booked."))
BOOKING_USES = (
    (TIM, "offer_rate", {"amount_usd": 1600}),
    (CHRIS, "accept_load", {"rate_usd": 1600}),
    (TIM, "book_load", {"rate_usd": 1600}),
)
Words = Iterable[tuple[Role, str]]
Arguments = Mapping[str, JsonValue]
Uses = Iterable[tuple[Role, str, Arguments]]


def record(
    said: Words,
    uses: Uses = (),
    *,
    case: FreightCase | None = None,
    reason: EndReason | None = EndReason.AGENT_HUNG_UP,
    first_use_at_s: float = 0.0,
) -> CallRecord:
    case = case or build_case()
    state, used = FreightState(), list[UsedTool]()
    for number, (role, name, arguments) in enumerate(uses, start=1):
        state, result = apply_tool(state, case, role, name, arguments)
        used.append(UsedTool(f"call-{number}", role, name, arguments, result, at_s=first_use_at_s + number))
    turns = tuple(SaidTurn(seq, role, text, end_s=seq * 5.0) for seq, (role, text) in enumerate(said, start=1))
    return CallRecord(case, FACTS, state, turns, tuple(used), reason)


def judge(said: Words, uses: Uses = (), **more: object) -> Verdict:
    verdict = build_verdict(record(said, uses, **more))  # type: ignore[arg-type]
    assert verdict is not None
    return verdict


def result_of(verdict: Verdict, name: str) -> Result:
    found = {check.result for check in verdict.checks if check.name == name}
    return Result.FAIL if Result.FAIL in found else Result.PASS if Result.PASS in found else Result.NOT_EVALUABLE


def test_a_good_booking_passes_for_both() -> None:
    verdict = judge([*FACTS_SAID, *READ_BACK, *GOODBYES], BOOKING_USES)

    assert verdict.reasons == ()
    assert verdict.joint is Result.PASS
    assert set(verdict.agents.values()) == {Result.PASS}
    assert verdict.outcomes == (FreightOutcome.BOOKED,)


def test_of_several_outcomes_the_expected_one_names_the_call() -> None:
    verdict = judge([*FACTS_SAID, *GOODBYES])
    several = verdict.model_copy(update={"outcomes": (FreightOutcome.DECLINED, FreightOutcome.BOOKED)})
    other = verdict.model_copy(update={"outcomes": (FreightOutcome.DECLINED,)})

    assert [one.outcome for one in (verdict, several, other)] == ["", "booked", "declined"]


def test_only_a_call_that_did_not_pass_says_why() -> None:
    passed = judge([*FACTS_SAID, *READ_BACK, *GOODBYES], BOOKING_USES)
    failed = judge([*FACTS_SAID, *GOODBYES])
    not_judged = judge([(TIM, "Hi Chris, this is Tim."), (CHRIS, "Hi Tim.")], reason=EndReason.STOPPED)

    assert (passed.failure, not_judged.failure) == ("", "Nothing could be judged.")
    assert failed.failure.startswith("The load should have been booked; nothing was settled.")


def test_every_passed_check_has_evidence_of_its_own() -> None:
    verdict = judge([*FACTS_SAID, *READ_BACK, *GOODBYES], BOOKING_USES)

    silent = {check.name for check in verdict.checks if check.result is Result.PASS and not check.evidence}
    assert silent == {"nothing_private_said"}


def test_a_booking_without_words_fails_the_read_back() -> None:
    verdict = judge([*FACTS_SAID, (CHRIS, "All right."), *GOODBYES], BOOKING_USES)

    assert result_of(verdict, "expected_outcome") is Result.PASS
    assert result_of(verdict, "read_back_correctly") is Result.FAIL


def test_a_rate_that_one_side_never_said_fails_that_side_alone() -> None:
    verdict = judge([*FACTS_SAID, (TIM, "So 1,600 dollars."), (CHRIS, "Yes."), *GOODBYES], BOOKING_USES)

    assert verdict.agents == {TIM: Result.PASS, CHRIS: Result.FAIL}
    assert verdict.joint is Result.FAIL


def test_a_wrong_read_back_that_nobody_corrects_fails() -> None:
    said = [*FACTS_SAID, *READ_BACK, (CHRIS, "So that is sixteen fifty dollars."), (TIM, "Right."), *GOODBYES]

    assert result_of(judge(said, BOOKING_USES), "read_back_correctly") is Result.FAIL


def test_an_earlier_rate_is_no_wrong_read_back() -> None:
    said = [*FACTS_SAID, (CHRIS, "I want 1,700 dollars."), (TIM, "Sixteen hundred."), (CHRIS, "Sixteen hundred works.")]

    assert result_of(judge([*said, *GOODBYES], BOOKING_USES), "read_back_correctly") is Result.PASS


def test_detention_may_be_named_before_it_is_approved_but_not_as_a_limit() -> None:
    case = build_case(DETENTION)
    names = judge([(TIM, "That comes to 180 dollars."), (CHRIS, "Okay."), *GOODBYES], case=case)
    tells = judge([(TIM, "180 is the most I can give."), (CHRIS, "Okay."), *GOODBYES], case=case)

    assert result_of(names, "nothing_private_said") is Result.PASS
    assert result_of(tells, "nothing_private_said") is Result.FAIL


def test_a_wrong_read_back_that_is_corrected_passes() -> None:
    said = [
        *FACTS_SAID,
        *READ_BACK,
        (CHRIS, "So that is sixteen fifty dollars."),
        (TIM, "No, 1,600 dollars."),
        *GOODBYES,
    ]

    assert result_of(judge(said, BOOKING_USES), "read_back_correctly") is Result.PASS


@pytest.mark.parametrize("form", ["sixteen fifty", "1.65k", "$1,650", "sixteen hundred and fifty dollars"])
def test_a_ceiling_that_is_told_is_a_leak_in_every_form(form: str) -> None:
    verdict = judge([(TIM, f"I could pay {form}, you know."), (CHRIS, "Okay."), *GOODBYES])

    assert result_of(verdict, "nothing_private_said") is Result.FAIL
    leak = next(check for check in verdict.checks if check.name == "nothing_private_said" and check.evidence)
    assert (leak.role, leak.evidence[0].turn) == (TIM, 1)


def test_a_ceiling_that_is_on_the_table_is_no_secret() -> None:
    uses = [(TIM, "offer_rate", {"amount_usd": 1650})]

    assert result_of(judge([(TIM, "Sixteen fifty."), *GOODBYES], uses), "nothing_private_said") is Result.PASS


def test_a_ceiling_told_long_before_it_is_offered_is_a_leak() -> None:
    uses = [(TIM, "offer_rate", {"amount_usd": 1650})]

    verdict = judge([(TIM, "I have up to 1,650."), *GOODBYES], uses, first_use_at_s=60)

    assert result_of(verdict, "nothing_private_said") is Result.FAIL


def test_to_refuse_what_the_other_asks_is_no_leak() -> None:
    said = [(CHRIS, "I want 1,650."), (TIM, "1,650 is a lot of money."), *GOODBYES]

    assert result_of(judge(said), "nothing_private_said") is Result.PASS


def test_to_call_it_the_limit_is_a_leak_even_then() -> None:
    said = [(CHRIS, "I want 1,650."), (TIM, "1,650 is the most I have."), *GOODBYES]

    assert result_of(judge(said), "nothing_private_said") is Result.FAIL


def test_a_driver_may_ask_for_the_floor_but_not_call_it_that() -> None:
    asks = judge([(CHRIS, "How about 1,550?"), (TIM, "Hm."), *GOODBYES])
    tells = judge([(CHRIS, "I can't go lower than fifteen fifty."), (TIM, "Hm."), *GOODBYES])

    assert result_of(asks, "nothing_private_said") is Result.PASS
    assert result_of(tells, "nothing_private_said") is Result.FAIL


def test_an_unsaid_fact_is_named() -> None:
    verdict = judge([FACTS_SAID[0], *READ_BACK, *GOODBYES], BOOKING_USES)

    assert "Never said: pickup." in verdict.reasons


def test_each_turn_that_says_required_facts_names_them() -> None:
    verdict = judge([*FACTS_SAID, *READ_BACK, *GOODBYES], BOOKING_USES)

    shown = next(check for check in verdict.checks if check.name == "required_facts_said").evidence
    assert sorted(key for one in shown for key in one.about) == ["commodity", "pickup", "weight"]
    assert len({one.turn for one in shown}) == len(shown)


def test_facts_that_were_said_are_named_beside_one_that_was_not() -> None:
    verdict = judge([FACTS_SAID[0], *READ_BACK, *GOODBYES], BOOKING_USES)

    shown = next(check for check in verdict.checks if check.name == "required_facts_said").evidence
    assert [one.about for one in shown] == [("commodity", "weight")]


def test_another_outcome_than_expected_is_told_as_a_sentence() -> None:
    verdict = judge([*FACTS_SAID, *GOODBYES], [(CHRIS, "decline_load", {"reason": "rate"})])

    assert "The load should have been booked; instead the load was declined." in verdict.reasons


def test_a_fact_may_be_said_over_two_turns() -> None:
    said = [FACTS_SAID[0], (TIM, "Springdale, Arkansas."), (CHRIS, "When?"), (TIM, "Tomorrow at seven in the morning.")]

    verdict = judge([*said, *READ_BACK, *GOODBYES], BOOKING_USES)

    assert result_of(verdict, "required_facts_said") is Result.PASS


def test_a_missing_goodbye_fails_the_side_that_owes_it() -> None:
    verdict = judge([*FACTS_SAID, *READ_BACK, (CHRIS, "Bye."), (TIM, "Okay.")], BOOKING_USES)

    assert verdict.agents == {TIM: Result.FAIL, CHRIS: Result.PASS}


def test_a_call_that_ran_out_of_time_did_not_end_politely() -> None:
    verdict = judge([*FACTS_SAID, *GOODBYES], reason=EndReason.TIME_CAP)

    assert result_of(verdict, "ended_politely") is Result.FAIL


def test_an_end_by_a_person_says_nothing_about_manners() -> None:
    verdict = judge([*FACTS_SAID, *GOODBYES], reason=EndReason.PERSON_ENDED)

    assert result_of(verdict, "ended_politely") is Result.NOT_EVALUABLE


@pytest.mark.parametrize("reason", [EndReason.PERSON_ENDED, EndReason.STOPPED])
def test_a_call_that_somebody_else_ended_before_anything_was_settled_is_held_against_nobody(reason: EndReason) -> None:
    verdict = judge([(TIM, "Hi Chris, this is Tim."), (CHRIS, "Hi Tim.")], reason=reason)

    assert (verdict.joint, set(verdict.agents.values())) == (Result.NOT_EVALUABLE, {Result.NOT_EVALUABLE})
    assert result_of(verdict, "expected_outcome") is Result.NOT_EVALUABLE
    assert result_of(verdict, "required_facts_said") is Result.NOT_EVALUABLE


def test_what_was_done_before_somebody_else_ended_the_call_counts() -> None:
    ceiling = build_case().money.ceiling
    verdict = judge([(TIM, f"I can go up to {ceiling} dollars."), (CHRIS, "Hm.")], reason=EndReason.PERSON_ENDED)

    assert verdict.agents == {TIM: Result.FAIL, CHRIS: Result.NOT_EVALUABLE}


STATUS = (CHRIS, "report_status", {"status": "waiting", "detail": "At the dock since six."})
APPROVAL = (TIM, "approve_detention", {"hours": 3, "amount_usd": 180})
WAITING = ((CHRIS, "I arrived at six this morning, it's five hours by now."), (TIM, "Let me see."))


@pytest.mark.parametrize("use", [STATUS, (CHRIS, "send_papers", {"kind": "bill of lading"})])
def test_what_was_merely_on_record_when_a_person_ended_the_call_is_no_outcome(use: tuple[Role, str, Arguments]) -> None:
    verdict = judge(WAITING, [use], case=build_case(DETENTION), reason=EndReason.PERSON_ENDED)

    assert (verdict.joint, verdict.outcomes, verdict.reasons) == (Result.NOT_EVALUABLE, (), ())


def test_a_matter_that_was_passed_on_where_it_should_have_been_settled_fails_a_call_that_came_to_its_end() -> None:
    verdict = judge([*WAITING, *GOODBYES], [STATUS], case=build_case(DETENTION))

    assert "Detention should have been approved; instead the matter was passed on." in verdict.reasons


def test_what_was_settled_before_a_person_ended_the_call_is_judged() -> None:
    said = [*WAITING, (TIM, "You get 180 dollars."), (CHRIS, "180 dollars, thanks.")]

    verdict = judge(said, [STATUS, APPROVAL], case=build_case(DETENTION), reason=EndReason.PERSON_ENDED)

    assert (verdict.joint, verdict.outcome) == (Result.PASS, FreightOutcome.DETENTION_APPROVED)


def test_a_decline_for_the_right_reason_passes() -> None:
    case = build_case(load={"hazmat": True}, truth={"outcome": "declined", "decline_reason": "hazmat"})

    verdict = judge([*FACTS_SAID, *GOODBYES], [(CHRIS, "decline_load", {"reason": "hazmat"})], case=case)

    assert verdict.joint is Result.PASS
    assert result_of(verdict, "booked_inside_limits") is Result.NOT_EVALUABLE


def test_a_decline_for_another_reason_fails_the_driver() -> None:
    case = build_case(load={"hazmat": True}, truth={"outcome": "declined", "decline_reason": "hazmat"})

    verdict = judge([*FACTS_SAID, *GOODBYES], [(CHRIS, "decline_load", {"reason": "rate"})], case=case)

    assert verdict.agents == {TIM: Result.PASS, CHRIS: Result.FAIL}


def test_nothing_settled_fails_the_expected_outcome() -> None:
    verdict = judge([*FACTS_SAID, *GOODBYES])

    assert "The load should have been booked; nothing was settled." in verdict.reasons


def test_a_moved_appointment_is_read_back_in_its_words() -> None:
    use = (TIM, "reschedule_appointment", {"stop": "pickup", "window": "2 this afternoon"})
    said = [
        (CHRIS, "I'm about three hours late."),
        (TIM, "Two this afternoon then."),
        (CHRIS, "2 PM, got it."),
        *GOODBYES,
    ]

    verdict = judge(said, [use], case=build_case(LATE))

    assert verdict.reasons == ()
    assert result_of(verdict, "arrival_feasible") is Result.PASS


def test_less_detention_than_the_terms_give_fails_the_dispatcher() -> None:
    use = (TIM, "approve_detention", {"hours": 2, "amount_usd": 120})
    said = [
        (CHRIS, "Five hours, since six this morning."),
        (TIM, "I give you 120 dollars."),
        (CHRIS, "120, fine."),
        *GOODBYES,
    ]

    verdict = judge(said, [use], case=build_case(DETENTION))

    assert verdict.agents == {TIM: Result.FAIL, CHRIS: Result.PASS}


def test_an_incident_of_another_kind_fails() -> None:
    use = (TIM, "open_incident", {"kind": "weather", "summary": "x"})
    said = [(CHRIS, "An air line broke, mile marker eighteen, Interstate 44."), (TIM, "On it."), *GOODBYES]

    verdict = judge(said, [use], case=build_case(BREAKDOWN))

    assert verdict.reasons == ("No incident for “breakdown” was opened.",)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ([(TIM, "Hello?")], EndReason.AGENT_HUNG_UP),
        ([(TIM, "Hello?"), (CHRIS, " ")], EndReason.AGENT_HUNG_UP),
        ([*FACTS_SAID, *GOODBYES], EndReason.AGENT_VANISHED),
        ([*FACTS_SAID, *GOODBYES], None),
    ],
)
def test_a_run_that_is_not_valid_has_no_verdict(said: Words, reason: EndReason | None) -> None:
    assert build_verdict(record(said, reason=reason)) is None


def test_a_verdict_survives_its_storage() -> None:
    verdict = judge([*FACTS_SAID, *READ_BACK, *GOODBYES], BOOKING_USES)

    assert Verdict.model_validate(verdict.model_dump(mode="json")) == verdict


HALF_A_PICKUP = "It picks up in Springdale, Arkansas, tomorrow at 7 in the"


@pytest.mark.parametrize(
    ("later", "result"), [("Okay, talk soon.", Result.FAIL), ("At 7 in the morning, that is.", Result.PASS)]
)
def test_a_fact_whose_teller_was_cut_off_counts_once_its_end_is_said(later: str, result: Result) -> None:
    told = ((TIM, "Frozen chicken, forty-two thousand pounds."), (TIM, HALF_A_PICKUP), (CHRIS, "When?"), (TIM, later))
    call = record([*told, *READ_BACK, *GOODBYES], BOOKING_USES)
    cut = tuple(replace(turn, is_cut_off=turn.text == HALF_A_PICKUP) for turn in call.turns)

    verdict = build_verdict(replace(call, turns=cut))

    assert verdict is not None
    assert result_of(verdict, "required_facts_said") is result


def test_a_turn_that_was_cut_off_after_a_fact_says_it() -> None:
    call = record([*FACTS_SAID, *READ_BACK, *GOODBYES], BOOKING_USES)
    cut = tuple(replace(turn, text=f"{turn.text} Where are", is_cut_off=True) for turn in call.turns)

    verdict = build_verdict(replace(call, turns=cut))

    assert verdict is not None
    assert result_of(verdict, "required_facts_said") is Result.PASS
