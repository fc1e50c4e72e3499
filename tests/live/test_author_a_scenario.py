"""An author changes scenarios and a persona in the admin, and the next call says it, in sound and in text."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page

from tests.live.browser import listener
from tests.live.client import wait_until
from tests.live.recognise import best_match
from tests.live.room_observer import SAMPLE_RATE_HZ, HeardSide, RoomObserver
from tests.live.stack import Stack

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]

# Facts that nobody used before: neither the library nor the code knows them.
Facts = dict[str, str]
MARBLES = {"cargo": "glass marbles", "gate word": "pineapple"}
FEATHERS = {"cargo": "goose feathers", "gate word": "umbrella"}
DISPATCHER, NEW_NAME = "Tim", "Daniel"
TOLD_S = 90.0
ON_THE_WAY_S = 1.5  # sound arrives later than the turn's times say; nothing else of this side comes so soon


@dataclass(frozen=True)
class Call:
    """A call that somebody listened to."""

    conversation_id: str
    turns: list[dict[str, Any]]
    side: HeardSide  # the Dispatcher's sound
    zero: float  # of the call's clock, in epoch seconds

    @property
    def text(self) -> str:
        """All that was said."""
        return " ".join(turn["text"] for turn in self.turns)

    def sound_of(self, turn: dict[str, Any]) -> NDArray[np.int16]:
        """PCM16 mono of a turn as it arrived."""
        return self.side.between(self.zero + turn["start_s"] - 0.1, self.zero + turn["end_s"] + ON_THE_WAY_S)

    def assert_said_and_heard(self, said: Facts, not_said: Facts) -> None:
        """Each value stands in a turn of the dispatcher, whose sound fits it better than the other's."""
        assert not [value for value in not_said.values() if value in self.text]
        for key, value in said.items():
            turn = next(turn for turn in self.turns if turn["speaker"] == "dispatcher" and value in turn["text"])
            alternatives = [turn["text"], turn["text"].replace(value, not_said[key])]
            assert best_match(self.sound_of(turn), SAMPLE_RATE_HZ, alternatives) == turn["text"]


@dataclass(frozen=True)
class Changed:
    """Two calls before a change of the library, two after it, and the links of the history then."""

    before: list[Call]
    after: list[Call]
    history: list[str]


@pytest.fixture(scope="module")
def changed(stack: Stack, browser: Browser) -> Changed:
    """Change what the calls know, and who speaks, between two pairs of calls."""
    with listener(browser, stack) as opened, ThreadPoolExecutor(1) as thread:
        page = opened.page
        before = thread.submit(asyncio.run, _hold_both(stack, _write_both(page, stack, MARBLES, FEATHERS))).result()
        _rename_persona(page, stack, DISPATCHER, NEW_NAME)
        after = thread.submit(asyncio.run, _hold_both(stack, _write_both(page, stack, FEATHERS, MARBLES))).result()
        _rename_persona(page, stack, NEW_NAME, DISPATCHER)  # other tests share the stack
        page.goto(f"{stack.web_url}/conversations/")
        links = page.locator("a[href^='/conversations/']")
        history = [str(link.get_attribute("href")) for link in links.all()]
        assert opened.problems == []
    return Changed(before, after, history)


def _write_both(page: Page, stack: Stack, one: Facts, other: Facts) -> dict[str, Facts]:
    library = {"one-load": one, "other-load": other}
    for slug, facts in library.items():
        _write_scenario(page, stack, slug, facts)
    return library


def _write_scenario(page: Page, stack: Stack, slug: str, facts: Facts) -> None:
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
    _save(page)


def _rename_persona(page: Page, stack: Stack, name: str, new_name: str) -> None:
    page.goto(f"{stack.web_url}/admin/dispatchsim/persona/?slug=tim")
    page.locator("#result_list tbody th a").first.click()
    assert page.input_value("#id_name") == name
    page.fill("#id_name", new_name)
    _save(page)


def _save(page: Page) -> None:
    page.click("input[name=_save]")
    page.wait_for_selector(".messagelist .success")


async def _hold_both(stack: Stack, library: dict[str, Facts]) -> list[Call]:
    return list(await asyncio.gather(*(_hold(stack, slug, facts) for slug, facts in library.items())))


async def _hold(stack: Stack, slug: str, facts: Facts) -> Call:
    """Listen to a call until the dispatcher has told the facts and the driver, who heard them, answers."""
    created = await asyncio.to_thread(stack.api.post, "conversations/create", {"scenario": slug})
    observer = RoomObserver()
    await observer.join(created["livekit_url"], created["token"])
    call = created["conversation_id"]
    await asyncio.to_thread(
        wait_until,
        lambda: stack.api.turns(call),
        lambda turns: _are_told(facts, turns),
        limit_s=TOLD_S,
        what=f"an answer to {list(facts.values())}",
    )
    await asyncio.to_thread(stack.api.post, f"conversations/{call}/end")
    end = await asyncio.to_thread(stack.api.wait_for_end, call)
    await observer.leave()
    return Call(call, stack.api.turns(call), observer.sides["Dispatcher"], stack.floor_opened_at(end))


def _are_told(facts: Facts, turns: list[dict[str, Any]]) -> bool:
    said = [value for value in facts.values() if any(value in turn["text"] for turn in turns[:-1])]
    return len(said) == len(facts) and turns[-1]["speaker"] == "driver"


def test_facts_that_nobody_used_before_are_heard_and_read(changed: Changed) -> None:
    one, other = changed.before

    one.assert_said_and_heard(MARBLES, FEATHERS)
    other.assert_said_and_heard(FEATHERS, MARBLES)


def test_facts_swapped_between_two_scenarios_swap_what_is_said(changed: Changed) -> None:
    one, other = changed.after

    one.assert_said_and_heard(FEATHERS, MARBLES)
    other.assert_said_and_heard(MARBLES, FEATHERS)


def test_a_changed_persona_speaks_in_the_next_call(changed: Changed) -> None:
    names = [[name in call.text for name in (DISPATCHER, NEW_NAME)] for call in (*changed.before, *changed.after)]

    assert names == [[True, False]] * 2 + [[False, True]] * 2


def test_the_calls_before_and_after_a_change_are_found_in_the_history(stack: Stack, changed: Changed) -> None:
    calls = [*changed.before, *changed.after]

    assert {f"/conversations/{call.conversation_id}/" for call in calls} <= set(changed.history)
    assert [stack.api.turns(call.conversation_id) for call in calls] == [call.turns for call in calls]
