"""What a job finds done when it starts."""

import subprocess
import sys

FIRST_MESSAGES = """
import asyncio, ssl
import agents.warm_up
from livekit.agents.utils import http_context
from openai.types.realtime import RealtimeFunctionTool, RealtimeSessionCreateRequest, SessionUpdateEvent

def refuse(*_, **__):
    raise AssertionError("certificates were read again")

async def connect():
    async with http_context.open():
        http_context.http_session()

ssl.create_default_context = refuse
asyncio.run(connect())
types = (RealtimeFunctionTool, RealtimeSessionCreateRequest, SessionUpdateEvent)
print([one.__name__ for one in types if not one.__pydantic_complete__])
"""


def test_certificates_are_read_and_first_messages_can_be_checked() -> None:
    done = subprocess.run([sys.executable, "-c", FIRST_MESSAGES], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr
