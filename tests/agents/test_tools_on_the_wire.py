"""Tools of a freight call between the Realtime model and the web side, through the SDK's own session."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from livekit.agents import AgentSession
from livekit.plugins.openai.realtime import RealtimeModel
from pydantic import JsonValue
from websockets.asyncio.server import ServerConnection, serve

from agents.config import VoiceEndpoint
from agents.talking import TalkingAgent, build_session
from agents.tools import UseTool, build_tools
from agents.turn_recorder import TurnRecorder
from agents.wire import Wire
from dispatchsim.domain.brief import ConversationBrief
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import ToolRequest
from dispatchsim.domain.freight.tools import tools_for
from tests.agents.fakes import FakeClock, FakeSink
from tests.agents.test_what_openai_is_sent import Recorder, openai_brief
from tests.freight.cases import build_case

CALL = {
    "id": "item_1",
    "type": "function_call",
    "object": "realtime.item",
    "status": "completed",
    "call_id": "call_7",
    "name": "offer_rate",
    "arguments": '{"amount_usd": 1500}',
}


@dataclass
class CallingModel(Recorder):
    """Answers the first response that is asked for with a function call."""

    connection: ServerConnection | None = None

    async def handle(self, connection: ServerConnection) -> None:
        self.connection = connection
        await super().handle(connection)

    async def call_a_function(self) -> None:
        await self.until("response.create", 1)
        metadata = self.of("response.create")[0]["response"]["metadata"]
        response = {"id": "resp_1", "object": "realtime.response", "metadata": metadata, "output": []}
        await self._send("response.created", response={**response, "status": "in_progress"})
        for event in ("response.output_item.added", "response.output_item.done"):
            await self._send(event, response_id="resp_1", output_index=0, item=CALL)
        await self._send("response.done", response={**response, "status": "completed", "output": [CALL]})

    async def _send(self, kind: str, **fields: Any) -> None:
        assert self.connection is not None
        await self.connection.send(json.dumps({"type": kind, "event_id": f"event_{kind}", **fields}))

    def outputs(self) -> list[dict[str, Any]]:
        items = [event["item"] for event in self.of("conversation.item.create")]
        return [item for item in items if item["type"] == "function_call_output"]


def freight_brief() -> ConversationBrief:
    tools = tools_for(build_case(), Role.DISPATCHER)
    return openai_brief("gpt-realtime").model_copy(update={"tools": tools, "tools_url": "http://127.0.0.1:9/tools"})


@asynccontextmanager
async def opened(brief: ConversationBrief, use: UseTool) -> AsyncIterator[tuple[CallingModel, AgentSession[None]]]:
    model = CallingModel()
    async with serve(model.handle, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        endpoint = VoiceEndpoint(base_url=f"http://127.0.0.1:{port}/v1", api_key="sk-for-tests")
        sink, fatal = FakeSink(), list[str]()
        recorder = TurnRecorder(sink, turn_prefix="dispatcher")
        wire = Wire(
            sink, recorder, settings=brief.voice, now=FakeClock(), on_fatal=lambda one: fatal.append(one.message)
        )
        session = build_session(brief, endpoint, wire)
        tools = build_tools(brief, use, is_hanging_up=lambda: False)
        agent = TalkingAgent(brief.instructions, lambda context: None, tools)
        await session.start(agent, session_host=False, record=False)
        await model.until("session.update", 3)
        yield model, session
        llm = session.llm
        await session.aclose()
        assert isinstance(llm, RealtimeModel)
        await llm.aclose()
        assert fatal == []


async def never(name: str, request: ToolRequest) -> dict[str, JsonValue]:
    raise AssertionError(name)


async def test_the_model_gets_each_tool_with_its_schema_as_it_stands_in_the_brief() -> None:
    brief = freight_brief()

    async with opened(brief, never) as (model, _):
        sent = {tool["name"]: tool for tool in model.session["tools"]}

    assert set(sent) == {"end_call", *(tool.name for tool in brief.tools)}
    for tool in brief.tools:
        assert (sent[tool.name]["description"], sent[tool.name]["parameters"]) == (tool.description, tool.parameters)


async def test_every_event_with_tools_is_one_that_the_sdk_knows() -> None:
    async with opened(freight_brief(), never) as (model, _):
        assert model.problems() == []


async def test_a_function_call_is_used_once_and_its_result_goes_back() -> None:
    used: list[tuple[str, ToolRequest]] = []

    async def use(name: str, request: ToolRequest) -> dict[str, JsonValue]:
        used.append((name, request))
        return {"ok": True, "offered_usd": 1500}

    async with opened(freight_brief(), use) as (model, session):
        session.generate_reply()
        await model.call_a_function()
        await model.until("response.create", 2)  # the model is asked to go on from the result

        (output,) = model.outputs()

    assert used == [("offer_rate", ToolRequest(call_id="call_7", arguments={"amount_usd": 1500}))]
    assert (output["call_id"], json.loads(output["output"])) == ("call_7", {"ok": True, "offered_usd": 1500})
