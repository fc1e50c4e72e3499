"""A real Chromium that listens: energy of each side from WebRTC's own statistics, and what the page shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from dispatchsim.bootstrap.browser import ensure_chromium
from tests.live.energy import EnergySample
from tests.live.stack import Stack

ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]

# Runs before the page's own scripts: keeps each peer connection, and samples every 50 ms what arrived on it.
LISTEN_IN = """
(() => {
  const connections = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(...rest) { super(...rest); connections.push(this); }
  };
  const heard = (window.heardSamples = []);
  const meters = (window.meterSamples = []);
  setInterval(async () => {
    const sides = new Map();
    for (const element of document.querySelectorAll("audio[data-side]")) {
      for (const track of element.srcObject?.getAudioTracks() ?? []) sides.set(track.id, element.dataset.side);
    }
    for (const connection of connections) {
      if (connection.connectionState !== "connected") continue;
      for (const report of (await connection.getStats()).values()) {
        const side = report.type === "inbound-rtp" && sides.get(report.trackIdentifier);
        if (side) heard.push([side, Date.now() / 1000, report.totalAudioEnergy]);
      }
    }
    for (const card of document.querySelectorAll("[data-side][data-level]")) {
      meters.push([card.dataset.side, Date.now() / 1000, Number(card.dataset.level)]);
    }
  }, 50);
})();
"""


@dataclass
class Listener:
    """A page with what went wrong in it."""

    page: Page
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def energy(self, side: str) -> list[EnergySample]:
        """Cumulated energy of one side as it arrived."""
        return _samples(self.page, "heardSamples", side)

    def levels(self, side: str) -> list[EnergySample]:
        """Level of one side's meter; `total` is the level from 0 to 1."""
        return _samples(self.page, "meterSamples", side)

    def transcript(self) -> list[tuple[str, str]]:
        """Speaker and text of each turn on the page."""
        rows: list[list[str]] = self.page.eval_on_selector_all(
            ".turns [data-seq]",
            "rows => rows.map(row => [row.dataset.speaker, row.querySelector('.turn__text').textContent.trim()])",
        )
        return [(speaker, text) for speaker, text in rows]


def _samples(page: Page, name: str, side: str) -> list[EnergySample]:
    rows: list[list[float]] = page.evaluate(
        "([name, side]) => window[name].filter(row => row[0] === side).map(row => row.slice(1))", [name, side]
    )
    return [EnergySample(at, total) for at, total in rows]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium that set-up has found."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(ensure_chromium()), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def listener(browser: Browser, stack: Stack, *, sign_in_link: str = "") -> Iterator[Listener]:
    """Open a signed-in page that listens in; what the console complains about is collected.

    Without a link it takes over the sign-in of an earlier page, if there was one.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(LISTEN_IN)
    page = context.new_page()
    opened = Listener(page)

    def on_console(line: ConsoleMessage) -> None:
        if line.type == "error":
            opened.problems.append(line.text)
        elif line.type == "warning":
            opened.warnings.append(line.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: opened.problems.append(str(error)))
    if stack.cookies and not sign_in_link:
        context.add_cookies(stack.cookies)
        page.goto(stack.web_url)
    else:
        page.goto(sign_in_link or stack.sign_in_link())
        stack.cookies = [{name: one[name] for name in ("name", "value", "domain", "path")} for one in context.cookies()]
    try:
        yield opened
    finally:
        context.close()
