"""An agent whose persona says "mm-hm" while the other side talks: it is heard at once, and the answer comes after."""

from collections.abc import Iterator

import pytest

from dispatchsim.domain.events import PeerTranscribed, TurnFinished, TurnStarted
from rehearsal.delivery import BACKCHANNELS
from tests.agents.lone_agent import server_in_a_thread, talking
from tests.rehearsal.test_take_the_floor import LISTENER, LONG
from tests.rehearsal.wire import Running


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with server_in_a_thread() as running:
        yield running


async def test_a_sign_of_listening_is_a_turn_of_its_own_during_the_peers(server: Running) -> None:
    async with talking(server, instructions=LISTENER) as (agent, _):
        agent.hear(LONG)
        agent.hear(LONG)
        await agent.until_heard(2)
        await agent.until(lambda: agent.turns[-1:] != [] and agent.turns[-1] not in BACKCHANNELS)

    murmurs = [turn for turn in agent.sink.of(TurnFinished) if turn.text in BACKCHANNELS]
    assert 1 <= len(murmurs) <= 2
    assert not any(turn.interrupted for turn in murmurs)
    first_started = next(turn for turn in agent.sink.of(TurnStarted) if turn.turn_id == murmurs[0].turn_id)
    assert any(first_started.at < heard.at for heard in agent.sink.of(PeerTranscribed))
    assert first_started.response_latency_s is None
