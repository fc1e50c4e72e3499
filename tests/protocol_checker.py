"""A strict checker of the Realtime protocol: feed it every event of a connection, both ways, in order.

The SDK's types accept almost anything, so this asks for more: no unknown key at any depth, every field there,
ids that refer to something, and the order of a response (`protocol_response`).
"""

from collections.abc import Callable
from typing import Any, get_args

from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import BaseModel, TypeAdapter

from tests.protocol_response import ResponseProgress
from tests.protocol_shapes import problems_of_model

Json = dict[str, Any]


def _events_of(union: object) -> dict[str, type[BaseModel]]:
    members = get_args(get_args(union)[0])
    return {get_args(member.model_fields["type"].annotation)[0]: member for member in members}


_CLIENT = _events_of(RealtimeClientEvent)
_SERVER = _events_of(RealtimeServerEvent)
_BOTH: dict[str, TypeAdapter[Any]] = {
    "client": TypeAdapter(RealtimeClientEvent),
    "server": TypeAdapter(RealtimeServerEvent),
}

# What the SDK calls optional and a server always tells. `[]` walks a list, `?` marks what may be null.
_REQUIRED = {
    "session.created": ("session.id", "session.model", "session.expires_at", "session.audio.input.format"),
    "session.updated": ("session.id", "session.model", "session.audio.output.voice", "session.instructions"),
    "conversation.item.added": ("previous_item_id?", "item.id", "item.object", "item.status"),
    "conversation.item.done": ("previous_item_id?", "item.id", "item.object", "item.status"),
    "conversation.item.retrieved": ("item.id", "item.object", "item.status"),
    "conversation.item.input_audio_transcription.failed": ("error.type", "error.message"),
    "input_audio_buffer.committed": ("previous_item_id?",),
    "error": ("error.code?", "error.param?", "error.event_id?"),
    "rate_limits.updated": (
        *("rate_limits[].name", "rate_limits[].limit", "rate_limits[].remaining", "rate_limits[].reset_seconds"),
    ),
    "response.created": (
        *("response.id", "response.object", "response.status", "response.output", "response.conversation_id?"),
        *("response.output_modalities", "response.metadata?", "response.usage?", "response.status_details?"),
    ),
    "response.output_item.added": ("item.id", "item.object", "item.status"),
    "response.output_item.done": ("item.id", "item.object", "item.status"),
    "response.content_part.added": ("part.type",),
    "response.content_part.done": ("part.type",),
    "response.done": (
        *("response.id", "response.object", "response.status", "response.output", "response.status_details?"),
        *("response.usage.total_tokens", "response.usage.input_tokens", "response.usage.output_tokens"),
        *("response.usage.input_token_details.text_tokens", "response.usage.input_token_details.audio_tokens"),
        *("response.usage.input_token_details.cached_tokens", "response.usage.output_token_details.text_tokens"),
        "response.usage.output_token_details.audio_tokens",
    ),
}


class ProtocolChecker:
    """Collects every violation; `assert_clean` tells them."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.responses: dict[str, ResponseProgress] = {}
        self._count = 0
        self._event_ids: set[str] = set()
        self._client_event_ids: set[str] = set()
        self._known_items: set[str] = set()  # ever; a client may speak of an item that has just gone
        self._present_items: set[str] = set()
        self._announced: str | None = None  # the user item that speech_started promised
        self._committed: str | None = None
        self._speech_started_ms: int | None = None
        self._handlers: dict[str, Callable[[Json], None]] = {
            "session.created": self._on_session_created,
            "error": self._on_error,
            "input_audio_buffer.speech_started": self._on_speech_started,
            "input_audio_buffer.speech_stopped": self._on_speech_stopped,
            "input_audio_buffer.committed": self._on_committed,
            "conversation.item.added": self._on_item_added,
            "conversation.item.done": self._on_item_done,
            "conversation.item.deleted": self._on_item_deleted,
            "conversation.item.truncated": self._on_item_named,
            "conversation.item.input_audio_transcription.failed": self._on_item_named,
            "conversation.item.input_audio_transcription.delta": self._on_item_named,
            "conversation.item.input_audio_transcription.completed": self._on_item_named,
            "response.created": self._on_response_created,
        }

    def client_event(self, event: Json) -> None:
        """Check an event on its way to the server."""
        if not self._has_shape(event, _CLIENT, "client"):
            return
        if isinstance(event.get("event_id"), str):
            self._client_event_ids.add(event["event_id"])
        if event["type"] == "conversation.item.create":
            self._known_items.add(str(event["item"].get("id")))
        item_id = event.get("item_id")
        if item_id is not None and item_id not in self._known_items:
            self._violate(f"client {event['type']}: names an unknown item")

    def expect_refusal(self, event_id: str) -> None:
        """Know of an event that was sent wrong on purpose."""
        self._client_event_ids.add(event_id)

    def server_event(self, event: Json) -> None:
        """Check an event on its way to the client."""
        self._count += 1
        if not self._has_shape(event, _SERVER, "server"):
            return
        kind: str = event["type"]
        if not all(self._has(event, path, kind) for path in _REQUIRED.get(kind, ())):
            return
        if event["event_id"] in self._event_ids:
            self._violate(f"{kind}: event_id was used before")
        self._event_ids.add(event["event_id"])
        if self._count == 1 and kind != "session.created":
            self._violate(f"{kind}: comes before session.created")
        if kind.startswith("response.") and kind != "response.created":
            self._in_response(event)
        elif kind in self._handlers:
            self._handlers[kind](event)

    def assert_clean(self) -> None:
        """Raise AssertionError with everything that was wrong."""
        assert not self.violations, "\n".join(self.violations)

    def assert_complete(self) -> None:
        """As `assert_clean`, and each response must have come to its end."""
        unfinished = [f"{each.id}: never done" for each in self.responses.values() if not each.is_done]
        assert not (self.violations + unfinished), "\n".join(self.violations + unfinished)

    def _has_shape(self, event: Json, events: dict[str, type[BaseModel]], side: str) -> bool:
        model = events.get(str(event.get("type")))
        if model is None:
            self._violate(f"{side}: unknown event {event.get('type')!r}")
            return False
        before = len(self.violations)
        parsed = _BOTH[side].validate_python(event)
        if not isinstance(parsed, model):
            self._violate(f"{event['type']}: the SDK takes it for {type(parsed).__name__}")
        for problem in problems_of_model(model, event, event["type"]):
            self._violate(problem)
        return len(self.violations) == before

    def _violate(self, text: str) -> None:
        self.violations.append(f"#{self._count} {text}")

    def _has(self, event: Json, path: str, kind: str) -> bool:
        values: list[Any] = [event]
        for name in path.rstrip("?").split("."):
            key = name.removesuffix("[]")
            if not all(isinstance(value, dict) and key in value for value in values):
                self._violate(f"{kind}: {path} is missing")
                return False
            values = [value[key] for value in values]
            if name.endswith("[]"):
                values = [each for value in values for each in value]
        if not path.endswith("?") and any(value is None for value in values):
            self._violate(f"{kind}: {path} is null")
            return False
        return True

    def _on_session_created(self, _event: Json) -> None:
        if self._count != 1:
            self._violate("session.created: comes a second time")

    def _on_error(self, event: Json) -> None:
        event_id = event["error"]["event_id"]
        if event_id is not None and event_id not in self._client_event_ids:
            self._violate("error: names an event that the client did not send")

    def _on_speech_started(self, event: Json) -> None:
        if self._speech_started_ms is not None:
            self._violate("speech_started: speech goes on already")
        self._announced, self._speech_started_ms = event["item_id"], event["audio_start_ms"]

    def _on_speech_stopped(self, event: Json) -> None:
        if self._speech_started_ms is None or event["item_id"] != self._announced:
            self._violate("speech_stopped: no such speech started")
        elif event["audio_end_ms"] <= self._speech_started_ms:
            self._violate("speech_stopped: not after its start")
        self._speech_started_ms = None

    def _on_committed(self, event: Json) -> None:
        if self._announced is not None and event["item_id"] != self._announced:
            self._violate("committed: not the item that speech_started announced")
        if event["item_id"] in self._known_items:
            self._violate("committed: an item that there was before")
        self._check_previous(event)
        self._announced, self._committed, self._speech_started_ms = None, event["item_id"], None

    def _on_item_added(self, event: Json) -> None:
        item_id = event["item"]["id"]
        if self._committed is not None and item_id != self._committed:
            self._violate("conversation.item.added: another item was committed")
        self._committed = None
        if item_id in self._present_items:
            self._violate("conversation.item.added: is there already")
        self._check_previous(event)
        self._known_items.add(item_id)
        self._present_items.add(item_id)

    def _on_item_done(self, event: Json) -> None:
        if event["item"]["id"] not in self._present_items:
            self._violate("conversation.item.done: was never added")
        if event["item"]["status"] == "in_progress":
            self._violate("conversation.item.done: is still in progress")
        self._check_previous(event)

    def _on_item_deleted(self, event: Json) -> None:
        self._on_item_named(event)
        self._present_items.discard(event["item_id"])

    def _on_item_named(self, event: Json) -> None:
        if event["item_id"] not in self._present_items:
            self._violate(f"{event['type']}: names an unknown item")

    def _check_previous(self, event: Json) -> None:
        previous_id = event.get("previous_item_id")
        if previous_id is not None and previous_id not in self._present_items:
            self._violate(f"{event['type']}: previous_item_id is unknown")

    def _on_response_created(self, event: Json) -> None:
        body = event["response"]
        response = ResponseProgress(body["id"], body.get("conversation_id") is not None, body.get("metadata"))
        if body["status"] != "in_progress" or body["output"]:
            self._violate("response.created: is not at its beginning")
        if body["id"] in self.responses:
            self._violate("response.created: comes a second time")
        others = (each for each in self.responses.values() if each.is_in_conversation and not each.is_done)
        if response.is_in_conversation and any(others):
            self._violate("response.created: another one is active")
        self.responses[response.id] = response

    def _in_response(self, event: Json) -> None:
        response_id = event["response"]["id"] if event["type"] == "response.done" else event["response_id"]
        response = self.responses.get(response_id)
        if response is None or response.is_done:
            self._violate(f"{event['type']}: no such response is active")
            return
        for problem in response.follow(event, self._known_items):
            self._violate(f"{event['type']}: {problem}")
