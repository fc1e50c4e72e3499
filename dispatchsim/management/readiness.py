"""Asks the web side whether every part is up."""

import asyncio
import http.client
import json
from collections.abc import Callable
from urllib.parse import urlsplit

from dispatchsim.bootstrap.ports import LOOPBACK

ASK_EVERY_S = 0.25
ANSWER_WAIT_S = 3.0
SAY_EVERY_S = 10.0


async def until_ready(port: int, web_url: str, *, say: Callable[[str], None]) -> None:
    """Wait until `/readyz` says yes; tell now and then what is missing."""
    loop = asyncio.get_running_loop()
    said_at = loop.time()
    while (missing := await asyncio.to_thread(ask_what_is_missing, port, web_url)) is not None:
        if loop.time() - said_at >= SAY_EVERY_S:
            said_at = loop.time()
            say(f"· Still waiting for: {missing}")
        await asyncio.sleep(ASK_EVERY_S)


def ask_what_is_missing(port: int, web_url: str) -> str | None:
    """Ask once; None when all is ready, else what is missing in words."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=ANSWER_WAIT_S)
    try:
        connection.request("GET", "/readyz", headers={"Host": urlsplit(web_url).netloc, "Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return "the web side"
    finally:
        connection.close()
    return None if answer.status == http.client.OK else describe(answer.status, body)


def describe(status: int, body: bytes) -> str:
    """Put a refusal of `/readyz` into words, by the names of the missing parts."""
    try:
        parts = json.loads(body)["parts"]
        missing = [part["name"].replace("_", " ") for part in parts if not part["ok"]]
    except (ValueError, LookupError, TypeError):
        return f"the web side answers {status}"
    return ", ".join(missing) or f"the web side answers {status}"
