"""Calls whose voice models go wrong, side by side in real rooms, each with a fault of its own."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest
from livekit import api

from dispatchsim.domain.conversation import EndReason
from dispatchsim.domain.events import ErrorReported, TurnFinished
from rehearsal.faults import Fault
from tests.agents.call_stack import CallStack, running_stack
from tests.agents.stub_web import ReportedCall

pytestmark = pytest.mark.live
NOTICED_S = 15.0
ENOUGH_TURNS = 5
GOES_ON = (Fault.EXPIRE, Fault.SERVER_ERROR)
ENDS = {Fault.STALL: "fell silent", Fault.RATE_LIMIT: "rate_limit_exceeded"}


async def open_the_floor(stack: CallStack, livekit: api.LiveKitAPI, fault: Fault) -> ReportedCall:
    call = await stack.launch(livekit, model=f"rehearsal:{fault.value}")
    await stack.open_floor(livekit, call)
    return call


async def wait_for_the_end(stack: CallStack, livekit: api.LiveKitAPI, fault: Fault) -> ReportedCall:
    call = await open_the_floor(stack, livekit, fault)
    async with asyncio.timeout(NOTICED_S):
        await until(call, lambda: bool(fatal_of(call)))
    return call


async def wait_for_turns(stack: CallStack, livekit: api.LiveKitAPI, fault: Fault) -> ReportedCall:
    call = await open_the_floor(stack, livekit, fault)
    async with asyncio.timeout(60):
        await until(call, lambda: len(turns_of(call)) >= ENOUGH_TURNS)
    await stack.end(livekit, call)
    return call


async def until(call: ReportedCall, is_so: Callable[[], bool]) -> None:
    while not is_so():
        call.changed.clear()
        await call.changed.wait()


def turns_of(call: ReportedCall) -> list[str]:
    return [event.text for _, event in call.events if isinstance(event, TurnFinished)]


def fatal_of(call: ReportedCall) -> list[ErrorReported]:
    return [event for _, event in call.events if isinstance(event, ErrorReported) and event.fatal]


async def test_a_call_goes_on_where_it_can_and_ends_with_the_reason_where_it_cannot() -> None:
    """F10, F11, F12 in a room."""
    async with running_stack(executor="thread") as stack, stack.livekit() as livekit:
        ended, gone_on = await asyncio.gather(
            asyncio.gather(*(wait_for_the_end(stack, livekit, fault) for fault in ENDS)),
            asyncio.gather(*(wait_for_turns(stack, livekit, fault) for fault in GOES_ON)),
        )

    for call, told in zip(ended, ENDS.values(), strict=True):
        first = fatal_of(call)[0]
        assert (first.reason, told in first.message) == (EndReason.VOICE_MODEL_UNREACHABLE, True)
    for call in gone_on:
        assert fatal_of(call) == []
        assert [text for text, times in Counter(turns_of(call)).items() if times > 1] == []
