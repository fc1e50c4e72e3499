import asyncio

import pytest

from agents.hang_up import NETWORK_TAIL_S, PEER_S, HangUp
from dispatchsim.domain.events import HangUpRequested, ToolCalled
from tests.agents.fakes import FakeClock, FakeSink


async def farewell() -> None:
    return


def build_hang_up(sink: FakeSink, clock: FakeClock, *, peer_silent_at: float = 0.0) -> HangUp:
    return HangUp(sink, is_peer_speaking=lambda: clock.now < peer_silent_at, now=clock, sleep=clock.sleep)


def test_the_tool_call_is_told_at_once() -> None:
    sink, clock = FakeSink(), FakeClock()

    build_hang_up(sink, clock).on_called("call_1", "{}")

    assert [call.name for call in sink.of(ToolCalled)] == ["end_call"]


def test_a_second_call_does_not_hang_up_again() -> None:
    hang_up = build_hang_up(FakeSink(), FakeClock())

    assert (hang_up.on_called("call_1", "{}"), hang_up.on_called("call_2", "{}")) == (True, False)


async def test_the_network_tail_is_waited_for() -> None:
    sink, clock = FakeSink(), FakeClock()

    await build_hang_up(sink, clock).finish(farewell())

    assert sink.of(HangUpRequested)[0].at == pytest.approx(1000.0 + NETWORK_TAIL_S)


async def test_a_peer_that_speaks_is_heard_out() -> None:
    sink, clock = FakeSink(), FakeClock()

    await build_hang_up(sink, clock, peer_silent_at=1003.0).finish(farewell())

    assert 1003.0 <= sink.of(HangUpRequested)[0].at < 1003.2


async def test_a_peer_that_never_stops_is_hung_up_on() -> None:
    sink, clock = FakeSink(), FakeClock()

    await build_hang_up(sink, clock, peer_silent_at=2000.0).finish(farewell())

    assert sink.of(HangUpRequested)[0].at == pytest.approx(1000.0 + NETWORK_TAIL_S + PEER_S, abs=0.1)


async def test_nothing_is_hung_up_before_the_own_farewell_has_been_played() -> None:
    sink, clock = FakeSink(), FakeClock()
    played = asyncio.Event()
    work = asyncio.create_task(build_hang_up(sink, clock).finish(played.wait()))
    await asyncio.sleep(0)
    before = sink.types

    played.set()
    await work

    assert (before, sink.types) == ([], ["call.hang_up"])
