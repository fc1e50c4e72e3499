"""Calls as the pages find them, and a reader of the markup that they answer with."""

from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from typing import Any, Protocol

from django.urls import reverse

from dispatchsim.domain.conversation import ConversationStatus, EndReason, Role
from dispatchsim.models import Conversation
from tests.api.calls import VOICE, add_turn, make_call

SCENARIO = {
    "slug": "onions-to-reno",
    "title": "Onions to Reno",
    "opener": "dispatcher",
    "load_sheet": "commodity: yellow onions\nrate: 900 dollars",
    "max_duration_s": 240,
    "max_turns": 60,
}


def persona_copy(role: Role, name: str, **fields: Any) -> dict[str, Any]:
    """Give a frozen persona."""
    return {"slug": name.lower(), "role": role, "name": name, "title": "Calm", "voice": VOICE, **fields}


def running_call(**fields: Any) -> Conversation:
    """Make a call that two agents hold just now."""
    return make_call(ConversationStatus.LIVE, **(_copies() | fields))


def finished_call(*, reason: EndReason = EndReason.AGENT_HUNG_UP, **fields: Any) -> Conversation:
    """Make a call that is over, with two turns unless it failed."""
    status = ConversationStatus.FAILED if reason.is_failure else ConversationStatus.ENDED
    call = make_call(status, end_reason=reason, **(_copies() | fields))
    if not reason.is_failure:
        add_turn(call, 1, Role.DISPATCHER, "Hi Chris, onions to Reno.")
        add_turn(call, 2, Role.DRIVER, "What does it pay?")
    return call


_CALLS: dict[str, Callable[[], Conversation]] = {
    "live": running_call,
    "finished": finished_call,
    "failed": partial(finished_call, reason=EndReason.DEAD_AIR),
    "label_conversation": finished_call,
    "delete_conversation": finished_call,
}


def path_of(page: str) -> str:
    """Give the address of a page by the name of its URL, or of what it shows; make the calls that it needs."""
    if page in _CALLS:
        name = page if page.endswith("_conversation") else "conversation_detail"
        return reverse(name, args=[_CALLS[page]().pk])
    if page == "launched_calls":
        return f"{reverse(page)}?call={running_call().pk}&call={finished_call().pk}"
    if page == "missing":
        return "/conversations/00000000-0000-0000-0000-000000000000/"
    return reverse(page, args=["spent"] if page == "sign_in_link" else [])


def _copies() -> dict[str, Any]:
    return {
        "title": SCENARIO["title"],
        "scenario_copy": SCENARIO,
        "dispatcher_copy": persona_copy(Role.DISPATCHER, "Tim", instructions="You are Tim."),
        "driver_copy": persona_copy(Role.DRIVER, "Chris", instructions="You are Chris."),
    }


class Answer(Protocol):
    """What a view or the test client answers with."""

    @property
    def content(self) -> bytes:
        """The body."""


class Markup(HTMLParser):
    """What a page is made of: its elements with their attributes."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text_in: dict[str, str] = {"script": "", "style": ""}
        self._inside = ""
        self.feed(answer.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in self.text_in:
            self.text_in[self._inside] += data

    def attributes(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        """Give the attributes of every element of this tag that has the wanted ones."""
        return [
            attrs for name, attrs in self.elements if name == tag and all(attrs.get(k) == v for k, v in wanted.items())
        ]
