"""What passes between the agents and the voice model in a whole call, and that nothing else passes."""

import json
import sys

from dispatchsim.bootstrap.ports import next_free_block
from tests.live.realtime_proxy import RealtimeProxy, realtime_proxy
from tests.live.stack import SHORT_SCENARIO, Stack
from tests.protocol_checker import ProtocolChecker


def test_agents_on_two_rehearsal_processes_hold_a_call_that_keeps_to_the_protocol(own_stack: Stack) -> None:
    """Sessions share nothing: each side knows only its instructions and what it hears."""
    own_stack.start("media", "rehearsal", "web", "supervisor")
    with (
        realtime_proxy(own_stack.rehearsal_url) as first,
        realtime_proxy(_start_second_rehearsal(own_stack)) as second,
    ):
        _start_agent(own_stack, "dispatcher", first.url)
        _start_agent(own_stack, "driver", second.url)
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


def _start_second_rehearsal(stack: Stack) -> str:
    port = next_free_block(stack.ports.web)
    command = [sys.executable, "-m", "rehearsal", "--host", "127.0.0.1", "--port", str(port)]
    stack.start_command("rehearsal-2", command, stack.environ)
    return f"http://127.0.0.1:{port}/v1"


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
