"""A real call with hostile words in it, on a page in Chromium: nothing runs, and no secret is left anywhere."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Response, expect

from tests.live.browser import Listener, chromium, listener
from tests.live.stack import ALL_PARTS, Stack
from tests.security.policy import weaknesses

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]
CALL_LIMIT_MS = 200_000
HOSTILE = "<img src=x onerror=window.hacked=1>{{7*7}} chicken"
SCENARIO = {
    "title": f"{HOSTILE}<script>window.hacked=1</script>",
    "load_sheet": f"commodity: {HOSTILE}\nweight: 12,000 pounds\npickup: Reno, Nevada, tomorrow at 9",
}
SECRETS = (
    "SECRET_KEY",
    "LIVEKIT_API_SECRET",
    "DISPATCHSIM_AGENTS_KEY",
    "DISPATCHSIM_API_TOKEN",
    "REHEARSAL_API_KEY",
)


@dataclass
class Traffic:
    """What went between a page and the web side."""

    origin: str
    addresses: list[str] = field(default_factory=list)
    documents: list[Response] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    weak: dict[str, list[str]] = field(default_factory=dict)

    def watch(self, page: Page) -> None:
        """Note every request and every answer."""
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        page.on("websocket", lambda one: self.addresses.append(one.url))

    def _on_request(self, request: Request) -> None:
        self.addresses.append(request.url)

    def _on_response(self, answer: Response) -> None:
        if not answer.url.startswith(self.origin):
            return
        found = weaknesses(_titled(answer.headers))
        if found:
            self.weak[answer.url] = found
        if answer.request.resource_type in ("document", "xhr", "fetch"):
            self.documents.append(answer)


def _titled(headers: dict[str, str]) -> dict[str, str]:
    names = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy")
    return {name: headers.get(name.lower(), "") for name in names}


@dataclass
class Held:
    """A call that was held, and what was seen meanwhile."""

    stack: Stack
    call: str
    link: str
    cookie: str
    traffic: Traffic
    opened: Listener
    live_text: list[tuple[str, str]]
    sources: dict[str, str]
    turns: list[dict[str, Any]]

    def our_addresses(self) -> list[str]:
        """List the addresses at the web side, sockets too."""
        ours = (self.stack.web_url, self.stack.web_url.replace("http", "ws"))
        return [address for address in self.traffic.addresses if address.startswith(ours)]


@pytest.fixture(scope="module")
def held(stack: Stack) -> Iterator[Held]:
    link = stack.sign_in_link()
    with chromium() as browser, listener(browser, stack, sign_in_link=link) as opened:
        yield _hold(stack, link, opened)


def _hold(stack: Stack, link: str, opened: Listener) -> Held:
    page, traffic = opened.page, Traffic(stack.web_url)
    traffic.watch(page)
    call = stack.api.create(SCENARIO)
    sources = {}
    with page.expect_response(lambda answer: answer.url.endswith("/token/")) as told:
        page.goto(f"{stack.web_url}/conversations/{call}/")
    traffic.tokens.append(told.value.json()["token"])
    expect(page.locator("html[data-room='connected']")).to_be_attached(timeout=30_000)
    sources["live"] = page.content()
    page.wait_for_function("() => document.body.textContent.includes('onerror')", timeout=CALL_LIMIT_MS)
    stack.api.wait_for_turns(call, 4, limit_s=CALL_LIMIT_MS / 1000)
    stack.api.post(f"conversations/{call}/end")
    stack.api.wait_for_end(call)
    expect(page.locator("[data-over]")).to_be_visible(timeout=30_000)
    live_text = opened.transcript()
    for path in (f"/conversations/{call}/", "/conversations/", "/", "/admin/", "/api/v1/docs"):
        page.goto(stack.web_url + path)
        page.wait_for_load_state("networkidle")
        sources[path] = page.content()
    cookie = next(one["value"] for one in page.context.cookies() if "session" in one["name"])
    return Held(stack, call, link, cookie, traffic, opened, live_text, sources, stack.api.turns(call))


def test_hostile_words_are_spoken_and_shown_as_they_are(held: Held) -> None:
    assert any("<img src=x onerror=" in turn["text"] for turn in held.turns)
    assert held.live_text == [(turn["speaker"], turn["text"]) for turn in held.turns]


def test_hostile_words_run_nothing(held: Held) -> None:
    assert held.opened.page.evaluate("() => window.hacked === undefined")


def test_no_page_complains(held: Held) -> None:
    assert held.opened.problems == []


def test_every_answer_to_the_browser_carries_the_strict_policy(held: Held) -> None:
    assert held.traffic.weak == {}


def test_the_pages_and_the_reference_load_nothing_from_elsewhere(held: Held) -> None:
    known = (held.stack.web_url, held.stack.web_url.replace("http", "ws"), "data:", "blob:")
    media = (held.stack.livekit_url, held.stack.livekit_url.replace("ws", "http"))

    assert [one for one in held.traffic.addresses if not one.startswith((*known, *media))] == []


def test_the_observers_token_is_in_no_page(held: Held) -> None:
    assert [name for name, source in held.sources.items() if held.traffic.tokens[0] in source or "eyJ" in source] == []


def test_the_observers_token_is_in_no_address_of_ours(held: Held) -> None:
    assert [address for address in held.our_addresses() if "eyJ" in address or "access_token" in address] == []


def test_no_secret_is_in_a_page(held: Held) -> None:
    secrets = [held.stack.environ[name] for name in SECRETS]

    assert [name for name, source in held.sources.items() for secret in secrets if secret in source] == []


@pytest.mark.parametrize("part", ALL_PARTS)
def test_no_token_and_no_secret_is_in_a_log(held: Held, part: str) -> None:
    link_token = held.link.rstrip("/").rpartition("/")[2]
    secrets = {name: held.stack.environ[name] for name in SECRETS}
    secrets |= {"token": held.traffic.tokens[0], "link": link_token, "cookie": held.cookie, "any token": "eyJ"}

    log = held.stack.log(part)
    assert [name for name, secret in secrets.items() if secret in log] == []


@pytest.mark.parametrize("part", ALL_PARTS)
def test_what_was_said_is_in_no_log(held: Held, part: str) -> None:
    log = held.stack.log(part)

    assert [turn["text"] for turn in held.turns if len(turn["text"]) > 12 and turn["text"] in log] == []
