"""The conversation of one session: items in order, and how much of each own line was heard."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field

from rehearsal.dialogue.acts import Act
from rehearsal.errors import ProtocolError
from rehearsal.ids import make_id
from rehearsal.item_bodies import AssistantMessage, FunctionCall, FunctionCallOutput, ItemBody, OutputAudio
from rehearsal.script import Line
from rehearsal.strict import Json

_KEPT_AUDIO_BYTES = 8 * 1024 * 1024  # of user audio that `conversation.item.retrieve` can still give, per session
MOST_ITEMS = 3000  # an hour of short turns of both sides has half as many
_MOST_TEXT = 8 * 1024 * 1024  # characters of a client's own items, sound that they carry included
_DOING = {"delete": "deleting", "retrieve": "retrieving", "truncate": "truncating"}


@dataclass
class Spoken:
    """An own line with the times at which its characters were over."""

    line: Line
    marks: list[tuple[int, int]] = field(default_factory=list)  # (end_ms, end_chars), both rising
    heard_ms: int | None = None  # told by a truncation; None when nothing was cut

    @property
    def is_heard(self) -> bool:
        """Whether enough was heard to count as said."""
        return self.line.is_heard(self._heard_chars())

    @property
    def heard_acts(self) -> tuple[Act, ...]:
        """What was done by the sentences that were heard."""
        return self.line.acts_within(self._heard_chars())

    def _heard_chars(self) -> int:
        if not self.marks:
            return 0
        if self.heard_ms is None:
            return self.marks[-1][1]
        before_ms, before_chars = 0, 0
        for end_ms, end_chars in self.marks:
            if self.heard_ms < end_ms:
                share = (self.heard_ms - before_ms) / (end_ms - before_ms)
                return before_chars + int(share * (end_chars - before_chars))
            before_ms, before_chars = end_ms, end_chars
        return before_chars


@dataclass(eq=False)
class Item:
    """One item: its body as the protocol shows it, and what the server alone knows."""

    id: str
    body: ItemBody
    status: str = "completed"
    spoken: Spoken | None = None
    audio_ms: int = 0  # of user or own speech
    told_size: int = 0  # characters of an item that the client told
    heard: str | None = None  # what was recognised in the user's speech; None: nothing, or nobody listened

    def to_json(self) -> Json:
        """Give the item as events carry it."""
        shown = self.body.model_dump(exclude_none=True, exclude={"id", "object", "status"})
        return {"id": self.id, "object": "realtime.item", "status": self.status, **shown}


class Conversation:
    """Items in the order in which they count."""

    def __init__(self) -> None:
        self.id = make_id("conv")
        self._items: list[Item] = []
        self._audio: dict[str, bytes] = {}
        self._text_size = 0  # of a client's own items

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    @property
    def last_id(self) -> str | None:
        """Id of the newest item."""
        return self._items[-1].id if self._items else None

    @property
    def has_own_audio(self) -> bool:
        """Whether the model has spoken in this conversation."""
        return any(item.spoken is not None and item.audio_ms > 0 for item in self._items)

    def require_room(self) -> None:
        """Raise ProtocolError when nothing more can be added."""
        if len(self._items) >= MOST_ITEMS or self._text_size > _MOST_TEXT:
            raise ProtocolError(
                f"The conversation is full: it can hold {MOST_ITEMS} items and {_MOST_TEXT} characters.",
                code="conversation_full",
            )

    def create(self, body: ItemBody, *, after: str | None) -> tuple[Item, str | None]:
        """Add a client's item after the one named (`root`: first; None: last); give it and its predecessor's id."""
        if body.id is not None and self._find(body.id) is not None:
            raise ProtocolError(
                f"Error adding item: an item with id '{body.id}' already exists.",
                code="item_create_duplicate_item_id",
                param="item.id",
            )
        if isinstance(body, FunctionCallOutput):
            self._require_call(body.call_id)
        if isinstance(body, FunctionCall) and body.call_id is None:
            body = body.model_copy(update={"call_id": make_id("call")})
        self.require_room()
        item = Item(id=body.id or make_id("item"), body=body, told_size=len(body.model_dump_json()))
        previous_id = self.add(item, after=after)
        self._text_size += item.told_size
        return item, previous_id

    def add(self, item: Item, *, after: str | None = None) -> str | None:
        """Put an item into its place; give the id of its predecessor."""
        place = len(self._items) if after is None else 0 if after == "root" else self._place(after) + 1
        self._items.insert(place, item)
        return self._items[place - 1].id if place else None

    def previous_id(self, item: Item) -> str | None:
        """Give the id of the item before, if there is one."""
        place = self._place(item.id)
        return self._items[place - 1].id if place else None

    def get(self, item_id: str, *, verb: str) -> Item:
        """Find an item; raises ProtocolError named after what was to be done with it."""
        item = self._find(item_id)
        if item is None:
            raise ProtocolError(
                f"Error {_DOING[verb]} item: the item with id '{item_id[:100]}' does not exist.",
                code=f"item_{verb}_invalid_item_id",
                param="item_id",
            )
        return item

    def delete(self, item_id: str) -> None:
        """Take an item out."""
        item = self.get(item_id, verb="delete")
        self._items.remove(item)
        self._text_size -= item.told_size
        self._audio.pop(item_id, None)

    def truncate(self, item_id: str, *, content_index: int, audio_end_ms: int) -> None:
        """Cut an own message to what was heard; its transcript goes, as with OpenAI."""
        item = self.get(item_id, verb="truncate")
        if not isinstance(item.body, AssistantMessage) or item.spoken is None or not item.audio_ms:
            raise ProtocolError(
                "Only the model's audio messages can be truncated.", code="invalid_value", param="item_id"
            )
        if content_index >= len(item.body.content):
            raise ProtocolError("The item has no content at that index.", code="invalid_value", param="content_index")
        if audio_end_ms > item.audio_ms:
            raise ProtocolError(
                f"Audio content of {item.audio_ms}ms is already shorter than {audio_end_ms}ms",
                code="invalid_value",
                param="audio_end_ms",
            )
        item.spoken.heard_ms = item.audio_ms = audio_end_ms
        item.body = item.body.model_copy(update={"content": [OutputAudio(type="output_audio", transcript="")]})

    def keep_audio(self, item_id: str, pcm: bytes) -> None:
        """Keep what a user said, as long as there is room for it."""
        self._audio[item_id] = pcm
        while sum(map(len, self._audio.values())) > _KEPT_AUDIO_BYTES and len(self._audio) > 1:
            del self._audio[next(iter(self._audio))]

    def retrieve(self, item_id: str) -> Json:
        """Show an item with the audio that is kept of it."""
        item = self.get(item_id, verb="retrieve")
        shown = item.to_json()
        pcm = self._audio.get(item_id)
        if pcm is not None:
            audio = base64.b64encode(pcm).decode()
            shown["content"] = [{"type": "input_audio", "audio": audio, "transcript": item.heard}]
        return shown

    def _find(self, item_id: str) -> Item | None:
        return next((item for item in self._items if item.id == item_id), None)

    def _place(self, item_id: str) -> int:
        for place, item in enumerate(self._items):
            if item.id == item_id:
                return place
        raise ProtocolError(
            f"Error adding item: previous item with id '{item_id[:100]}' not found.",
            code="item_create_invalid_previous_item_id",
            param="previous_item_id",
        )

    def _require_call(self, call_id: str) -> None:
        if not any(isinstance(item.body, FunctionCall) and item.body.call_id == call_id for item in self._items):
            raise ProtocolError(
                f"Tool call ID '{call_id}' not found in conversation.",
                code="invalid_tool_call_id",
                param="item.call_id",
            )
