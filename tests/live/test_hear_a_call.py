"""A person presses one button and hears two voices, reads along, and finds the call afterwards."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from dispatchsim.bootstrap.browser import ensure_chromium
from tests.live.browser import ARGUMENTS, Listener, listener
from tests.live.energy import Span, measure, onset
from tests.live.stack import UNHURRIED, Stack

CALL_LIMIT_MS = 180_000
TWO_SAMPLES_S = 0.1  # a busy page takes its first sample as much late; what it hears is counted from before
FIRST_WORD_TOLERANCE_S = 0.6  # network, jitter buffer and one statistics sample
UNFINISHED_TEXT = "[data-turns] [data-seq='2'][data-final='false'] .turn__text:not(:empty)"
HEARS_SOMEBODY = (
    "() => [...document.querySelectorAll('[data-side][data-level]')].some((card) => card.dataset.level > 0.2)"
)
DISPATCHER_LEVEL = "Number(document.querySelector('[data-side=dispatcher][data-level]').dataset.level)"
TELL_SOUND = """new MutationObserver(() => console.log("sound: " + document.documentElement.dataset.sound))
  .observe(document, { subtree: true, attributeFilter: ["data-sound"] })"""


def _launch(stack: Stack, opened: Listener, scenario: str) -> str:
    opened.page.get_by_role("radio", name=re.compile(scenario)).first.check()
    opened.page.get_by_role("button", name="Generate conversation").click()
    opened.page.wait_for_url("**/conversations/*/")
    return opened.page.url.rstrip("/").rsplit("/", 1)[-1]


def _spans(turns: list[dict[str, Any]], floor_opened_at: float) -> list[Span]:
    return [Span(t["speaker"], floor_opened_at + t["start_s"], floor_opened_at + t["end_s"]) for t in turns]


def test_one_press_and_both_voices_are_heard_read_and_found_again(stack: Stack, browser: Browser) -> None:
    with listener(browser, stack, sign_in_link=stack.sign_in_link()) as opened:
        opened.page.get_by_role("radio", name=re.compile(UNHURRIED, re.IGNORECASE)).first.check()
        conversation_id = _launch(stack, opened, "A short load")

        expect(opened.page.locator("html[data-room='connected']")).to_be_attached(timeout=20_000)
        expect(opened.page.locator("[data-over]")).to_be_visible(timeout=CALL_LIMIT_MS)

        status, turns = stack.api.status(conversation_id), stack.api.turns(conversation_id)
        live_text = opened.transcript()
        spans = _spans(turns, stack.floor_opened_at(status))

        assert (status["status"], status["end_reason"]) == ("ended", "agent_hung_up"), status
        assert len(turns) >= 8
        assert all(first["speaker"] != second["speaker"] for first, second in pairwise(turns))
        for side in ("dispatcher", "driver"):
            heard = measure(opened.energy(side), spans, side)
            assert len(heard.speaking) >= 10
            assert heard.share_heard >= 0.9, f"{side}: {heard}"
            assert heard.share_quiet >= 0.95, f"{side}: {heard}"
        assert live_text == [(turn["speaker"], turn["text"]) for turn in turns]

        first = measure(opened.energy(spans[0].speaker), spans, spans[0].speaker)
        began = onset(opened.energy(spans[0].speaker), first.threshold)
        hardly_begun = first.threshold * TWO_SAMPLES_S
        assert opened.energy(spans[0].speaker)[0].total < hardly_begun, "sound had come before the page listened"
        assert began is not None
        assert abs(began - spans[0].start) < FIRST_WORD_TOLERANCE_S

        opened.page.reload()
        expect(opened.page.locator("#turn-1, [data-seq='1']").first).to_be_visible()
        assert opened.transcript() == live_text

        opened.page.goto(f"{stack.web_url}/conversations/")
        expect(opened.page.locator(f"a[href='/conversations/{conversation_id}/']").first).to_be_visible()
        assert opened.problems == []


@dataclass(frozen=True)
class Handled:
    """A call that is over, as a person had it in hand who also came to it with a second browser."""

    calls_made: int  # by the double click
    people: int  # in the room, once somebody spoke
    unfinished: dict[str, Any]  # the turn whose words stood on the page when it was reloaded
    shown: list[tuple[str, str]]  # the first four turns on the page that was reloaded
    sound_told: list[str]  # by the page in the second browser, which plays nothing before a press
    muted_levels: list[float]  # of the dispatcher's meter, from when it fell on, for two more turns
    status: dict[str, Any]
    turns: list[dict[str, Any]]
    problems: list[str]
    warnings: list[str]


@pytest.fixture(scope="module")
def strict_browser(browser: Browser) -> Iterator[Browser]:
    """A Chromium with the rule for sound that people's browsers have."""
    arguments = [argument for argument in ARGUMENTS if not argument.startswith("--autoplay-policy")]
    strict = browser.browser_type.launch(executable_path=str(ensure_chromium()), args=arguments)
    yield strict
    strict.close()


@pytest.fixture(scope="module")
def handled(stack: Stack, browser: Browser, strict_browser: Browser) -> Handled:
    """Launch by a double click, reload in the middle, mute a publisher, come again to hear, and end."""
    before = stack.api.get("conversations")["count"]
    with listener(browser, stack) as opened:
        call = _press_twice(opened)
        opened.page.wait_for_selector("[data-turns] [data-seq='1']", timeout=40_000)
        people = stack.api.status(call)["participant_count"]
        opened.page.wait_for_selector(UNFINISHED_TEXT, timeout=40_000)
        unfinished = stack.api.turns(call)[-1]

        opened.page.reload()
        muted_from, turns_then = _mute(stack, opened, call)
        sound_told = _press_to_hear(stack, strict_browser, opened.page.url)
        stack.api.wait_for_turns(call, turns_then + 2)
        muted_levels = [sample.total for sample in opened.levels("dispatcher") if sample.at > muted_from]
        opened.page.wait_for_selector("[data-turns] [data-seq='4'][data-final='true']", timeout=60_000)
        shown = opened.transcript()[:4]

        opened.page.get_by_role("button", name="End call").click()
        expect(opened.page.locator("[data-over]")).to_be_visible(timeout=20_000)
        return Handled(
            calls_made=stack.api.get("conversations")["count"] - before,
            people=people,
            unfinished=unfinished,
            shown=shown,
            sound_told=sound_told,
            muted_levels=muted_levels,
            status=stack.api.status(call),
            turns=stack.api.turns(call),
            problems=opened.problems,
            warnings=opened.warnings,
        )


def _press_twice(opened: Listener) -> str:
    opened.page.get_by_role("radio", name=re.compile("A short load")).first.check()
    opened.page.get_by_role("button", name="Generate conversation").dblclick()
    expect(opened.page).to_have_url(re.compile("/conversations/.+/$"))  # the second press may abort the first's way
    return opened.page.url.rstrip("/").rsplit("/", 1)[-1]


def _mute(stack: Stack, opened: Listener, call: str) -> tuple[float, int]:
    """Mute the dispatcher while it speaks; give when its meter had fallen, and how many turns there were then."""
    opened.page.wait_for_function(f"() => {DISPATCHER_LEVEL} > 0.2", timeout=40_000)
    stack.mute(call, "Dispatcher")
    opened.page.wait_for_function(f"() => {DISPATCHER_LEVEL} === 0")
    return opened.levels("dispatcher")[-1].at, stack.api.status(call)["turns"]


def _press_to_hear(stack: Stack, strict_browser: Browser, address: str) -> list[str]:
    """Come to a call with a browser that plays nothing before a press, and press; give what the page told of sound."""
    told: list[str] = []
    with strict_browser.new_context() as context:
        context.add_cookies(stack.cookies)
        context.add_init_script(TELL_SOUND)
        page = context.new_page()
        page.on("console", lambda line: told.append(line.text))
        # To Chromium whatever Playwright looks up in a page is a press: the page itself has to tell.
        with page.expect_console_message(lambda line: line.text == "sound: blocked", timeout=30_000):
            page.goto(address)

        page.get_by_role("button", name="Press to hear the call").click()

        expect(page.locator("html[data-sound='playing']")).to_be_attached()
        expect(page.get_by_role("button", name="Press to hear the call")).to_be_hidden()
        page.wait_for_function(HEARS_SOMEBODY, timeout=20_000)
    return [line for line in told if line.startswith("sound: ")]


def test_a_double_click_makes_one_call(handled: Handled) -> None:
    """F3: the same press twice."""
    assert handled.calls_made == 1
    assert handled.people == 2


def test_words_come_while_they_are_spoken(handled: Handled) -> None:
    assert handled.unfinished["is_final"] is False


def test_the_transcript_survives_a_reload_in_the_middle(handled: Handled) -> None:
    assert handled.shown == [(turn["speaker"], turn["text"]) for turn in handled.turns[:4]]


def test_one_press_is_enough_to_hear_where_a_browser_plays_nothing_by_itself(handled: Handled) -> None:
    told = [line for line, _ in groupby(handled.sound_told)]

    assert "sound: playing" not in told[:-1]
    assert told[-2:] == ["sound: blocked", "sound: playing"]


def test_a_muted_publisher_makes_its_meter_fall(handled: Handled) -> None:
    assert handled.muted_levels
    assert max(handled.muted_levels) == 0


def test_a_person_ends_the_call_from_the_page(handled: Handled) -> None:
    assert handled.status["end_reason"] == "person_ended"


def test_the_console_stays_empty_from_launch_to_end(handled: Handled) -> None:
    assert handled.problems == []
    assert handled.warnings == []
