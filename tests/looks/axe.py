"""axe-core on a page as it stands."""

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page

from tests.live.stack import ROOT

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
COLOURS_HAVE_ARRIVED = """async () => {
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  await Promise.allSettled(document.getAnimations().map((one) => one.finished));
}"""
OF_COLOURS = ("color-contrast", "link-in-text-block")  # the rules that can tell one colour scheme from another
GRAVE = ("serious", "critical")


def inject_axe(page: Page) -> None:
    """Bring axe-core in: a script that the browser was asked to run is not the page's, and CSP stays as it is."""
    tools = page.context.new_cdp_session(page)
    tools.send("Runtime.evaluate", {"expression": AXE})
    tools.detach()


def find_grave(page: Page, *, but: Sequence[str] = (), rules: Sequence[str] = ()) -> list[tuple[str, list[str]]]:
    """Let axe-core look at the page, by some rules or all, and give what is serious with where it is."""
    page.evaluate(COLOURS_HAVE_ARRIVED)
    options = {"resultTypes": ["violations"], "preload": False} | ({"runOnly": list(rules)} if rules else {})
    found: dict[str, Any] = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        (one["id"], [node["html"][:120] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in GRAVE and one["id"] not in but
    ]
