"""A small blocking client of the HTTP API, as a script of a user would be."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class ApiError(Exception):
    """The API answered with an error."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class ApiClient:
    """Talks JSON with a bearer token."""

    def __init__(self, web_url: str, token: str) -> None:
        self.web_url = web_url
        self._token = token

    def get(self, path: str) -> Any:
        """GET a JSON document under /api/v1/."""
        return self._call("GET", path, None, {})

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        """POST a JSON document under /api/v1/."""
        return self._call("POST", path, body or {}, headers)

    def create(self, scenario: str | dict[str, Any], **more: Any) -> str:
        """Launch a conversation and return its id."""
        answer = self.post("conversations/create", {"scenario": scenario, **more})
        return str(answer["conversation_id"])

    def status(self, conversation_id: str) -> dict[str, Any]:
        """Return the conversation's status document."""
        answer: dict[str, Any] = self.get(f"conversations/{conversation_id}/status")
        return answer

    def turns(self, conversation_id: str) -> list[dict[str, Any]]:
        """Return the conversation's turns."""
        items: list[dict[str, Any]] = self.get(f"conversations/{conversation_id}/transcript")["items"]
        return items

    def finished(self, conversation_id: str) -> list[dict[str, Any]]:
        """Return the turns that are over, without what the other side heard: that may come later."""
        turns = [turn for turn in self.turns(conversation_id) if turn["is_final"]]
        return [{name: value for name, value in turn.items() if name != "heard_as"} for turn in turns]

    def wait_for_end(self, conversation_id: str, *, limit_s: float = 180) -> dict[str, Any]:
        """Wait until the conversation is over; return its last status."""
        return wait_until(
            lambda: self.status(conversation_id),
            lambda status: status["status"] in ("ended", "failed"),
            limit_s=limit_s,
            what="the call to end",
            every_s=0.5,
        )

    def wait_for_turns(self, conversation_id: str, count: int, *, limit_s: float = 60) -> dict[str, Any]:
        """Wait until that many turns have begun."""
        return wait_until(
            lambda: self.status(conversation_id),
            lambda status: status["turns"] >= count or status["status"] in ("ended", "failed"),
            limit_s=limit_s,
            what=f"{count} turns",
        )

    def _call(self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]) -> Any:
        request = urllib.request.Request(
            f"{self.web_url}/api/v1/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ApiError(error.code, error.read().decode(errors="replace")) from None


def wait_until(
    look: Callable[[], T], is_done: Callable[[T], bool], *, limit_s: float, what: str, every_s: float = 0.2
) -> T:
    """Look again and again until it is so; the limit only turns a hang into a failure."""
    limit = time.monotonic() + limit_s
    while True:
        seen = look()
        if is_done(seen):
            return seen
        assert time.monotonic() < limit, f"waited {limit_s:.0f} s for {what}; last seen: {seen!r}"
        time.sleep(every_s)
