"""An agent's tools: what the model is offered, and what it is told when the web side is away."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from livekit.agents import StopResponse
from livekit.agents.llm import ToolContext
from pydantic import JsonValue

from agents.talking import TalkingAgent
from agents.tools import ATTEMPTS, NO_ANSWER, NOT_TAKEN, ToolPost, build_tools
from dispatchsim.domain.brief import ConversationBrief
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import ToolRequest
from dispatchsim.domain.freight.tools import tools_for
from tests.agents.briefs import build_brief
from tests.agents.fakes import FakeClock
from tests.freight.cases import build_case

REQUEST = ToolRequest(call_id="call_1", arguments={"amount_usd": 1500})


@dataclass
class FakeWeb:
    """Answers each use with the next of its statuses, then with a result."""

    statuses: list[int] = field(default_factory=list)
    answer: object = field(default_factory=lambda: {"ok": True})
    seen: list[tuple[str, str, Any]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.seen.append((request.match_info["name"], request.headers["Authorization"], await request.json()))
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        return web.json_response(self.answer)


@pytest.fixture
async def web_side() -> AsyncIterator[FakeWeb]:
    fake = FakeWeb()
    app = web.Application()
    app.router.add_post("/tools/{name}", fake.take)
    async with TestServer(app, host="127.0.0.1") as server:
        fake.url = str(server.make_url("/tools"))
        yield fake


def post(url: str) -> ToolPost:
    return ToolPost(url, "secret", sleep=FakeClock().sleep)


def brief_with_tools(role: Role = Role.DISPATCHER) -> ConversationBrief:
    return build_brief(role, tools=tools_for(build_case(), role), tools_url="http://127.0.0.1/tools")


async def test_a_use_is_posted_with_the_token_and_the_call_id(web_side: FakeWeb) -> None:
    result = await post(web_side.url).use("offer_rate", REQUEST)

    assert result == {"ok": True}
    assert web_side.seen == [("offer_rate", "Bearer secret", {"call_id": "call_1", "arguments": {"amount_usd": 1500}})]


async def test_a_web_side_that_stumbles_is_asked_once_more_with_the_same_call_id(web_side: FakeWeb) -> None:
    web_side.statuses = [503]

    assert await post(web_side.url).use("offer_rate", REQUEST) == {"ok": True}
    assert [body["call_id"] for _, _, body in web_side.seen] == ["call_1", "call_1"]


async def test_a_web_side_that_stays_away_is_told_to_the_model(web_side: FakeWeb) -> None:
    web_side.statuses = [503] * 10

    assert await post(web_side.url).use("offer_rate", REQUEST) == NO_ANSWER
    assert len(web_side.seen) == ATTEMPTS


async def test_nobody_there_is_told_to_the_model(unused_tcp_port: int) -> None:
    assert await post(f"http://127.0.0.1:{unused_tcp_port}/tools").use("offer_rate", REQUEST) == NO_ANSWER


async def test_what_is_never_taken_is_not_sent_again(web_side: FakeWeb) -> None:
    web_side.statuses = [422]

    assert await post(web_side.url).use("offer_rate", REQUEST) == NOT_TAKEN
    assert len(web_side.seen) == 1


async def test_an_answer_that_is_no_object_is_no_result(web_side: FakeWeb) -> None:
    web_side.answer = ["ok"]

    assert await post(web_side.url).use("offer_rate", REQUEST) == NO_ANSWER


async def never(name: str, request: ToolRequest) -> dict[str, JsonValue]:
    raise AssertionError(name)


@pytest.mark.parametrize("role", list(Role))
async def test_the_model_is_offered_the_tools_of_the_brief_and_the_end_of_the_call(role: Role) -> None:
    brief = brief_with_tools(role)
    agent = TalkingAgent("You.", lambda _: None, build_tools(brief, never, is_hanging_up=lambda: False))

    offered = ToolContext(agent.tools).parse_function_tools("openai.responses")

    assert {tool["name"] for tool in offered} == {"end_call", *(tool.name for tool in brief.tools)}


async def run_first_tool(*, is_hanging_up: bool) -> tuple[object, list[ToolRequest]]:
    requests: list[ToolRequest] = []

    async def use(name: str, request: ToolRequest) -> dict[str, JsonValue]:
        requests.append(request)
        return {"ok": False, "reason": name}

    tool = build_tools(brief_with_tools(), use, is_hanging_up=lambda: is_hanging_up)[0]
    context = SimpleNamespace(function_call=SimpleNamespace(call_id="call_9"))
    return await tool(raw_arguments={"reference": "x"}, context=context), requests


async def test_the_result_goes_to_the_model_as_json() -> None:
    answer, requests = await run_first_tool(is_hanging_up=False)

    assert json.loads(str(answer)) == {"ok": False, "reason": "look_up_load"}
    assert requests == [ToolRequest(call_id="call_9", arguments={"reference": "x"})]


async def test_nothing_is_said_about_a_result_after_the_goodbye() -> None:
    with pytest.raises(StopResponse):
        await run_first_tool(is_hanging_up=True)
