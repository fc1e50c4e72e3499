"""What passes between the agents and the voice model in a whole call, and that nothing else passes."""

import json

from tests.live.realtime_proxy import RealtimeProxy, realtime_proxy
from tests.live.stack import SHORT_SCENARIO, Stack
from tests.live.two_models import start_agent, start_second_rehearsal
from tests.protocol_checker import ProtocolChecker


def test_agents_on_two_rehearsal_processes_hold_a_call_that_keeps_to_the_protocol(own_stack: Stack) -> None:
    """Sessions share nothing: each side knows only its instructions and what it hears."""
    own_stack.start("media", "rehearsal", "web", "supervisor")
    with (
        realtime_proxy(own_stack.rehearsal_url) as first,
        realtime_proxy(start_second_rehearsal(own_stack)) as second,
    ):
        start_agent(own_stack, "dispatcher", first.url)
        start_agent(own_stack, "driver", second.url)
        own_stack.wait_ready()
        conversation_id = own_stack.api.create(SHORT_SCENARIO)

        end = own_stack.api.wait_for_end(conversation_id)
        own_stack.stop("agent-dispatcher", "agent-driver")

    assert (end["status"], end["end_reason"]) == ("ended", "agent_hung_up"), end
    assert end["turns"] >= 8
    for proxy in (first, second):
        _assert_kept_to_the_protocol(proxy)


def _assert_kept_to_the_protocol(proxy: RealtimeProxy) -> None:
    spoken = [session for session in proxy.sessions if len(session.frames) > 20]
    assert len(spoken) == 1
    checker = ProtocolChecker()
    for side, text in spoken[0].frames:
        (checker.client_event if side == "client" else checker.server_event)(json.loads(text))
    checker.assert_clean()
