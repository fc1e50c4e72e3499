"""The scenarios that come with the project can be played to their truth, and to nothing else."""

from functools import cache

import pytest

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.case import DeclineReason, FreightCase, FreightOutcome
from dispatchsim.domain.freight.fit import find_misfits
from dispatchsim.domain.freight.hours import find_late, plan_trip
from dispatchsim.domain.freight.sheet import build_briefing, find_contradictions
from dispatchsim.domain.freight.state import FreightState
from dispatchsim.domain.freight.transitions import apply_tool
from dispatchsim.models.freight_text import as_mapping, parse_freight, write_freight
from dispatchsim.services.library import read_library

SCENARIOS = {file.slug: file.fields for file in read_library() if file.kind == "scenarios"}
PERSONAS = [file.fields for file in read_library() if file.kind == "personas"]


@cache
def case_of(slug: str) -> FreightCase:
    freight = SCENARIOS[slug]["freight"]
    assert isinstance(freight, dict)
    case = parse_freight(write_freight(freight))
    assert case is not None
    return case


def slugs_with(*outcomes: FreightOutcome) -> list[str]:
    return [slug for slug in SCENARIOS if case_of(slug).truth.outcome in outcomes]


def test_there_are_sixteen() -> None:
    assert len(SCENARIOS) == 16


def test_every_outcome_and_every_kind_of_report_is_played() -> None:
    cases = [case_of(slug) for slug in SCENARIOS]

    assert {case.truth.outcome for case in cases} == set(FreightOutcome)
    assert len({case.kind for case in cases}) == 10


def test_there_are_five_personas_a_role_who_are_not_alike() -> None:
    for role in Role:
        own = [fields for fields in PERSONAS if fields["role"] == role]
        assert len(own) == 5
        assert len({fields["voice"] for fields in own}) == 5
        assert len({(fields["speed"], fields.get("vad_silence_ms")) for fields in own}) >= 4


@pytest.mark.parametrize("slug", list(SCENARIOS))
def test_load_sheet_and_freight_are_about_the_same_load(slug: str) -> None:
    assert find_contradictions(case_of(slug), load_sheet=str(SCENARIOS[slug]["load_sheet"])) == []


@pytest.mark.parametrize("slug", list(SCENARIOS))
def test_what_one_side_must_find_out_the_other_one_knows(slug: str) -> None:
    case, sheet = case_of(slug), str(SCENARIOS[slug]["load_sheet"])
    told = {role: build_briefing(case, load_sheet=sheet, role=role) for role in Role}

    for role in Role:
        known = {fact.key for fact in (*told[role.peer].knows, *told[role.peer].load_sheet)}
        asked = {fact.key for fact in told[role].finds_out} - {"rate", "detention"}
        assert asked <= known


@pytest.mark.parametrize("slug", slugs_with(FreightOutcome.BOOKED))
def test_a_booking_leaves_room_for_a_rate_and_fits(slug: str) -> None:
    case = case_of(slug)
    assert case.money.floor is not None
    assert case.money.ceiling is not None

    assert case.money.floor <= case.money.ceiling
    assert find_misfits(case) == ()


@pytest.mark.parametrize("slug", slugs_with(FreightOutcome.DECLINED))
def test_a_decline_has_its_one_reason(slug: str) -> None:
    case = case_of(slug)
    assert case.money.floor is not None
    assert case.money.ceiling is not None
    reasons = {misfit.reason for misfit in find_misfits(case)}
    if case.money.floor > case.money.ceiling:
        reasons.add(DeclineReason.RATE)

    assert reasons == {case.truth.decline_reason}


@pytest.mark.parametrize("slug", slugs_with(FreightOutcome.RESCHEDULED))
def test_the_new_time_can_be_made_where_it_matters(slug: str) -> None:
    case = case_of(slug)
    assert case.remedy is not None
    assert case.remedy.stop is not None
    given = {"stop": case.remedy.stop.value, "window": case.remedy.window}

    _, result = apply_tool(FreightState(), case, Role.DISPATCHER, "reschedule_appointment", given)

    assert result["ok"] is True


@pytest.mark.parametrize("slug", ["late-to-pickup", "snow-on-the-pass"])
def test_a_driver_who_is_late_cannot_keep_the_old_time(slug: str) -> None:
    assert find_late(plan_trip(case_of(slug))) is not None


@pytest.mark.parametrize("slug", slugs_with(FreightOutcome.DETENTION_APPROVED))
def test_detention_is_what_the_terms_give(slug: str) -> None:
    remedy = case_of(slug).remedy
    assert remedy is not None
    given = {"hours": remedy.hours, "amount_usd": remedy.amount}

    _, result = apply_tool(FreightState(), case_of(slug), Role.DISPATCHER, "approve_detention", given)

    assert result["ok"] is True


@pytest.mark.parametrize("slug", list(SCENARIOS))
def test_freight_goes_out_as_the_mapping_that_came_in(slug: str) -> None:
    freight = SCENARIOS[slug]["freight"]
    assert isinstance(freight, dict)

    assert as_mapping(write_freight(freight)) == freight
