"""An author writes a scenario in the admin, and the next call says it, in sound and in text."""

import asyncio
from typing import Any

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from tests.live.browser import chromium, listener
from tests.live.recognise import best_match
from tests.live.room_observer import SAMPLE_RATE_HZ, HeardSide, RoomObserver
from tests.live.stack import Stack

# Facts that nobody used before: neither the library nor the code knows them.
MARBLES = {"cargo": "glass marbles", "gate word": "pineapple"}
FEATHERS = {"cargo": "goose feathers", "gate word": "umbrella"}
ON_THE_WAY_S = 1.5  # sound arrives later than the turn's times say; nothing else of this side comes so soon


def _write_scenario(page: Page, stack: Stack, slug: str, facts: dict[str, str]) -> None:
    """Add the scenario in the admin, or change its load sheet when it is there."""
    page.goto(f"{stack.web_url}/admin/dispatchsim/scenario/?slug={slug}")
    row = page.locator("#result_list tbody th a")
    if row.count():
        row.first.click()
    else:
        page.goto(f"{stack.web_url}/admin/dispatchsim/scenario/add/")
        page.fill("#id_slug", slug)
        page.fill("#id_title", f"Test of {slug}")
    page.fill("#id_load_sheet", "\n".join(f"{key}: {value}" for key, value in facts.items()))
    page.click("input[name=_save]")
    page.wait_for_selector(".messagelist .success")


async def _listen(stack: Stack, slug: str) -> tuple[list[dict[str, Any]], HeardSide, float]:
    """Hold a call; return its turns, the Dispatcher's sound and the epoch time of the call's zero."""
    created = stack.api.post("conversations/create", {"scenario": slug})
    observer = RoomObserver()
    await observer.join(created["livekit_url"], created["token"])
    end = await asyncio.to_thread(stack.api.wait_for_end, created["conversation_id"])
    await observer.leave()
    assert (end["status"], end["end_reason"]) == ("ended", "agent_hung_up"), end
    return stack.api.turns(created["conversation_id"]), observer.sides["Dispatcher"], stack.floor_opened_at(end)


def _sound_of(turn: dict[str, Any], side: HeardSide, zero: float) -> NDArray[np.int16]:
    return side.between(zero + turn["start_s"] - 0.1, zero + turn["end_s"] + ON_THE_WAY_S)


def _telling(turns: list[dict[str, Any]], value: str) -> dict[str, Any]:
    said = [turn for turn in turns if turn["speaker"] == "dispatcher" and value in turn["text"]]
    assert said, f"the dispatcher never said {value!r}: {[turn['text'] for turn in turns]}"
    return said[0]


def _assert_said_and_heard(
    call: tuple[list[dict[str, Any]], HeardSide, float], said: dict[str, str], not_said: dict[str, str]
) -> None:
    turns, side, zero = call
    text = " ".join(turn["text"] for turn in turns)
    assert not [value for value in not_said.values() if value in text]
    for key, value in said.items():
        turn = _telling(turns, value)
        alternatives = [turn["text"], turn["text"].replace(value, not_said[key])]
        assert best_match(_sound_of(turn, side, zero), SAMPLE_RATE_HZ, alternatives) == turn["text"]


async def test_new_facts_are_heard_and_read_and_swapped_facts_swap_what_is_said(stack: Stack) -> None:
    await asyncio.to_thread(_author, stack, {"one-load": MARBLES, "other-load": FEATHERS})
    one, other = await asyncio.gather(_listen(stack, "one-load"), _listen(stack, "other-load"))
    _assert_said_and_heard(one, MARBLES, FEATHERS)
    _assert_said_and_heard(other, FEATHERS, MARBLES)

    await asyncio.to_thread(_author, stack, {"one-load": FEATHERS, "other-load": MARBLES})
    one, other = await asyncio.gather(_listen(stack, "one-load"), _listen(stack, "other-load"))
    _assert_said_and_heard(one, FEATHERS, MARBLES)
    _assert_said_and_heard(other, MARBLES, FEATHERS)


def _author(stack: Stack, sheets: dict[str, dict[str, str]]) -> None:
    with chromium() as browser, listener(browser, stack) as opened:
        for slug, facts in sheets.items():
            _write_scenario(opened.page, stack, slug, facts)
        assert opened.problems == []
