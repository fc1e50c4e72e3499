"""Whole calls: LiveKit, the rehearsal model, both agent servers, and a stub of the web side."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from dispatchsim.domain.conversation import EndReason, Role
from dispatchsim.domain.events import (
    AgentEvent,
    AgentLeft,
    ErrorReported,
    HangUpRequested,
    TurnFinished,
    TurnStarted,
)
from tests.agents.call_stack import CallStack, running_stack
from tests.agents.stub_web import ReportedCall, errors_of

SILENCE_S = 0.4  # of the 0.5 s after which the voice model takes a turn as over

pytestmark = [pytest.mark.live, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[CallStack]:
    async with running_stack() as stack:
        yield stack


@pytest_asyncio.fixture(loop_scope="module")
async def stack(running: CallStack) -> CallStack:
    await running.start_missing()
    return running


def turns_of(call: ReportedCall) -> list[tuple[float, float]]:
    """Return start and end of all turns in the order of their start."""
    starts = {event.turn_id: event.at for _, event in call.events if isinstance(event, TurnStarted)}
    ends = {event.turn_id: event.at for _, event in call.events if isinstance(event, TurnFinished)}
    return sorted((starts[turn_id], ends[turn_id]) for turn_id in starts)


def events_of(call: ReportedCall, kind: type[AgentEvent]) -> list[AgentEvent]:
    return [event for _, event in call.events if isinstance(event, kind)]


def latencies_of(call: ReportedCall) -> list[float | None]:
    """Return for each turn but the opener's first how long its speaker had heard silence when it began."""
    starts = sorted((event for _, event in call.events if isinstance(event, TurnStarted)), key=lambda event: event.at)
    return [event.response_latency_s for event in starts[1:]]


async def test_two_calls_at_once_are_held_to_the_farewell(stack: CallStack) -> None:
    async with stack.livekit() as livekit:
        calls = [await stack.launch(livekit) for _ in range(2)]
        await asyncio.gather(*(stack.hold(livekit, call) for call in calls))

    for call in calls:
        turns = turns_of(call)
        assert errors_of(call) == []
        assert len(turns) >= 8
        assert turns[0][0] >= call.floor_opened_at
        # Sound that a busy machine sends late has gaps, in which the other one may well answer.
        assert all(latency is not None and latency >= SILENCE_S for latency in latencies_of(call))
        assert not any(event.interrupted for event in call.of(Role.DRIVER) if isinstance(event, TurnFinished))
        assert len(events_of(call, HangUpRequested)) == 1
        assert events_of(call, HangUpRequested)[0].at - turns[-1][1] >= 0.4
        assert {call.of(role)[-1].type for role in Role} == {"agent.left"}


async def test_a_voice_model_that_is_gone_ends_the_call_with_a_reason(stack: CallStack) -> None:
    async with stack.livekit() as livekit:
        call = await stack.launch(livekit)
        await stack.open_floor(livekit, call)
        await call.wait_for(TurnStarted)

        await stack.stop("rehearsal", signal.SIGKILL)
        await call.wait_for(AgentLeft, roles=2, timeout_s=30.0)

    fatal = {event.reason for _, event in call.events if isinstance(event, ErrorReported) and event.fatal}
    assert fatal == {EndReason.VOICE_MODEL_UNREACHABLE}


async def test_a_stopped_server_ends_its_calls_with_a_reason(stack: CallStack) -> None:
    async with stack.livekit() as livekit:
        call = await stack.launch(livekit)
        await stack.open_floor(livekit, call)
        await call.wait_for(TurnStarted)

        code = await stack.stop("agents", signal.SIGINT, timeout_s=15.0)

    reasons = {event.reason for _, event in call.events if isinstance(event, ErrorReported)}
    assert (code, reasons, call.has(AgentLeft, roles=2)) == (0, {EndReason.STOPPED}, True)
