"""A live page whose socket a test plays: what it tells comes in as if a server had sent it."""

from typing import Any

from playwright.sync_api import Page

from tests.live.scripted_socket import SCRIPTED_SOCKET


def script(page: Page, *, holds_clock: bool = False) -> None:
    """Have an open page load again and wait for a script."""
    page.add_init_script(SCRIPTED_SOCKET)
    if holds_clock:
        page.clock.install()
    page.reload()
    page.locator("html[data-socket='open']").wait_for(state="attached")


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
