"""Web parts alone, with made-up calls: what a page looks like needs neither LiveKit nor agents."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright._impl._api_structures import SetCookieParam
from playwright.sync_api import Browser, Page

from tests.live.stack import BESIDES_WEB, ROOT, Stack
from tests.looks.window import Opened, Scheme, View, Window


class Site:
    """Two web parts: one with calls, one whose history is empty."""

    def __init__(self, directory: Path) -> None:
        key = "looks" * 10  # one for both, so that a session of one is good for the other
        self.web = Stack(_made(directory / "full"), SECRET_KEY=key)
        self.empty = Stack(_made(directory / "empty"), SECRET_KEY=key)
        made = self._make_rows()
        self.sessions: dict[str, str] = made["sessions"]
        self.calls: dict[str, str] = made["calls"]
        self._idle: list[Window] = []

    def _make_rows(self) -> dict[str, dict[str, str]]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.looks.rows", self.empty.environ["DISPATCHSIM_DATA_DIR"]],
            cwd=ROOT,
            env=self.web.environ | {"DJANGO_SETTINGS_MODULE": "dispatchsim.settings"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        made: dict[str, dict[str, str]] = json.loads(done.stdout.splitlines()[-1])
        return made

    def start(self) -> None:
        """Start both and wait until they answer."""
        for stack in (self.web, self.empty):
            stack.start("web")
        for stack in (self.web, self.empty):
            stack.wait_ready(without=BESIDES_WEB)

    def close(self) -> None:
        """Stop both."""
        for stack in (self.web, self.empty):
            stack.close()

    def address(self, name: str) -> str:
        """Give the address of a page by its name in `PAGES`."""
        stack = self.empty if name.startswith("empty_") else self.web
        path = _PATHS.get(name) or self._path_of_calls(name)
        return stack.web_url + path

    def _path_of_calls(self, name: str) -> str:
        if name == "launched":
            return "/conversations/launched/?" + "&".join(f"call={call}" for call in self.calls.values())
        if name in _DOORS:
            return f"/conversations/{self.calls['finished']}/{_DOORS[name]}"
        return f"/conversations/{self.calls[name]}/"

    @contextmanager
    def open(
        self,
        browser: Browser,
        name: str,
        *,
        width: int = 1280,
        scheme: Scheme = "light",
        person: str = "",
        is_cold: bool = False,
    ) -> Iterator[Opened]:
        """Open a page as the owner sees it, or who else the page is for."""
        view = self.view(name, width=width, scheme=scheme, person=person, is_cold=is_cold)
        with self.look(browser, view) as opened:
            _settle(opened.page)
            if name == "prompts":
                opened.page.locator("button[formaction$='/prompts/']").click()
                opened.page.locator("#prompts pre").last.wait_for()
            yield opened

    def view(
        self, name: str, *, width: int = 1280, scheme: Scheme = "light", person: str = "", is_cold: bool = False
    ) -> View:
        """Tell how a page is looked at by whom it is for."""
        person = person or _PEOPLE.get(name, "owner")
        stacks = () if person == "nobody" else (self.web, self.empty)
        cookies = [self._cookie(stack, person) for stack in stacks]
        return View(self.address(name), width=width, scheme=scheme, cookies=cookies, is_cold=is_cold)

    @contextmanager
    def look(self, browser: Browser, view: View) -> Iterator[Opened]:
        """Show a page in a window that no other test has at the time; the one of a test that failed is not kept."""
        window = self._idle.pop() if self._idle else None
        if window and not window.is_for(browser, view):
            window.close()
            window = None
        window = window or Window(browser, holds_clock=view.holds_clock)
        is_kept = False
        try:
            with window.look(view) as opened:
                yield opened
            is_kept = not self._idle
        finally:
            if is_kept:
                self._idle.append(window)
            else:
                window.close()

    def _cookie(self, stack: Stack, person: str) -> SetCookieParam:
        return {"name": f"dispatchsim_session_{stack.ports.web}", "value": self.sessions[person], "url": stack.web_url}


PAGES = (
    "sign_in",
    "launch",
    "launch_own",
    "launched",
    "history",
    "empty_history",
    "live",
    "waiting",
    "finished",
    "failed",
    "admin_home",
    "admin_list",
    "admin_form",
    "admin_persona",
    "admin_preview",
    "admin_versions",
    "admin_import",
    "admin_delete",
    "admin_prices",
    "admin_people",
)
# Seldom seen, and made of the same parts as the others: looked at once each, at both widths.
SELDOM = (
    *("label", "delete", "password", "prompts", "link_spent", "refused", "missing", "long"),
    *("admin_person", "admin_personas", "admin_calls", "admin_servers"),
)
REFUSALS = {"link_spent": 410, "refused": 403, "missing": 404}
_PEOPLE = {"sign_in": "nobody", "link_spent": "nobody", "refused": "stranger", "password": "author"}
_CHRIS = "/admin/dispatchsim/persona/2/"  # the second file of the library that comes with the project
_PATHS = {
    "sign_in": "/sign-in/",
    "launch": "/",
    "launch_own": "/?from=out-of-hours-to-denver",
    "prompts": "/",
    "history": "/conversations/",
    "empty_history": "/conversations/",
    "admin_home": "/admin/",
    "admin_list": "/admin/dispatchsim/scenario/",
    "admin_form": "/admin/dispatchsim/scenario/add/",
    "admin_persona": f"{_CHRIS}change/",
    "admin_preview": f"{_CHRIS}preview/",
    "admin_versions": f"{_CHRIS}versions/",
    "admin_import": "/admin/dispatchsim/persona/import/",
    "admin_delete": f"{_CHRIS}delete/",
    "admin_prices": "/admin/dispatchsim/modelprice/",
    "admin_people": "/admin/auth/user/",
    "password": "/password/",
    "link_spent": "/sign-in/spent/",
    "refused": "/",
    "missing": "/conversations/00000000-0000-0000-0000-000000000000/",
    "admin_person": "/admin/auth/user/add/",
    "admin_personas": "/admin/dispatchsim/persona/",
    "admin_calls": "/admin/dispatchsim/conversation/",
    "admin_servers": "/admin/dispatchsim/agentserver/",
}
_DOORS = {"label": "labels/", "delete": "delete/"}  # of the finished call


def _settle(page: Page) -> None:
    """Wait until a live page is told its state, and until what is loaded is drawn."""
    if page.locator("#conversation[data-socket-path]").count():
        page.locator("html[data-socket='open']").wait_for(state="attached")
        page.locator("[data-doings-count]").filter(has_text="6").wait_for()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory
