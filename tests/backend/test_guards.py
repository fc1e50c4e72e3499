from itertools import cycle

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.guards import (
    LOOP_FAREWELLS,
    Guard,
    SpokenTurn,
    find_loop,
    find_recovery,
    have_both_greeted,
    is_echo,
    is_farewell,
)
from dispatchsim.models import Conversation, Event
from dispatchsim.services.doings import find_doings
from dispatchsim.services.history import CallFilter, find_calls
from dispatchsim.services.supervision import reconcile_once
from tests.backend.conftest import Call
from tests.backend.test_supervise_calls import after, heard_of

TIM, CHRIS = Role.DISPATCHER, Role.DRIVER
NORMAL_END = (
    "What is the pickup time?",
    "The pickup is tomorrow at nine.",
    "That works for me. I'll take the load.",
    "Okay, I've written that down. Thanks for your time, Chris, goodbye.",
    "Thanks Tim, take care, goodbye.",
    "Bye now.",
)


def call(*texts: str) -> list[SpokenTurn]:
    """Dispatcher and driver in turn, the dispatcher first."""
    return [SpokenTurn(role, text) for role, text in zip(cycle((TIM, CHRIS)), texts, strict=False)]


def turn(speaker: Role, start_s: float, end_s: float, *, interrupted: bool = False) -> SpokenTurn:
    return SpokenTurn(speaker, "Hello there.", start_s, end_s, interrupted)


def test_saying_goodbye_once_or_twice_each_is_no_loop() -> None:
    assert find_loop(call(*NORMAL_END)) is None
    assert find_loop(call(*NORMAL_END, "Bye bye.")) is None


def test_goodbyes_without_end_are_a_loop() -> None:
    assert find_loop(call(*["Okay, goodbye.", "Take care, bye."] * 3)) is EndReason.GOODBYE_LOOP


def test_one_side_alone_makes_no_goodbye_loop() -> None:
    assert find_loop([SpokenTurn(TIM, "Goodbye.")] * LOOP_FAREWELLS) is None


def test_a_call_that_goes_on_after_goodbyes_is_no_loop() -> None:
    assert find_loop(call(*["Goodbye."] * 5, "Wait, one more thing: what is the gate code?")) is None


@pytest.mark.parametrize("text", ["Can you say goodbye to the old rate?", "The dock is by the gate.", "Okay."])
def test_what_is_no_farewell(text: str) -> None:
    assert not is_farewell(text)


def test_one_side_repeating_the_other_is_a_loop() -> None:
    lines = ("Can you hear me on this line?", "I have a load of paper towels.", "It weighs twelve thousand pounds.")

    assert find_loop(call(*[line for line in lines for _ in Role])) is EndReason.ECHO_LOOP


def test_a_read_back_is_no_echo() -> None:
    assert not is_echo(
        "So that's twelve thousand pounds, right?", of="The weight on this load is twelve thousand pounds."
    )


def test_one_exact_repeat_is_no_loop() -> None:
    assert find_loop(call("The rate is two thousand dollars.", "The rate is two thousand dollars.", "Right.")) is None


@given(st.lists(st.sampled_from([*NORMAL_END[:3], "Okay.", "Got it.", "How many miles is it?"]), max_size=30))
def test_turns_of_which_none_says_goodbye_are_never_a_goodbye_loop(texts: list[str]) -> None:
    assert find_loop(call(*texts)) is not EndReason.GOODBYE_LOOP


@given(st.lists(st.text(max_size=40), max_size=12), st.sampled_from(["", "...", "?"]))
def test_turns_without_words_change_nothing(texts: list[str], empty: str) -> None:
    turns = call(*texts)

    assert find_loop(turns) is find_loop([*turns, SpokenTurn(TIM, empty)])


def test_two_who_begin_together_have_both_greeted() -> None:
    together = [turn(TIM, 6.0, 6.5, interrupted=True), turn(CHRIS, 6.1, 6.5, interrupted=True)]

    assert have_both_greeted(together)
    assert find_recovery([*together, turn(TIM, 8.0, 11.0)], index=2, opener=TIM) is Guard.BOTH_GREETED


def test_an_answer_to_a_greeting_is_no_collision() -> None:
    assert not have_both_greeted([turn(TIM, 0.5, 3.0), turn(CHRIS, 4.0, 7.0)])


def test_a_turn_after_a_long_silence_is_a_recovery() -> None:
    turns = [turn(TIM, 0.5, 3.0), turn(CHRIS, 12.0, 14.0)]

    assert find_recovery(turns, index=1, opener=TIM) is Guard.DEAD_AIR


def test_the_other_one_opening_is_a_recovery() -> None:
    assert find_recovery([turn(CHRIS, 6.2, 9.0)], index=0, opener=TIM) is Guard.NOBODY_OPENED


def test_the_opener_opening_late_is_none() -> None:
    assert find_recovery([turn(TIM, 6.2, 9.0)], index=0, opener=TIM) is None


def found_with(guard: Guard) -> list[Conversation]:
    return list(find_calls(CallFilter(guard=guard)))


@pytest.mark.django_db(transaction=True)
def test_a_goodbye_loop_ends_the_call_and_is_found_by_it(live_call: Call) -> None:
    for _ in range(3):
        live_call.dispatcher.say("Okay, goodbye.")
        live_call.driver.say("Take care, bye.")

    assert (live_call.refresh().status, live_call.conversation.end_reason) == ("ending", "goodbye_loop")
    assert found_with(Guard.GOODBYE_LOOP) == [live_call.conversation]


@pytest.mark.django_db(transaction=True)
def test_calls_are_found_by_dead_air(live_call: Call) -> None:
    live_call.driver.say("Hello.")
    now = after(21)
    heard_of(live_call, now)

    reconcile_once(now)

    assert found_with(Guard.DEAD_AIR) == [live_call.conversation]


@pytest.mark.django_db(transaction=True)
def test_a_call_that_finds_its_way_back_is_found_by_its_guard_and_noted_once(live_call: Call) -> None:
    Conversation.objects.update(floor_opened_at=timezone.now())
    now = timezone.now().timestamp()
    for start, agent in ((1.0, live_call.dispatcher), (12.0, live_call.driver), (15.0, live_call.dispatcher)):
        agent.finish(agent.start(at=now + start), "Hello there.", at=now + start + 2)

    assert Event.objects.filter(type="guard.dead_air").count() == 1
    assert found_with(Guard.DEAD_AIR) == [live_call.conversation]
    assert found_with(Guard.BOTH_GREETED) == []


@pytest.mark.django_db(transaction=True)
def test_a_sign_of_listening_during_the_others_turn_is_no_recovery(live_call: Call) -> None:
    Conversation.objects.update(floor_opened_at=timezone.now())
    now = timezone.now().timestamp()
    for start in (0.5, 20.0):
        turn_id = live_call.dispatcher.start(at=now + start)
        murmur = live_call.driver.start(at=now + start + 8.0)
        live_call.driver.finish(murmur, "Mm-hm.", at=now + start + 8.5)
        live_call.dispatcher.finish(turn_id, "A long story.", at=now + start + 14.0)

    assert not Event.objects.filter(type__startswith="guard.").exists()


@pytest.mark.django_db(transaction=True)
def test_what_a_guard_did_is_told_on_the_page(live_call: Call) -> None:
    for _ in range(3):
        live_call.dispatcher.say("Okay, goodbye.")
        live_call.driver.say("Take care, bye.")

    told = [doing.text for doing in find_doings(live_call.conversation.pk) if doing.event.startswith("guard.")]

    assert told == ["Guard goodbye loop: Both sides kept saying goodbye, so the call was closed."]
