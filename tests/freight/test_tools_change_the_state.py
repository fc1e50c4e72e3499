import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.case import DeclineReason, FreightCase, FreightOutcome
from dispatchsim.domain.freight.state import FreightState, find_outcomes
from dispatchsim.domain.freight.tools import tools_for
from dispatchsim.domain.freight.transitions import apply_tool
from tests.freight.cases import BOOKING, BREAKDOWN, DETENTION, LATE, build_case

DISPATCHER, DRIVER = Role.DISPATCHER, Role.DRIVER
Use = tuple[Role, str, dict[str, JsonValue]]


def play(case: FreightCase, *uses: Use, state: FreightState | None = None) -> tuple[FreightState, dict[str, JsonValue]]:
    state, result = state or FreightState(), dict[str, JsonValue]()
    for role, name, arguments in uses:
        state, result = apply_tool(state, case, role, name, arguments)
    return state, result


def offer(amount: JsonValue) -> Use:
    return DISPATCHER, "offer_rate", {"amount_usd": amount}


def accept(rate: JsonValue) -> Use:
    return DRIVER, "accept_load", {"rate_usd": rate}


def book(rate: JsonValue) -> Use:
    return DISPATCHER, "book_load", {"rate_usd": rate}


def decline(reason: str) -> Use:
    return DRIVER, "decline_load", {"reason": reason}


BOOKED = (offer(1600), accept(1600), book(1600))


def reason_of(result: dict[str, JsonValue]) -> str:
    assert result["ok"] is False
    return str(result["reason"])


def test_a_load_is_booked_at_the_rate_that_was_offered_and_accepted() -> None:
    state, result = play(build_case(), *BOOKED)

    assert result["ok"] is True
    assert state.booked_rate == 1600
    assert find_outcomes(state) == {FreightOutcome.BOOKED}


@pytest.mark.parametrize(
    ("uses", "told"),
    [
        ([offer(1651)], "above the highest rate"),
        ([accept(1600)], "No rate is on the table"),
        ([offer(1600), accept(1650)], "1,600 dollars"),
        ([offer(1500), accept(1500)], "below the lowest rate"),
        ([offer(1600), book(1600)], "not accepted"),
        ([offer(1600), accept(1600), book(1650)], "accepted 1,600 dollars"),
        ([offer(1600), accept(1600), offer(1650)], "accepted 1,600 dollars"),
        ([*BOOKED, book(1600)], "is booked"),
        ([*BOOKED, decline("rate")], "is booked"),
        ([*BOOKED, offer(1500)], "is booked"),
        ([decline("rate"), offer(1600)], "has declined"),
        ([decline("rate"), accept(1600)], "has declined"),
        ([offer("a lot")], "amount_usd"),
        ([offer(-1)], "amount_usd"),
        ([(DRIVER, "offer_rate", {"amount_usd": 1})], "no function"),
        ([(DISPATCHER, "reschedule_appointment", {"stop": "pickup", "window": "at 9"})], "no other time"),
        ([(DISPATCHER, "approve_detention", {"hours": 1, "amount_usd": 60})], "No detention is owed"),
        ([(DISPATCHER, "open_incident", {"kind": "late", "summary": "x"})], "about a booking"),
        ([(DISPATCHER, "look_up_load", {"reference": "999"})], "no load"),
    ],
)
def test_what_the_state_does_not_allow_is_refused_with_a_reason(uses: list[Use], told: str) -> None:
    before, _ = play(build_case(), *uses[:-1])

    state, result = play(build_case(), *uses)

    assert told in reason_of(result)
    assert state == before


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"driver": {"equipment": "flatbed"}}, "equipment"),
        ({"driver": {"length_ft": 48}}, "equipment"),
        ({"load": {"hazmat": True}}, "hazmat"),
        ({"driver": {"deadhead_miles": 400}}, "deadhead"),
        ({"load": {"miles": 3000}}, "hours"),
    ],
)
def test_what_does_not_fit_cannot_be_accepted(changes: dict[str, dict[str, JsonValue]], told: str) -> None:
    _, result = play(build_case(**changes), offer(1600), accept(1600))

    assert reason_of(result).endswith(f"Decline because of {told}.")


def test_a_reefer_carries_dry_freight_too() -> None:
    case = build_case(load={"equipment": "dry van"})

    assert play(case, offer(1600), accept(1600))[1]["ok"] is True


def test_a_written_amount_is_understood() -> None:
    assert play(build_case(), offer("$1,600"))[0].offered_rate == 1600


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("rate", DeclineReason.RATE),
        ("hours: I cannot make it", DeclineReason.HOURS),
        ("it pays too little", DeclineReason.RATE),
        ("I have no hazmat endorsement", DeclineReason.HAZMAT),
        ("too many empty miles", DeclineReason.DEADHEAD),
        ("I pull a flatbed", DeclineReason.EQUIPMENT),
        ("I do not trust this broker", DeclineReason.TRUST),
        ("my wife says no", DeclineReason.OTHER),
        ("The rate doesn't work for me this time", DeclineReason.RATE),
        ("the Savannah load pays too low", DeclineReason.RATE),
        ("I'm not interested, rate too low", DeclineReason.RATE),
        ("not enough money for a van load", DeclineReason.RATE),
        ("out of hours, whatever the rate", DeclineReason.HOURS),
        ("I cannot be there in time", DeclineReason.HOURS),
        ("\x1f", DeclineReason.OTHER),  # blank, but not to those who strip
    ],
)
def test_the_reason_of_a_decline_is_found_in_its_words(said: str, reason: DeclineReason) -> None:
    assert play(build_case(), decline(said))[0].declined_reason is reason


@pytest.mark.parametrize("window", ["this afternoon at 2", "2 pm", "two in the afternoon", "today at 2 PM"])
def test_an_appointment_moves_to_the_time_that_the_facility_gives(window: str) -> None:
    use: Use = (DISPATCHER, "reschedule_appointment", {"stop": "pickup", "window": window})

    state, result = play(build_case(LATE), use)

    assert result == {"ok": True, "stop": "pickup", "window": "this afternoon at 2"}
    assert find_outcomes(state) == {FreightOutcome.RESCHEDULED}


@pytest.mark.parametrize(
    ("stop", "window", "told"),
    [("pickup", "tomorrow at 9", "only other time"), ("delivery", "this afternoon at 2", "cannot be moved")],
)
def test_no_other_appointment_is_given(stop: str, window: str, told: str) -> None:
    use: Use = (DISPATCHER, "reschedule_appointment", {"stop": stop, "window": window})

    assert told in reason_of(play(build_case(LATE), use)[1])


def test_a_time_that_the_truck_cannot_make_is_refused() -> None:
    use: Use = (DISPATCHER, "reschedule_appointment", {"stop": "pickup", "window": "this afternoon at 2"})

    assert "too late" in reason_of(play(build_case(LATE, driver={"delay_h": 9}), use)[1])


def test_the_arrival_is_told_for_the_new_time() -> None:
    moved, _ = play(
        build_case(LATE), (DISPATCHER, "reschedule_appointment", {"stop": "pickup", "window": "this afternoon at 2"})
    )
    check: Use = (DRIVER, "check_position_and_arrival", {"stop": "pickup"})

    before, after = play(build_case(LATE), check)[1], play(build_case(LATE), check, state=moved)[1]

    assert (before["in_time"], after["in_time"]) == (False, True)
    assert after["arrival_in_hours"] == 3.5


def check_pickup(**more: JsonValue) -> Use:
    return DRIVER, "check_position_and_arrival", {"stop": "pickup", **more}


def test_the_arrival_is_compared_with_the_time_that_was_offered() -> None:
    result = play(build_case(LATE), check_pickup(window="this afternoon at two"))[1]

    assert (result["compared_with"], result["due_in_hours"]) == ("this afternoon at 2", 5)
    assert result["in_time"] is True


def test_an_offered_time_that_cannot_be_kept_is_told_so() -> None:
    result = play(build_case(LATE, driver={"delay_h": 9}), check_pickup(window="this afternoon at 2"))[1]

    assert result["in_time"] is False


def test_without_a_time_the_arrival_is_compared_with_the_appointment_and_says_so() -> None:
    result = play(build_case(LATE), check_pickup())[1]

    assert (result["compared_with"], result["in_time"]) == ("the appointment as it stands", False)


def test_the_appointment_may_be_named_as_well() -> None:
    result = play(build_case(LATE), check_pickup(window="10 this morning"))[1]

    assert (result["compared_with"], result["due_in_hours"]) == ("the appointment as it stands", 1)


def test_of_a_time_that_the_facility_does_not_give_nothing_is_claimed() -> None:
    result = play(build_case(LATE), check_pickup(window="tonight at 9"))[1]

    assert not {"in_time", "due_in_hours"} & set(result)
    assert result["arrival_in_hours"] == 3.5


def test_checking_an_offered_time_moves_nothing() -> None:
    assert play(build_case(LATE), check_pickup(window="this afternoon at 2"))[0] == FreightState()


def test_hours_that_do_not_allow_the_trip_say_why() -> None:
    result = play(build_case(load={"miles": 3000}), (DRIVER, "check_hours_of_service", {}))[1]

    assert result["allows_the_trip"] is False
    assert "delivery" in str(result["why_not"])


def test_the_hours_say_which_times_they_were_compared_with() -> None:
    result = play(build_case(LATE), (DRIVER, "check_hours_of_service", {}))[1]

    assert (result["allows_the_trip"], result["compared_with"]) == (False, "the appointments as they stand")


def test_detention_is_approved_as_the_terms_give_it() -> None:
    state, _ = play(build_case(DETENTION), (DISPATCHER, "approve_detention", {"hours": 3, "amount_usd": 180}))

    assert find_outcomes(state) == {FreightOutcome.DETENTION_APPROVED}


@pytest.mark.parametrize(
    ("hours", "amount", "told"), [(5, 300, "more than"), (3, 240, "more than"), (2, 180, "are 120 dollars")]
)
def test_detention_beyond_the_terms_is_refused(hours: float, amount: float, told: str) -> None:
    use: Use = (DISPATCHER, "approve_detention", {"hours": hours, "amount_usd": amount})

    assert told in reason_of(play(build_case(DETENTION), use)[1])


def test_detention_is_approved_once() -> None:
    use: Use = (DISPATCHER, "approve_detention", {"hours": 3, "amount_usd": 180})

    assert "approved already" in reason_of(play(build_case(DETENTION), use, use)[1])


@pytest.mark.parametrize("kind", ["breakdown", "Breakdown"])
def test_an_incident_is_opened_by_its_kind(kind: str) -> None:
    state, _ = play(build_case(BREAKDOWN), (DISPATCHER, "open_incident", {"kind": kind, "summary": "air line"}))

    assert [incident.kind for incident in state.incidents] == ["breakdown"]


def test_an_unknown_kind_is_other() -> None:
    state, _ = play(build_case(BREAKDOWN), (DISPATCHER, "open_incident", {"kind": "aliens", "summary": "x"}))

    assert [incident.kind for incident in state.incidents] == ["other"]


def test_papers_and_statuses_alone_are_a_referral() -> None:
    state, _ = play(build_case(LATE), (DRIVER, "send_papers", {"kind": "photo"}))

    assert find_outcomes(state) == {FreightOutcome.REFERRED}


def test_what_is_looked_up_holds_no_limit() -> None:
    result = play(build_case(money={"detention_per_hour": 50}), (DISPATCHER, "look_up_load", {}))[1]

    assert "1650" not in str(result)
    assert "1550" not in str(result)
    assert result["detention_per_hour_usd"] == 50


@pytest.mark.parametrize("base", [BOOKING, LATE])
@pytest.mark.parametrize("role", list(Role))
def test_every_tool_that_a_side_is_given_exists(base: dict[str, JsonValue], role: Role) -> None:
    for tool in tools_for(build_case(base), role):
        _, result = play(build_case(base), (role, tool.name, {}))
        assert "no function" not in str(result)


USES = st.one_of(
    st.sampled_from([1400.0, 1550.0, 1600.0, 1650.0, 1700.0]).flatmap(
        lambda rate: st.sampled_from([offer(rate), accept(rate), book(rate)])
    ),
    st.just(decline("rate")),
)


@given(st.lists(USES, max_size=12))
def test_whatever_is_called_a_booking_is_inside_both_limits_and_final(uses: list[Use]) -> None:
    state = FreightState()
    for role, name, arguments in uses:
        before = state
        state, result = apply_tool(state, build_case(), role, name, arguments)
        assert result["ok"] is True or state == before
        if before.booked_rate is not None or before.declined_reason is not None:
            assert state == before
    assert state.booked_rate is None or 1550 <= state.booked_rate <= 1650
    assert state.booked_rate is None or state.declined_reason is None


@given(
    st.dictionaries(st.sampled_from(["rate_usd", "amount_usd", "stop", "hours", "kind", "reason"]), st.text(max_size=9))
)
def test_no_arguments_break_a_tool(arguments: dict[str, JsonValue]) -> None:
    for base in (BOOKING, LATE, DETENTION):
        for role in Role:
            for tool in tools_for(build_case(base), role):
                play(build_case(base), (role, tool.name, arguments))
