"""What ends one agent's part in a call, and who wins when several things do."""

import asyncio

from agents.ending import STOP_DOUBT_S, Ending, Outcome
from dispatchsim.domain.conversation import EndReason


def reason_of(outcome: Outcome) -> EndReason | None:
    return outcome.trouble.reason if outcome.trouble else None


async def test_a_part_goes_on_until_something_ends_it() -> None:
    ending = Ending()
    before = ending.is_over

    ending.end(Outcome())

    assert (before, ending.is_over) == (False, True)


async def test_the_first_reason_wins() -> None:
    ending = Ending()
    ending.fail(EndReason.AGENT_VANISHED, "Driver is not in the room any more.")

    ending.end(Outcome())

    assert reason_of(await ending.wait()) is EndReason.AGENT_VANISHED


async def test_a_failure_is_fatal_to_the_call() -> None:
    ending = Ending()
    ending.fail(EndReason.AGENT_FAILED, "The agent stopped with an internal error.")

    trouble = (await ending.wait()).trouble

    assert trouble is not None
    assert trouble.is_fatal


async def test_a_job_that_is_stopped_in_the_middle_of_a_call_says_so() -> None:
    ending = Ending()
    ending.stop(is_call_ending=False)

    outcome = await asyncio.wait_for(ending.wait(), 10 * STOP_DOUBT_S)

    assert (reason_of(outcome), outcome.is_stopped) == (EndReason.STOPPED, True)


async def test_a_job_that_is_stopped_while_the_call_ends_has_no_trouble_to_tell() -> None:
    ending = Ending()
    ending.stop(is_call_ending=True)

    outcome = await asyncio.wait_for(ending.wait(), 10 * STOP_DOUBT_S)

    assert (reason_of(outcome), outcome.is_stopped) == (None, True)


async def test_a_room_that_turns_out_to_be_gone_wins_over_the_stop_that_came_with_it() -> None:
    ending = Ending()
    ending.stop(is_call_ending=False)

    ending.fail(EndReason.ROOM_VANISHED, "The LiveKit room was closed in the middle of the call.")

    assert reason_of(await ending.wait()) is EndReason.ROOM_VANISHED
