"""The end of a call on its live page: what came of it is said at once, and nothing moves any more."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, expect

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.freight.case import FreightOutcome
from dispatchsim.domain.freight.verdict import Check, Result, Verdict
from tests.looks.made_up_site import Site
from tests.looks.scripted import live_status, scripted, tell
from tests.looks.test_pages_are_calm import MOST_SHIFT, NARROW, WIDE

UNPAID = "$2,700.00 is above what the dispatcher may pay."
VERDICT = Verdict(
    expected=FreightOutcome.BOOKED,
    outcomes=(FreightOutcome.BOOKED,),
    joint=Result.FAIL,
    agents={Role.DISPATCHER: Result.FAIL, Role.DRIVER: Result.PASS},
    checks=(
        Check(name="booked_inside_limits", result=Result.FAIL, role=Role.DISPATCHER, why=UNPAID),
        Check(
            name="ended_politely", result=Result.FAIL, role=Role.DISPATCHER, why="The dispatcher did not say goodbye."
        ),
    ),
)
# Frames that the page asks for, counted from the start.
COUNT_FRAMES = """(() => {
  window.nextFrame = window.requestAnimationFrame.bind(window);
  window.framesAsked = 0;
  window.requestAnimationFrame = (run) => { window.framesAsked += 1; return window.nextFrame(run); };
})();"""
FRAMES_ASKED_IN_30 = """async () => {
  const before = window.framesAsked;
  for (let frame = 0; frame < 30; frame += 1) await new Promise(window.nextFrame);
  return window.framesAsked - before;
}"""
# A tone in place of the track of the driver, as the page's own sound would play it.
TONE = """async () => {
  const { Sound } = await import(new URL("sound.js", document.querySelector("script[src*='live/main']").src));
  const context = new AudioContext();
  const tone = new OscillatorNode(context), out = new MediaStreamAudioDestinationNode(context);
  tone.connect(out);
  tone.start();
  const element = document.createElement("audio");
  const [mediaStreamTrack] = out.stream.getAudioTracks();
  const track = { mediaStreamTrack, attach: () => element, detach: () => [element], setVolume() {} };
  const cards = document.querySelectorAll(".speaker"), shelf = document.querySelector("[data-sound]");
  window.sound = new Sound({ cards, shelf, onChange() {} });
  window.sound.add("driver", track);
}"""
LOUD = "() => document.querySelector('[data-side=driver][data-level]').dataset.level > 0.5"
# In one go: the page itself takes the offer away while its reader is at the end.
ROOM_BELOW_THE_OFFER = """() => {
  const [newest, over] = ["[data-newest]", "[data-over]"].map((name) => document.querySelector(name));
  newest.hidden = false;
  return over.getBoundingClientRect().top - newest.getBoundingClientRect().bottom;
}"""
# Whether two pictures of a lane, 30 frames apart, are the same one.
STANDS_STILL = """async () => {
  const take = () => document.querySelector("[data-side=driver] [data-lane]").toDataURL();
  const before = take();
  for (let frame = 0; frame < 30; frame += 1) await new Promise(requestAnimationFrame);
  return before === take();
}"""


def ended_status() -> dict[str, Any]:
    agents = {role: {"joined": False, "state": "gone", "last_seen_at": None} for role in ("dispatcher", "driver")}
    told = {"status": "ended", "end_reason": "person_ended", "sentence": "You ended the call."}
    return live_status(elapsed_s=61.0) | told | {"turns": 7, "agents": agents, "steps": []}


def verdict_frame() -> dict[str, Any]:
    html = render_to_string("conversations/partials/_outcome.html", {"verdict": VERDICT})
    return {"type": "verdict", "html": html, "verdict": VERDICT.model_dump(mode="json")}


def end(page: Page) -> None:
    """Let a scripted page hear of the end."""
    page.evaluate("() => { window.shifts.length = 0; }")
    tell(page, verdict_frame(), ended_status())
    page.locator("[data-over]").wait_for()


@pytest.mark.parametrize("words", ["Verdict: fail", "Dispatcher: fail", "Driver: pass", UNPAID, "You ended the call."])
def test_the_verdict_and_the_end_are_said_where_the_call_was_watched(site: Site, browser: Browser, words: str) -> None:
    with scripted(site, browser, "live") as opened:
        end(opened.page)

        expect(opened.page.locator("[data-over]")).to_contain_text(words)


def test_the_title_of_the_tab_goes_with_the_state(site: Site, browser: Browser) -> None:
    with scripted(site, browser, "live") as opened:
        expect(opened.page).to_have_title("Frozen chicken to Dallas · live · Dispatchsim")

        end(opened.page)

        expect(opened.page).to_have_title("Frozen chicken to Dallas · ended · Dispatchsim")


def test_the_whole_finished_call_is_one_press_away(site: Site, browser: Browser) -> None:
    with scripted(site, browser, "live") as opened:
        end(opened.page)

        link = opened.page.get_by_role("link", name="Open the finished call")

        assert link.get_attribute("href") == site.address("live").removeprefix(site.web.web_url)


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_the_end_is_told_without_a_jump_and_fits(site: Site, browser: Browser, width: int) -> None:
    with scripted(site, browser, "live", width=width) as opened:
        end(opened.page)

        shifts = opened.page.evaluate("window.shifts")
        box = opened.page.locator("[data-over]").bounding_box()
        overhang = opened.page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert sum(value for value, _ in shifts) < MOST_SHIFT, shifts
    assert box is not None
    assert box["height"] < 844 / 2
    assert overhang <= 0
    assert opened.problems == []


def test_new_turns_are_offered_above_what_came_of_the_call(site: Site, browser: Browser) -> None:
    with scripted(site, browser, "live") as opened:
        end(opened.page)
        room = opened.page.evaluate(ROOM_BELOW_THE_OFFER)

    assert room >= 0


def test_after_the_end_the_page_draws_nothing_any_more(site: Site, browser: Browser) -> None:
    with scripted(site, browser, "live", before=COUNT_FRAMES) as opened:
        before = opened.page.evaluate(FRAMES_ASKED_IN_30)
        end(opened.page)
        opened.page.evaluate(FRAMES_ASKED_IN_30)  # the last words and their scrolling

        assert before >= 30
        assert opened.page.evaluate(FRAMES_ASKED_IN_30) == 0


def test_a_voice_that_rests_leaves_its_last_seconds_standing_still(site: Site, browser: Browser) -> None:
    with site.open(browser, "live") as opened:
        opened.page.evaluate(TONE)
        opened.page.wait_for_function(LOUD)
        moved = not opened.page.evaluate(STANDS_STILL)

        opened.page.evaluate("() => window.sound.rest()")

        assert moved
        assert opened.page.evaluate(STANDS_STILL)
        assert opened.page.evaluate("() => document.querySelector('[data-side=driver] meter').value") == 0
