"""Five people follow one call at once; none sees another, and the agents see none of them."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from tests.live.browser import chromium, listener
from tests.live.room_observer import RoomObserver
from tests.live.stack import SHORT_SCENARIO, Stack

OTHERS = 4  # besides the one in the browser
CALL_LIMIT_S = 150.0
LEAST_SOUND = 0.01  # energy of a side that was heard; a decoder's noise over a whole call is far below


@dataclass(frozen=True)
class Heard:
    """What one observer got of a call."""

    joins: dict[str, int]  # identity → how often it was seen to join
    energy: dict[str, float]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the file."""
    with chromium() as running:
        yield running


def test_five_observers_hear_and_read_a_whole_call_each_hidden_from_the_others(stack: Stack, browser: Browser) -> None:
    conversation_id = stack.api.create(SHORT_SCENARIO)
    with ThreadPoolExecutor(1) as thread, listener(browser, stack.sign_in_link()) as opened:
        others = thread.submit(asyncio.run, _listen_together(stack, conversation_id))
        opened.page.goto(f"{stack.web_url}/conversations/{conversation_id}/")
        expect(opened.page.locator("html[data-tracks='2']")).to_be_attached(timeout=30_000)
        expect(opened.page.locator("[data-over]")).to_be_visible(timeout=CALL_LIMIT_S * 1000)
        heard = others.result()

        turns = stack.api.turns(conversation_id)
        assert stack.api.status(conversation_id)["end_reason"] == "agent_hung_up"
        assert opened.transcript() == [(turn["speaker"], turn["text"]) for turn in turns]
        assert len(turns) >= 8
        assert [one.joins for one in heard] == [{"Dispatcher": 1, "Driver": 1}] * OTHERS
        assert all(min(one.energy.values()) > LEAST_SOUND for one in heard), heard
        assert opened.problems == []


async def _listen_together(stack: Stack, conversation_id: str) -> list[Heard]:
    return list(await asyncio.gather(*(_listen(stack, conversation_id) for _ in range(OTHERS))))


async def _listen(stack: Stack, conversation_id: str) -> Heard:
    access = await asyncio.to_thread(stack.api.post, f"conversations/{conversation_id}/token")
    observer = RoomObserver()
    await observer.join(access["livekit_url"], access["token"])
    try:
        await asyncio.wait_for(observer.closed.wait(), CALL_LIMIT_S)
    finally:
        await observer.leave()
    return Heard(
        joins=dict(observer.joins),
        energy={name: side.energy()[-1].total if side.blocks else 0.0 for name, side in observer.sides.items()},
    )
