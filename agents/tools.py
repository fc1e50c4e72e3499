"""The tools of a freight call: offered to the model by the brief, executed by the web side.

model: function call ─► POST tools_url/{name}, once more if nothing comes back ─► its result, as JSON text, to the model

The call id of the model makes a repeat harmless. Whatever goes wrong is a result that the model can talk about.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from livekit.agents import RunContext, StopResponse, function_tool
from livekit.agents.llm import RawFunctionTool
from pydantic import JsonValue

from dispatchsim.domain.brief import ConversationBrief, ToolSpec
from dispatchsim.domain.events import ToolRequest

REQUEST_S = 3.0  # a row or two are written; people on the phone wait no longer without a word
ATTEMPTS = 2
PAUSE_S = 0.3
NO_ANSWER: dict[str, JsonValue] = {
    "ok": False,
    "reason": "The system does not answer just now. Say so, and try once more in a moment.",
}
NOT_TAKEN: dict[str, JsonValue] = {"ok": False, "reason": "The system did not understand these arguments."}

UseTool = Callable[[str, ToolRequest], Awaitable[dict[str, JsonValue]]]

logger = logging.getLogger("agents.tools")


class ToolPost:
    """Uses tools at one address, with the token of the brief."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        request_s: float = REQUEST_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._timeout = aiohttp.ClientTimeout(total=request_s)
        self._sleep = sleep

    async def use(self, name: str, request: ToolRequest) -> dict[str, JsonValue]:
        """Use a tool and give its result, within a bounded time."""
        for attempt in range(ATTEMPTS):
            if attempt:
                await self._sleep(PAUSE_S)
            result = await self._try(name, request)
            if result is not None:
                return result
        logger.warning("a tool got no answer", extra={"tool": name})
        return NO_ANSWER

    async def _try(self, name: str, request: ToolRequest) -> dict[str, JsonValue] | None:
        """Give None where another attempt may help."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout, headers=headers) as http,
                http.post(f"{self._url}/{name}", data=request.model_dump_json()) as response,
            ):
                if response.status in (413, 422):
                    return NOT_TAKEN
                if response.status != 200:
                    logger.info("a tool was not taken", extra={"tool": name, "status": response.status})
                    return None
                result = json.loads(await response.read())
                return result if isinstance(result, dict) else None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            logger.info("a tool cannot be reached", extra={"tool": name, "error": type(error).__name__})
            return None


def build_tools(
    brief: ConversationBrief, use: UseTool, *, is_hanging_up: Callable[[], bool]
) -> list[RawFunctionTool[Any, Any]]:
    """Build a function of the SDK for each tool of the brief."""
    return [_build_tool(spec, use, is_hanging_up) for spec in brief.tools]


def _build_tool(spec: ToolSpec, use: UseTool, is_hanging_up: Callable[[], bool]) -> RawFunctionTool[Any, Any]:
    async def run(raw_arguments: dict[str, JsonValue], context: RunContext[None]) -> str:
        request = ToolRequest(call_id=context.function_call.call_id, arguments=raw_arguments)
        result = await use(spec.name, request)
        if is_hanging_up():
            raise StopResponse  # nothing is said after the goodbye
        return json.dumps(result)

    schema = {"name": spec.name, "description": spec.description, "parameters": dict(spec.parameters)}
    return function_tool(run, raw_schema=schema)
