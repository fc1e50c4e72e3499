"""A page that loses its server says so, and is up to date again by itself."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.live.stack import BESIDES_WEB, Stack

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]

BACK_MS = 20_000  # the longest wait between two tries is 8 s, give or take a quarter
# One process beside the web part writes all rows: it is there already when the web part is not.
WRITER = """
import sys
from django.core.management import call_command
from tests.api.calls import make_call, add_turn
calls = {str(call.pk): call for call in (make_call(), make_call())}
for call in calls.values():
    add_turn(call, 1, "dispatcher", "Before.")
print(*calls)
call_command("sign_in_link")
for line in sys.stdin:
    add_turn(calls[line.strip()], 2, "driver", "Meanwhile.")
    print("added")
"""
LOST = "Connection lost. Trying again…"


@dataclass(frozen=True)
class Watched:
    """A web part alone with a call for each test, and who has signed in there."""

    stack: Stack
    browser: Browser
    signed_in: StorageState
    calls: list[str]
    writer: subprocess.Popen[str]

    @contextmanager
    def open(self, call: str) -> Iterator[Page]:
        """Open the page of a call, and wait until it is told what is new."""
        with self.browser.new_context(storage_state=self.signed_in) as context:
            page = context.new_page()
            page.goto(f"{self.stack.web_url}/conversations/{call}/")
            expect(page.locator("html[data-socket='open']")).to_be_attached()
            page.evaluate("window.isSamePage = true")
            yield page

    def add_turn(self, call: str) -> None:
        """Let the other side say something."""
        assert self.writer.stdin is not None
        print(call, file=self.writer.stdin, flush=True)
        assert _read_line(self.writer) == "added"


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, prepared: Stack, browser: Browser) -> Iterator[Watched]:
    """Start the web part, make the calls and sign in."""
    with (
        Stack(tmp_path_factory.mktemp("outage")).running(prepared) as stack,
        stack.popen("-u", "manage.py", "shell", "-v0", "-c", WRITER, stdin=subprocess.PIPE) as writer,
    ):
        stack.start("web")
        calls, link = _read_line(writer).split(), _read_line(writer)
        stack.wait_ready(without=BESIDES_WEB)
        with browser.new_context() as context:
            context.new_page().goto(link)
            signed_in = context.storage_state()
        yield Watched(stack, browser, signed_in, calls, writer)


def _read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _expect_caught_up(page: Page) -> None:
    expect(page.locator("[data-turns]").get_by_text("Meanwhile.")).to_be_visible(timeout=BACK_MS)
    expect(page.get_by_text(LOST)).to_be_hidden()
    assert page.evaluate("window.isSamePage") is True


def test_a_page_catches_up_after_the_web_part_was_killed(watched: Watched) -> None:
    call = watched.calls[0]
    with watched.open(call) as page:
        watched.stack.kill("web")
        expect(page.get_by_text(LOST)).to_be_visible()
        watched.add_turn(call)
        watched.stack.start("web")
        watched.stack.wait_ready(without=BESIDES_WEB)

        _expect_caught_up(page)


def test_a_page_catches_up_after_the_network_was_away(watched: Watched) -> None:
    call = watched.calls[1]
    with watched.open(call) as page:
        page.context.set_offline(True)
        expect(page.get_by_text(LOST)).to_be_visible()
        watched.add_turn(call)
        page.context.set_offline(False)

        _expect_caught_up(page)
