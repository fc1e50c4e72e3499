"""A live page whose socket a test plays: what it tells comes in as if a server had sent it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from playwright.sync_api import Browser, Page

from tests.live.scripted_socket import SCRIPTED_SOCKET
from tests.looks.made_up_site import Site
from tests.looks.window import Opened


@contextmanager
def scripted(
    site: Site,
    browser: Browser,
    name: str = "waiting",
    *,
    width: int = 1280,
    holds_clock: bool = False,
    before: str = "",
) -> Iterator[Opened]:
    """Open a page that waits for a script."""
    scripts = (SCRIPTED_SOCKET, *([before] if before else []))
    view = replace(site.view(name, width=width), scripts=scripts, holds_clock=holds_clock)
    with site.look(browser, view) as opened:
        opened.page.locator("html[data-socket='open']").wait_for(state="attached")
        yield opened


def tell(page: Page, *messages: dict[str, Any]) -> None:
    """Let messages of the server come in, one after the other, before the page draws again."""
    page.evaluate("(messages) => messages.forEach((message) => window.scripted.tell(message))", list(messages))


def live_status(*, elapsed_s: float = 1.0, **states: str) -> dict[str, Any]:
    """Say that the call is live, with both agents in these states."""
    return {
        "type": "status",
        "status": "live",
        "end_reason": None,
        "sentence": "",
        "elapsed_s": elapsed_s,
        "turns": 0,
        "cost_usd": None,
        "is_unpriced": False,
        "agents": {role: {"joined": True, "state": state, "last_seen_at": None} for role, state in states.items()},
        "steps": [{"name": "room", "label": "Room made", "done": False}],  # so that the page joins none
    }
