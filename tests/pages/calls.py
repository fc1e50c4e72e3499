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


VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Markup(HTMLParser):
    """What a page is made of: its elements with their attributes, and the words in each."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._words: list[list[str]] = []  # of each element, with those of the elements in it
        self._open: list[int] = []  # places in `elements`, outermost first
        self.feed(answer.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._words.append([])
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        names = [self.elements[place][0] for place in self._open]
        if tag in names:  # closes what was left open in it too
            del self._open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        for place in self._open:
            self._words[place].append(data)

    def attributes(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        """Give the attributes of every element of this tag that has the wanted ones."""
        return [self.elements[place][1] for place in self._find(tag, wanted)]

    def words(self, tag: str, **wanted: str) -> str:
        """Give what stands in the elements of this tag that have the wanted attributes, in one line."""
        said = (word for place in self._find(tag, wanted) for part in self._words[place] for word in part.split())
        return " ".join(said)

    def _find(self, tag: str, wanted: dict[str, str]) -> list[int]:
        return [
            place
            for place, (name, attrs) in enumerate(self.elements)
            if name == tag and all(attrs.get(key) == value for key, value in wanted.items())
        ]
