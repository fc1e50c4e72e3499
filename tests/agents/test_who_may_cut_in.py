"""Interruptions follow the persona, and nobody cuts off a farewell: a real session, a scripted voice model."""

import pytest
from livekit.agents import AgentSession

from agents.talking import stop_answering
from dispatchsim.domain.brief import TurnDetection
from dispatchsim.domain.events import TurnFinished, TurnStarted
from tests.agents.lone_agent import LoneAgent
from tests.agents.scripted_model import ScriptedModel, talking_to

STUBBORN = TurnDetection(interrupt_response=False)
ANSWER = "Yes, it is."
OWN = "one two three four five six seven eight nine ten"


async def begin_to_speak(model: ScriptedModel, agent: LoneAgent, session: AgentSession[None]) -> None:
    session.generate_reply()
    await model.until_requested()
    await model.begin("own", OWN, seconds=10, is_asked_for=True)
    await agent.until(lambda: bool(agent.sink.of(TurnStarted)))


async def answer(model: ScriptedModel) -> None:
    await model.begin("answer", ANSWER, seconds=1, is_asked_for=False)
    await model.complete()


def finished(agent: LoneAgent) -> list[tuple[str, bool]]:
    return [(turn.text, turn.interrupted) for turn in agent.sink.of(TurnFinished)]


async def test_the_peer_cuts_off_a_persona_that_can_be_interrupted() -> None:
    model = ScriptedModel()
    async with talking_to(model) as (agent, session, _):
        await begin_to_speak(model, agent, session)
        await model.complete()
        await model.hear()
        await agent.until_turns(1)

    assert [is_cut for _, is_cut in finished(agent)] == [True]


async def test_a_persona_that_cannot_be_interrupted_speaks_to_its_end_and_then_answers() -> None:
    model = ScriptedModel()
    async with talking_to(model, STUBBORN) as (agent, session, _):
        await begin_to_speak(model, agent, session)
        await model.complete()
        await model.hear()
        await answer(model)
        await agent.until_turns(2)

    assert finished(agent) == [(OWN, False), (ANSWER, False)]


async def test_what_waits_to_be_said_keeps_its_text_when_the_peer_speaks_again() -> None:
    model = ScriptedModel()
    async with talking_to(model, STUBBORN) as (agent, session, _):
        await begin_to_speak(model, agent, session)
        await model.complete()
        await answer(model)
        await model.hear()
        await agent.until_turns(2)

    assert [text for text, _ in finished(agent)] == [OWN, ANSWER]


async def test_an_answer_that_waited_behind_the_own_turn_has_no_latency() -> None:
    model = ScriptedModel()
    async with talking_to(model, STUBBORN) as (agent, session, _):
        await begin_to_speak(model, agent, session)
        await model.complete()
        await model.hear()
        await answer(model)
        await agent.until_turns(2)

    assert [turn.response_latency_s for turn in agent.sink.of(TurnStarted)] == [None, None]


async def test_what_the_model_passed_over_while_it_responded_is_asked_for() -> None:
    model = ScriptedModel()
    async with talking_to(model, STUBBORN) as (agent, session, _):
        await begin_to_speak(model, agent, session)
        await model.hear()
        await model.complete()
        await agent.until_turns(1)
        agent.wire.on_tick(0.0)

    assert agent.failed_answers == 1


async def test_what_the_model_answered_after_all_is_not_asked_for() -> None:
    model = ScriptedModel()
    async with talking_to(model, STUBBORN) as (agent, session, _):
        await begin_to_speak(model, agent, session)
        await model.hear()
        await model.complete()
        await answer(model)
        await agent.until_turns(2)
        agent.wire.on_tick(0.0)

    assert agent.failed_answers == 0


@pytest.mark.parametrize("detection", [TurnDetection(), STUBBORN])
async def test_a_farewell_is_heard_to_its_end(detection: TurnDetection) -> None:
    model = ScriptedModel()
    async with talking_to(model, detection) as (agent, session, brief):
        await begin_to_speak(model, agent, session)
        await model.complete()
        stop_answering(session, brief)
        await model.hear()
        await agent.until_turns(1)

    assert finished(agent) == [(OWN, False)]
