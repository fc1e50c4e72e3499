"""The room never ends a call by itself, whoever listens or does not; and several calls are followed on one page."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlparse
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.live.browser import chromium, listener
from tests.live.client import wait_until
from tests.live.room_observer import RoomObserver
from tests.live.stack import SHORT_SCENARIO, Stack

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]

CALL_LIMIT_MS = 180_000
SILENCE_S = 0.4  # of the 0.5 s after which the voice model takes a turn as over
LEFT_S = 20.0
TAIL_S = 0.4  # the last word is still on its way to the other side when its speaker has said it
READ_EVENTS = """
select role, type, payload from dispatchsim_event where conversation_id = ? and role != '' order by role, agent_seq
"""


@dataclass(frozen=True)
class Progress:
    """What the page of several calls came to without being loaded again."""

    calls: list[str]
    states: list[str]
    asks_on: bool  # for more news, once all are over
    stayed: bool  # the same page with the focus where it was
    problems: list[str]


@dataclass(frozen=True)
class ToldByAgents:
    """What both agents of a call reported, each in the order in which it did."""

    floor_opened_at: float
    by_role: dict[str, list[dict[str, Any]]]

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Events of one kind by both agents, in the order in which they happened."""
        told = [event for events in self.by_role.values() for event in events if event["type"] == kind]
        return sorted(told, key=lambda event: event["at"])


@dataclass(frozen=True)
class HeldTogether:
    """Three calls at once: two that nobody observes, and one whose observer comes and goes."""

    progress: Progress
    unobserved: list[dict[str, Any]]  # their last status
    told: list[ToldByAgents]  # of the same two
    visited: dict[str, Any]
    turns_at_leaving: int


@pytest.fixture(scope="module")
def held(stack: Stack) -> HeldTogether:
    """Hold them to their ends; the two are launched, and followed, in a browser."""
    with chromium() as browser, listener(browser, stack) as opened, ThreadPoolExecutor(1) as thread:
        visit = thread.submit(asyncio.run, _visit(stack))
        progress = _follow_two(opened.page, opened.problems)
        unobserved = [stack.api.wait_for_end(call) for call in progress.calls]
        visited, turns_at_leaving = visit.result()
    told = [_read_told(stack, end) for end in unobserved]
    return HeldTogether(progress, unobserved, told, visited, turns_at_leaving)


def _read_told(stack: Stack, end: dict[str, Any]) -> ToldByAgents:
    rows = wait_until(
        lambda: stack.query(READ_EVENTS, UUID(end["conversation_id"]).hex),
        lambda rows: sum(kind == "agent.left" for _, kind, _ in rows) >= 2,
        limit_s=LEFT_S,
        what="both agents to have left",
    )
    by_role: dict[str, list[dict[str, Any]]] = {"dispatcher": [], "driver": []}
    for role, _, payload in rows:
        by_role[role].append(json.loads(payload))
    return ToldByAgents(stack.floor_opened_at(end), by_role)


def _follow_two(page: Page, problems: list[str]) -> Progress:
    page.get_by_role("radio", name=re.compile("A short load")).first.check()
    page.get_by_label("How many such calls").fill("2")
    page.get_by_role("button", name=re.compile("Generate")).click()
    page.wait_for_url("**/conversations/launched/?*")
    page.evaluate("window.isSamePage = true")
    rows, second = page.locator("#launched .call"), page.locator("#launched .call__link").nth(1)
    second.focus()
    expect(rows.locator(".call__turns").nth(1)).to_have_text(re.compile(r"^[2-9] turns"), timeout=CALL_LIMIT_MS)
    expect(page.locator("#launched .found")).to_have_text("All over", timeout=CALL_LIMIT_MS)
    expect(second).to_be_focused()
    return Progress(
        calls=parse_qs(urlparse(page.url).query)["call"],
        states=rows.locator(".call__status").all_inner_texts(),
        asks_on=page.locator("#launched[hx-get]").count() > 0,
        stayed=page.evaluate("window.isSamePage === true"),
        problems=problems,
    )


async def _visit(stack: Stack) -> tuple[dict[str, Any], int]:
    created = await asyncio.to_thread(stack.api.post, "conversations/create", {"scenario": SHORT_SCENARIO})
    observer = RoomObserver()
    await observer.join(created["livekit_url"], created["token"])
    await asyncio.to_thread(stack.api.wait_for_turns, created["conversation_id"], 2)
    await observer.leave()
    turns_at_leaving = stack.api.status(created["conversation_id"])["turns"]
    return await asyncio.to_thread(stack.api.wait_for_end, created["conversation_id"]), turns_at_leaving


def test_two_unobserved_calls_at_once_end_by_themselves(held: HeldTogether) -> None:
    """F7: nobody listens."""
    ends = [(end["status"], end["end_reason"]) for end in held.unobserved]

    assert ends == [("ended", "agent_hung_up")] * 2


def test_they_are_held_to_the_farewell_without_an_error(held: HeldTogether) -> None:
    assert [call.all("error") for call in held.told] == [[], []]
    assert all(len(call.all("turn.started")) >= 8 for call in held.told)


def test_nobody_speaks_before_the_floor_is_open(held: HeldTogether) -> None:
    assert all(call.all("turn.started")[0]["at"] >= call.floor_opened_at for call in held.told)


def test_each_answer_comes_after_silence_was_heard(held: HeldTogether) -> None:
    """Sound that a busy machine sends late has gaps, in which the other one may well answer."""
    for call in held.told:
        latencies = [turn["response_latency_s"] for turn in call.all("turn.started")[1:]]
        assert all(latency is not None and latency >= SILENCE_S for latency in latencies), latencies


def test_the_driver_is_not_interrupted(held: HeldTogether) -> None:
    turns = [turn for call in held.told for turn in call.by_role["driver"] if turn["type"] == "turn.finished"]

    assert len(turns) >= 8
    assert [turn for turn in turns if turn["interrupted"]] == []


def test_one_side_hangs_up_once_its_last_word_was_heard(held: HeldTogether) -> None:
    for call in held.told:
        (hang_up,) = call.all("call.hang_up")
        assert hang_up["at"] - call.all("turn.finished")[-1]["at"] >= TAIL_S


def test_the_last_that_is_told_of_each_agent_is_that_it_left(held: HeldTogether) -> None:
    last = [[events[-1]["type"] for events in call.by_role.values()] for call in held.told]

    assert last == [["agent.left"] * 2] * 2


def test_the_page_of_several_calls_follows_them_to_their_ends(held: HeldTogether) -> None:
    progress = held.progress

    assert (progress.states, progress.asks_on, progress.stayed) == (["Ended", "Ended"], False, True)
    assert progress.problems == []


def test_a_call_outlives_an_observer_who_comes_and_goes(held: HeldTogether) -> None:
    """F7: LiveKit's departure timeout must not end it."""
    assert (held.visited["status"], held.visited["end_reason"]) == ("ended", "agent_hung_up")
    assert held.visited["turns"] >= held.turns_at_leaving + 4
