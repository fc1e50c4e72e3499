"""What passes between the agents and the voice model in a whole call, and that nothing else passes."""

import json
import sys

from dispatchsim.bootstrap.ports import next_free_block
from tests.live.realtime_proxy import realtime_proxy
from tests.live.stack import SHORT_SCENARIO, Stack
from tests.protocol_checker import ProtocolChecker


def test_every_event_of_a_call_keeps_to_the_protocol(own_stack: Stack) -> None:
    own_stack.start("media", "rehearsal", "web", "supervisor")
    with realtime_proxy(own_stack.rehearsal_url) as proxy:
        own_stack.start("agents", REHEARSAL_URL=proxy.url)
        own_stack.wait_ready()
        conversation_id = own_stack.api.create(SHORT_SCENARIO)

        end = own_stack.api.wait_for_end(conversation_id)
        own_stack.stop("agents")

    assert end["status"] == "ended", end
    spoken = [session for session in proxy.sessions if len(session.frames) > 20]
    assert len(spoken) == 2
    for session in spoken:
        checker = ProtocolChecker()
        for side, text in session.frames:
            (checker.client_event if side == "client" else checker.server_event)(json.loads(text))
        checker.assert_clean()


def test_two_agents_on_two_rehearsal_processes_hold_the_same_call(own_stack: Stack) -> None:
    """Sessions share nothing: each side knows only its instructions and what it hears."""
    other_port = next_free_block(own_stack.ports.web)
    own_stack.start("media", "rehearsal", "web", "supervisor")
    own_stack.start_command(
        "rehearsal-2",
        [sys.executable, "-m", "rehearsal", "--host", "127.0.0.1", "--port", str(other_port)],
        own_stack.environ,
    )
    _start_agent(own_stack, "dispatcher", own_stack.rehearsal_url)
    _start_agent(own_stack, "driver", f"http://127.0.0.1:{other_port}/v1")
    own_stack.wait_ready()
    conversation_id = own_stack.api.create(SHORT_SCENARIO)

    end = own_stack.api.wait_for_end(conversation_id)

    assert (end["status"], end["end_reason"]) == ("ended", "agent_hung_up")
    assert end["turns"] >= 8


def _start_agent(stack: Stack, role: str, rehearsal_url: str) -> None:
    stack.start_command(
        f"agent-{role}",
        [sys.executable, "-m", f"agents.{role}_agent", "start"],
        stack.environ
        | {
            "REHEARSAL_URL": rehearsal_url,
            "LIVEKIT_URL": stack.livekit_url,
            "LIVEKIT_API_KEY": "dispatchsim",
            "DISPATCHSIM_WEB_URL": stack.web_url,
        },
    )
