"""A window of the browser that tests use one after the other: a new one takes a second of the machine's time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, ConsoleMessage, Frame, Page

Scheme = Literal["light", "dark"]
TIMEOUT_MS = 10_000
WATCH_SHIFTS = """
(() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      window.shifts.push([entry.value, entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 90))]);
    }
  }).observe({ type: "layout-shift", buffered: true });
})();
"""


@dataclass(frozen=True)
class View:
    """How a page is looked at: what the window remembers of pages before is none of it."""

    address: str
    width: int = 1280
    scheme: Scheme = "light"
    cookies: Sequence[SetCookieParam] = ()
    scripts: Sequence[str] = ()  # run before those of the page
    is_cold: bool = False  # nothing of the page was fetched before
    holds_clock: bool = False


@dataclass
class Opened:
    """A page with what its console complained about."""

    page: Page
    problems: list[str] = field(default_factory=list)


class Window:
    """One page; what a test did to it is undone before the next one."""

    def __init__(self, browser: Browser, *, holds_clock: bool = False) -> None:
        self.context = browser.new_context()
        self.context.set_default_timeout(TIMEOUT_MS)
        self.context.add_init_script(WATCH_SHIFTS)
        self.page = self.context.new_page()
        self._holds_clock = holds_clock
        if holds_clock:  # for good
            self.page.clock.install()
        self._tools = self.context.new_cdp_session(self.page)
        self._origins: set[str] = set()
        self._said: list[tuple[str, str]] = []  # address of whoever complains, what it says
        self._opened = Opened(self.page)
        self._address = ""
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self._opened.problems.append(str(error)))
        self.page.on("framenavigated", self._on_arrival)

    @contextmanager
    def look(self, view: View) -> Iterator[Opened]:
        """Show a page as if nothing had been looked at before."""
        self._forget(view)
        scripts = [self.page.add_init_script(one) for one in view.scripts]
        self._tools.send("Network.setCacheDisabled", {"cacheDisabled": view.is_cold})
        self._opened, self._address = Opened(self.page), view.address
        self.page.goto(view.address)
        assert self.page.url == view.address
        yield self._opened
        for script in scripts:
            script.close()
        self.page.unroute_all()

    def is_for(self, browser: Browser, view: View) -> bool:
        """Tell whether it can show this to a test with that browser."""
        return self.context.browser is browser and self._holds_clock == view.holds_clock

    def _forget(self, view: View) -> None:
        self.page.mouse.move(0, 0)
        self.page.set_viewport_size({"width": view.width, "height": 844})
        self.page.emulate_media(color_scheme=view.scheme, reduced_motion="null")
        self.context.clear_cookies()
        self.context.add_cookies(list(view.cookies))
        for origin in self._origins:
            self._tools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage"})
        self._origins.add("/".join(view.address.split("/")[:3]))

    def _on_console(self, line: ConsoleMessage) -> None:
        if line.type in ("error", "warning"):
            self._opened.problems.append(line.text)
            self._said.append((line.location["url"], line.text))

    def _on_arrival(self, frame: Frame) -> None:
        """Leave out what the page before said while it went; that the address itself was refused is of this page."""
        if frame != self.page.main_frame or not self._address:
            return
        self._opened.problems[:] = [text for where, text in self._said if where == self._address]
        self._said, self._address = [], ""

    def close(self) -> None:
        """Close it for good."""
        if self.context.browser and self.context.browser.is_connected():
            self.context.close()
