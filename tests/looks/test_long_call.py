"""A long call on its live page: 500 turns in 20,000 pieces, as fast as the page takes them.

The pace of a real one, and what it costs in time, is `tests/live/test_watch_long_call.py`.
"""

from typing import Any

from playwright.sync_api import Browser, CDPSession

from dispatchsim.domain.conversation import Role
from tests.live.scripted_socket import markup_of
from tests.looks.made_up_site import Site
from tests.looks.scripted import scripted

STRETCH, STRETCHES, PIECES = 100, 5, 40  # turns; pieces of words are told for each turn before it is final
MOST_GROWTH = 0.25  # of the heap, from the second stretch to the last, for the first warms up
# Tells turns from the first to the last, a frame for each ten, so that the page draws in between.
PLAY = """async ([first, last, pieces, markup]) => {
  const words = Array.from({ length: pieces }, (_, index) => `word${index}`);
  const speakers = ["dispatcher", "driver"];
  for (let seq = first; seq <= last; seq += 1) {
    const speaker = speakers[seq % 2];
    for (let upTo = 1; upTo <= pieces; upTo += 1)
      window.scripted.tell({ type: "words", seq, speaker, text: words.slice(0, upTo).join(" ") });
    const html = markup[speaker].replaceAll("4242", seq).replace("TEXT", words.join(" "));
    window.scripted.tell({ type: "turn", seq, html, turn: {} });
    if (seq % 10 === 0) await new Promise(requestAnimationFrame);
  }
}"""


def test_500_turns_in_20000_pieces_all_stand_there_and_the_heap_stays_flat(site: Site, browser: Browser) -> None:
    with scripted(site, browser) as opened:
        opened.page.locator("[data-turns]").wait_for(state="attached")
        markup = {role.value: markup_of(role) for role in Role}
        tools = opened.page.context.new_cdp_session(opened.page)
        tools.send("Performance.enable")

        heaps = []
        for stretch in range(STRETCHES):
            first = stretch * STRETCH + 1
            opened.page.evaluate(PLAY, [first, first + STRETCH - 1, PIECES, markup])
            heaps.append(heap_bytes(tools))
        tools.detach()
        shown = opened.page.locator("[data-turns] [data-final='true']").count()

    assert shown == STRETCH * STRETCHES
    assert heaps[-1] / heaps[1] < 1 + MOST_GROWTH, heaps
    assert opened.problems == []


def heap_bytes(tools: CDPSession) -> float:
    """Measure the page's heap after garbage was collected."""
    tools.send("HeapProfiler.collectGarbage")
    answer: Any = tools.send("Performance.getMetrics")
    return float({metric["name"]: metric["value"] for metric in answer["metrics"]}["JSHeapUsedSize"])
