"""What an agent does when its voice model goes wrong: a real session against a server that plays the fault."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from livekit.agents import AgentSession

import rehearsal.server
from dispatchsim.domain.conversation import AgentState, EndReason
from rehearsal.faults import EXPIRES_AFTER_S, Fault
from tests.agents.lone_agent import LoneAgent, server_in_a_thread, talking
from tests.rehearsal.wire import KEY, Running

COMMODITY = "What's the commodity?"
WEIGHT = "And the weight?"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with server_in_a_thread() as running:
        yield running


async def open_the_call(agent: LoneAgent, session: AgentSession[None]) -> str:
    session.generate_reply()
    return (await agent.until_turns(1))[0]


async def test_without_a_fault_each_question_is_answered_once(server: Running) -> None:
    async with talking(server) as (agent, session):
        await open_the_call(agent, session)
        agent.hear(COMMODITY)
        turns = await agent.until_turns(2)

    assert "frozen chicken" in turns[1]


@pytest.mark.parametrize(
    ("fault", "reason", "told"),
    [
        (Fault.ACCEPT_AND_CLOSE, EndReason.VOICE_MODEL_UNREACHABLE, "closed the connection 5 times"),
        (Fault.BAD_KEY, EndReason.VOICE_MODEL_REFUSED, "HTTP status 401"),
    ],
)
async def test_a_model_that_lets_nobody_in_ends_the_call_at_once(
    server: Running, fault: Fault, reason: EndReason, told: str
) -> None:
    """F9, F12."""
    async with talking(server, fault) as (agent, _):
        trouble = await agent.until_fatal()

    assert (trouble.reason, told in trouble.message) == (reason, True)


async def test_a_model_without_money_is_told_as_such(server: Running) -> None:
    """F12: quota."""
    async with talking(server, Fault.QUOTA) as (agent, session):
        session.generate_reply()
        trouble = await agent.until_fatal()

    assert (trouble.reason, "insufficient_quota" in trouble.message) == (EndReason.VOICE_MODEL_REFUSED, True)


async def test_the_key_is_in_no_message_and_no_log(server: Running, caplog: pytest.LogCaptureFixture) -> None:
    """F12: this server quotes the key that it refuses."""
    caplog.set_level(logging.INFO)
    async with talking(server, Fault.BAD_KEY) as (agent, _):
        trouble = await agent.until_fatal()

    assert KEY not in trouble.message + caplog.text


async def test_an_answer_that_failed_is_asked_for_again_and_the_third_failure_ends_the_call(server: Running) -> None:
    """F12: rate limit."""
    async with talking(server, Fault.RATE_LIMIT) as (agent, session):
        session.generate_reply()
        await agent.until(lambda: agent.failed_answers == 1)
        session.generate_reply()
        await agent.until(lambda: agent.failed_answers == 2)
        session.generate_reply()
        trouble = await agent.until_fatal()

    assert (agent.failed_answers, "rate_limit_exceeded" in trouble.message) == (2, True)


async def test_a_model_that_falls_silent_in_the_middle_of_a_word_is_noticed(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F10; after 12 s in a call."""
    monkeypatch.setattr("agents.voice_watch.MAX_SILENCE_S", 1.0)
    async with talking(server, Fault.STALL) as (agent, session):
        session.generate_reply()
        trouble = await agent.until_fatal()

    assert (trouble.reason, "fell silent" in trouble.message) == (EndReason.VOICE_MODEL_UNREACHABLE, True)


async def test_frames_that_no_model_should_send_change_nothing(server: Running) -> None:
    """F13: broken, unknown, repeated, late and huge frames."""
    async with talking(server) as (sane, session):
        await open_the_call(sane, session)
        sane.hear(COMMODITY)
        await sane.until_turns(2)
    async with talking(server, Fault.MALFORMED) as (agent, session):
        await open_the_call(agent, session)
        agent.hear(COMMODITY)
        await agent.until_turns(2)

    assert (agent.turns, agent.fatal) == (sane.turns, [])
    assert len(agent.loudspeaker.played) == len(sane.loudspeaker.played)
    assert [event.seq for event in agent.sink.events] == list(range(1, len(agent.sink.events) + 1))


async def test_a_response_whose_end_is_lost_does_not_keep_the_next_from_being_heard(server: Running) -> None:
    """F13: done missing."""
    async with talking(server, Fault.NO_DONE) as (agent, session):
        await open_the_call(agent, session)
        agent.hear(COMMODITY)
        turns = await agent.until_turns(2)
        agent.hear(WEIGHT)
        turns = await agent.until_turns(3)

    assert ("frozen chicken" in turns[1], "42,000" in turns[2]) == (True, True)


async def test_sessions_that_expire_lose_and_double_no_turn(server: Running) -> None:
    """F11."""
    async with talking(server, Fault.EXPIRE) as (agent, session):
        await open_the_call(agent, session)
        await asyncio.sleep(EXPIRES_AFTER_S + 0.5)
        agent.hear(COMMODITY)
        turns = await agent.until_turns(2)

    assert ("frozen chicken" in turns[1], len(turns), agent.fatal) == (True, 2, [])


@pytest.mark.parametrize(
    ("every_s", "storm_s"),
    [
        (0.2, 3.0),
        (0.05, 5.0),  # as many barge-ins as in 20 s
        pytest.param(0.2, 20.0, marks=pytest.mark.soak),
    ],
)
async def test_a_storm_of_barge_ins_leaves_nobody_speaking(
    server: Running, monkeypatch: pytest.MonkeyPatch, every_s: float, storm_s: float
) -> None:
    """F14."""
    monkeypatch.setattr("rehearsal.server.STORM_EVERY_S", every_s)
    monkeypatch.setattr("rehearsal.server.STORM_S", storm_s)
    is_over, storm = threading.Event(), rehearsal.server._storm

    async def watched_storm(*arguments: Any) -> None:
        await storm(*arguments)
        is_over.set()

    monkeypatch.setattr("rehearsal.server._storm", watched_storm)
    async with talking(server, Fault.BARGE_IN_STORM) as (agent, session):
        session.generate_reply()
        assert await asyncio.to_thread(is_over.wait, 3 * storm_s + 10)
        agent.hear(COMMODITY)
        await agent.until_turns(len(agent.turns) + 1)
        await agent.until(lambda: agent.state is AgentState.LISTENING)

        assert (agent.recorder.is_speaking, agent.fatal) == (False, [])


@pytest.mark.parametrize("fault", [Fault.NO_TRANSCRIPTION, Fault.EMPTY_TRANSCRIPTION])
async def test_a_turn_that_was_not_transcribed_is_answered_and_marked(server: Running, fault: Fault) -> None:
    """F15: missing, empty."""
    async with talking(server, fault) as (agent, session):
        await open_the_call(agent, session)
        agent.hear(COMMODITY)
        turns = await agent.until_turns(2)
        agent.wire.on_closed(0.0)

    assert ("frozen chicken" in turns[1], agent.heard) == (True, [None])


async def test_a_late_transcription_belongs_to_its_own_turn(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """F15: late."""
    monkeypatch.setattr("rehearsal.sabotage.LATE_S", 1.0)
    async with talking(server, Fault.LATE_TRANSCRIPTION) as (agent, session):
        await open_the_call(agent, session)
        for number, question in enumerate((COMMODITY, WEIGHT)):
            agent.hear(question)
            await agent.until_turns(number + 2)
        heard = await agent.until_heard(2)

    assert [("commodity" in (text or ""), "weight" in (text or "")) for text in heard] == [(True, False), (False, True)]
