"""A long call does not slow its page down: 500 turns and 20,000 partial texts in a minute, from a scripted socket."""

import statistics
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page

from dispatchsim.domain.conversation import Role
from tests.live.scripted_socket import SCRIPTED_SOCKET, markup_of
from tests.live.stack import BESIDES_WEB, Stack

TURNS, PARTIALS, SECONDS = 500, 20_000, 60
STRETCH = 100  # turns; the second stretch is compared with the last, for the first warms up
# The test says when the script is played.
PLAYER = """
(() => {
  const words = Array.from({ length: 40 }, (_, index) => `word${index}`);
  const speakers = ["dispatcher", "driver"];
  const turnOf = (seq, text) => window.markup[speakers[seq % 2]].replaceAll("4242", seq).replace("TEXT", text);
  // Plays `turns` turns in `seconds`; gives the length of each frame in between.
  window.play = (first, turns, partials, seconds) => new Promise((done) => {
    const began = performance.now(), frames = [], each = partials / turns;
    let said = 0, last = began, isDone = false;
    const frame = (now) => { frames.push(now - last); last = now; if (!isDone) requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
    const timer = setInterval(() => {
      const due = Math.min(partials, Math.floor(((performance.now() - began) / (seconds * 1000)) * partials));
      for (; said < due; said += 1) {
        const seq = first + Math.floor(said / each), upTo = (said % each) + 1, text = words.slice(0, upTo).join(" ");
        window.scripted.tell({ type: "words", seq, speaker: speakers[seq % 2], text });
        if (upTo === each) window.scripted.tell({ type: "turn", seq, html: turnOf(seq, text), turn: {} });
      }
      if (said === partials) { clearInterval(timer); isDone = true; setTimeout(() => done(frames), 50); }
    }, 10);
  });
})();
"""


@dataclass(frozen=True)
class Stretch:
    """What a stretch of turns cost."""

    heap_bytes: float  # at its end, after garbage was collected
    work_s: float  # of the main thread: script, style, layout
    frame_ms: float  # median


@pytest.mark.soak  # a minute long, and about time: a machine that others use blurs it
@pytest.mark.timeout(240)
def test_500_turns_and_20000_partials_in_a_minute_leave_heap_and_render_time_flat(
    own_stack: Stack, browser: Browser
) -> None:
    own_stack.start("web")
    own_stack.wait_ready(without=BESIDES_WEB)
    page = _open(own_stack, browser)
    tools = page.context.new_cdp_session(page)
    tools.send("Performance.enable")

    stretches = [_play(page, tools, first) for first in range(1, TURNS, STRETCH)]

    early, late = stretches[1], stretches[-1]
    shown = page.locator("[data-turns] [data-final='true']").count()
    assert shown == TURNS
    assert late.heap_bytes / early.heap_bytes < 1.5, stretches
    assert late.work_s / early.work_s < 1.5, stretches
    assert late.frame_ms / early.frame_ms < 1.5, stretches


def _open(stack: Stack, browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(SCRIPTED_SOCKET)
    context.add_init_script(PLAYER)
    page = context.new_page()
    page.goto(stack.sign_in_link())
    page.goto(f"{stack.web_url}/conversations/{stack.manage('shell', '-c', ADD_CALL).split()[-1]}/")
    page.locator("html[data-socket='open']").wait_for(state="attached")
    page.evaluate("markup => { window.markup = markup; }", {role.value: markup_of(role) for role in Role})
    page.get_by_role("button", name="Captions").click()
    return page


ADD_CALL = """
from tests.api.calls import make_call

print(make_call().pk)
"""


def _play(page: Page, tools: CDPSession, first: int) -> Stretch:
    before = _metrics(tools)["TaskDuration"]
    share = STRETCH / TURNS
    frames: list[float] = page.evaluate(
        "([first, turns, partials, seconds]) => window.play(first, turns, partials, seconds)",
        [first, STRETCH, int(PARTIALS * share), SECONDS * share],
    )
    work_s = _metrics(tools)["TaskDuration"] - before
    tools.send("HeapProfiler.collectGarbage")
    return Stretch(_metrics(tools)["JSHeapUsedSize"], work_s, statistics.median(frames))


def _metrics(tools: CDPSession) -> dict[str, float]:
    answer: Any = tools.send("Performance.getMetrics")
    return {metric["name"]: metric["value"] for metric in answer["metrics"]}
