"""A live page whose socket closes: it comes back where that helps, and says why where it does not."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.looks.made_up_site import Site

# Sockets that stay as they are until a test opens or closes them; `left` counts those that nobody closed.
SOCKETS = """
(() => {
  window.sockets = [];
  window.WebSocket = class extends EventTarget {
    static OPEN = 1;
    readyState = 0;
    constructor() { super(); window.sockets.push(this); }
    send() {}
    close() { this.finish(1000); }
    start() { this.readyState = 1; this.onopen?.(); }
    finish(code) {
      if (this.readyState === 3) return;
      this.readyState = 3;
      setTimeout(() => this.onclose?.({ code }));
    }
  };
  window.left = () => window.sockets.filter((socket) => socket.readyState !== 3).length;
})();
"""


def connect(page: Page) -> None:
    """Open the page anew with sockets that a test holds."""
    page.add_init_script(SOCKETS)
    page.reload()
    page.wait_for_function("() => window.sockets.length === 1")


@pytest.mark.parametrize(
    ("code", "words"), [(4401, "Sign in again"), (4403, "may no longer follow"), (4404, "has been deleted")]
)
def test_a_refusal_is_told_by_its_reason_and_taken_as_final(
    site: Site, browser: Browser, code: int, words: str
) -> None:
    with site.open(browser, "waiting") as opened:
        connect(opened.page)

        opened.page.evaluate("(code) => { sockets[0].start(); sockets[0].finish(code); }", code)

        expect(opened.page.locator("[data-notice]")).to_contain_text(words)
        expect(opened.page.locator("html[data-socket='refused']")).to_be_attached()


@pytest.mark.parametrize("code", [1006, 4400, 4408, 4413, 4429, 4500])
def test_a_page_comes_back_after_a_close_that_is_not_for_good(site: Site, browser: Browser, code: int) -> None:
    with site.open(browser, "waiting") as opened:
        connect(opened.page)

        opened.page.evaluate("(code) => { sockets[0].start(); sockets[0].finish(code); }", code)
        opened.page.wait_for_function("() => window.sockets.length === 2")
        opened.page.evaluate("sockets[1].start()")

        expect(opened.page.locator("html[data-socket='open']")).to_be_attached()


def test_a_network_that_comes_back_while_a_page_connects_leaves_one_socket(site: Site, browser: Browser) -> None:
    with site.open(browser, "waiting") as opened:
        connect(opened.page)

        opened.page.evaluate("dispatchEvent(new Event('online'))")
        opened.page.evaluate("sockets.at(-1).start()")

        assert opened.page.evaluate("[sockets.length, left()]") == [2, 1]
        expect(opened.page.locator("html[data-socket='open']")).to_be_attached()
