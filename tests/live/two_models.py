"""Two agents on two processes of the rehearsal model, each behind an address of its own."""

import sys

from dispatchsim.bootstrap.ports import next_free_block
from tests.live.stack import Stack


def start_second_rehearsal(stack: Stack) -> str:
    """Start another process of the rehearsal model, and give its address."""
    port = next_free_block(stack.ports.web)
    command = [sys.executable, "-m", "rehearsal", "--host", "127.0.0.1", "--port", str(port)]
    stack.start_command("rehearsal-2", command, stack.environ)
    return f"http://127.0.0.1:{port}/v1"


def start_agent(stack: Stack, role: str, rehearsal_url: str) -> None:
    """Start the agent server of one role alone, on this voice model."""
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
