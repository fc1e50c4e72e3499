"""One Realtime session: a state machine from client events to server events. It knows no socket.

Handlers are named after their event. They run one at a time and never wait; a response is performed by a
task of its own, and whoever cancels it writes its last events at once.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from rehearsal import messages
from rehearsal.audio import duration_ms
from rehearsal.conversation import Conversation, Item
from rehearsal.delivery import Delivery, read_delivery
from rehearsal.ears import Edge, Listener, SpeechEdge
from rehearsal.errors import ProtocolError
from rehearsal.faults import Fault, FaultyMind
from rehearsal.hearing.heard import Heard
from rehearsal.hearing.process import Ear
from rehearsal.input_buffer import InputBuffer
from rehearsal.interjecting import Interjection, Interjections
from rehearsal.item_bodies import InputAudio, UserMessage
from rehearsal.messages import ClientEvent
from rehearsal.mind import Reply, Situation
from rehearsal.performance import perform
from rehearsal.response import Emit, ResponseRun
from rehearsal.response_options import ResponseOptions, build_options
from rehearsal.script import Act, Line, Step
from rehearsal.session_state import SessionState
from rehearsal.strict import Json
from rehearsal.transcript import transcript_events, vocabulary_text
from rehearsal.usage import Tokens, input_tokens

logger = logging.getLogger("rehearsal")


_MAX_OUT_OF_BAND = 8  # responses beside the conversation at once
# That an answer waits for what was just said; after that the mind knows only that somebody spoke. On a busy machine the
# words are late, and a late answer is better than "I didn't catch that"; the other side is silent for 8 s at least.
_HEARING_LIMIT_S = 5.0


@dataclass(frozen=True)
class Surroundings:
    """What a session needs of the world."""

    emit: Emit
    is_ready: Callable[[], Awaitable[None]]  # waits until the client has taken what was sent
    listener: Listener
    ear: Ear
    pace: float = 0.0
    seed: str = ""
    fault: Fault | None = None
    tolerates_ms: int = 0  # of speech while its own voice plays


class RealtimeSession:
    """The server's side of one connection."""

    def __init__(self, surroundings: Surroundings, *, model: str, expires_at: int) -> None:
        self.state = SessionState(model=model, expires_at=expires_at)
        self._around = surroundings
        self._emit = surroundings.emit
        self._mind = FaultyMind(surroundings.fault)
        self._conversation = Conversation()
        self._buffer = InputBuffer(surroundings.listener, surroundings.ear)
        self._buffer.configure(self.state.turns)
        self._run: ResponseRun | None = None  # the one in the conversation
        self._tasks: dict[asyncio.Task[None], ResponseRun] = {}
        self._unheard: set[asyncio.Future[Heard]] = set()  # turns that are still being recognised
        self._delivery = Delivery()
        self._interjections = Interjections(tolerates_ms=surroundings.tolerates_ms)
        self._owes_response = False  # a turn ended while a response ran that nobody may interrupt
        self._cached = Tokens()
        self._handlers: dict[type[ClientEvent], Callable[[ClientEvent], None]] = {
            messages.SessionUpdate: _typed(messages.SessionUpdate, self.on_session_update),
            messages.InputAudioBufferAppend: _typed(messages.InputAudioBufferAppend, self.on_append),
            messages.InputAudioBufferCommit: _typed(messages.InputAudioBufferCommit, self.on_commit),
            messages.InputAudioBufferClear: _typed(messages.InputAudioBufferClear, self.on_clear),
            messages.ConversationItemCreate: _typed(messages.ConversationItemCreate, self.on_item_create),
            messages.ConversationItemDelete: _typed(messages.ConversationItemDelete, self.on_item_delete),
            messages.ConversationItemRetrieve: _typed(messages.ConversationItemRetrieve, self.on_item_retrieve),
            messages.ConversationItemTruncate: _typed(messages.ConversationItemTruncate, self.on_item_truncate),
            messages.ResponseCreate: _typed(messages.ResponseCreate, self.on_response_create),
            messages.ResponseCancel: _typed(messages.ResponseCancel, self.on_response_cancel),
        }

    def open(self) -> None:
        """Greet the client."""
        self._emit("session.created", {"session": self.state.to_json()})

    def handle(self, event: ClientEvent) -> None:
        """Follow one client event; raises ProtocolError when it cannot."""
        self._handlers[type(event)](event)

    def storm(self, edge: Edge) -> None:
        """Notice speech where there is none, for the fault of that name."""
        self._on_speech_edge(SpeechEdge(edge, self._buffer.received_ms))

    async def close(self) -> None:
        """Stop whatever still speaks."""
        self._owes_response = False
        self._around.ear.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def on_session_update(self, event: messages.SessionUpdate) -> None:
        """Change settings and show all of them."""
        self.state.update(event.session, has_spoken=self._conversation.has_own_audio)
        self._buffer.configure(self.state.turns)
        self._delivery = read_delivery(self.state.body.instructions or "", seed=self._around.seed)
        self._interjections.configure(self._delivery)
        self._around.ear.prepare(vocabulary_text(self.state.body.instructions or "", self.state.input.transcription))
        self._emit("session.updated", {"session": self.state.to_json()})

    def on_append(self, event: messages.InputAudioBufferAppend) -> None:
        """Hear more audio; OpenAI does not acknowledge it either."""
        is_playing = self._run is not None and self._run.is_playing(time.monotonic())
        self._buffer.patience_ms = self._interjections.patience_ms(self._buffer.received_ms, is_playing=is_playing)
        for edge in self._buffer.append(event.audio):
            self._on_speech_edge(edge)
        self._interject()

    def on_commit(self, _event: messages.InputAudioBufferCommit) -> None:
        """Make the buffer a turn; speaking waits for `response.create`."""
        self._commit(is_turn=False)

    def on_clear(self, _event: messages.InputAudioBufferClear) -> None:
        """Forget what was not committed."""
        self._buffer.clear()
        self._emit("input_audio_buffer.cleared", {})

    def on_item_create(self, event: messages.ConversationItemCreate) -> None:
        """Put an item into the conversation."""
        item, previous_id = self._conversation.create(event.item, after=event.previous_item_id)
        self._tell_item(item, previous_id)

    def on_item_delete(self, event: messages.ConversationItemDelete) -> None:
        """Take an item out; if it is being spoken, that goes on unheard."""
        self._conversation.delete(event.item_id)
        self._emit("conversation.item.deleted", {"item_id": event.item_id})

    def on_item_retrieve(self, event: messages.ConversationItemRetrieve) -> None:
        """Show an item."""
        self._emit("conversation.item.retrieved", {"item": self._conversation.retrieve(event.item_id)})

    def on_item_truncate(self, event: messages.ConversationItemTruncate) -> None:
        """Learn how much of an own message was heard."""
        self._conversation.truncate(event.item_id, content_index=event.content_index, audio_end_ms=event.audio_end_ms)
        told = {"item_id": event.item_id, "content_index": event.content_index, "audio_end_ms": event.audio_end_ms}
        self._emit("conversation.item.truncated", dict(told))

    def on_response_create(self, event: messages.ResponseCreate) -> None:
        """Speak, once at a time in the conversation."""
        options = self._options(event.response or messages.ResponseBody())
        if options.is_in_conversation and self._run is not None and not self._run.is_done:
            raise ProtocolError(
                f"Conversation already has an active response in progress: {self._run.id}. Wait until the response "
                "is finished before creating a new one.",
                code="conversation_already_has_active_response",
            )
        if options.is_in_conversation:
            self._conversation.require_room()
        if len(self._tasks) > _MAX_OUT_OF_BAND:
            raise ProtocolError("Too many responses at once.", code="rate_limit_exceeded", kind="rate_limit_error")
        self._start(options)

    def on_response_cancel(self, event: messages.ResponseCancel) -> None:
        """Stop the response named, or the one in the conversation."""
        running = [run for run in self._tasks.values() if not run.is_done]
        wanted = event.response_id or (self._run.id if self._run else None)
        run = next((run for run in running if run.id == wanted), None)
        if run is None:
            raise ProtocolError("Cancellation failed: no active response found", code="response_cancel_not_active")
        run.finish("cancelled", reason="client_cancelled")

    def _on_speech_edge(self, edge: SpeechEdge) -> None:
        where: Json = {"item_id": self._buffer.next_item_id}
        turns = self.state.turns
        if edge.edge is Edge.STARTED:
            self._interjections.on_onset()
            self._emit("input_audio_buffer.speech_started", {**where, "audio_start_ms": edge.at_ms})
            if turns and turns.interrupts_response and self._run is not None:
                self._run.finish("cancelled", reason="turn_detected")
            return
        self._emit("input_audio_buffer.speech_stopped", {**where, "audio_end_ms": edge.at_ms})
        self._commit(is_turn=True)
        if turns and turns.creates_response:
            self._answer()

    def _interject(self) -> None:
        """Be heard while the other side speaks, where the persona does that."""
        speech_ms, turns = self._buffer.speech_ms, self.state.turns
        is_busy = self._run is not None and not self._run.is_done
        if not speech_ms or is_busy or turns is None or not turns.creates_response:
            return
        due = self._interjections.on_speech(speech_ms, now_ms=self._buffer.received_ms)
        if due is Interjection.BACKCHANNEL:
            # Beside the conversation: it is no turn, and nothing is answered to it.
            words = Line(Step(Act.BYE), (self._interjections.words,))
            self._start(self._options(messages.ResponseBody(conversation="none")), Reply(words))
        elif due is Interjection.CUT_IN:
            self._on_speech_edge(SpeechEdge(Edge.STOPPED, self._buffer.received_ms))

    def _answer(self) -> None:
        if self._run is not None and not self._run.is_done:
            self._owes_response = True
            return
        self._owes_response = False
        self._start(self._options(messages.ResponseBody()))

    def _commit(self, *, is_turn: bool) -> None:
        self._conversation.require_room()
        utterance = self._buffer.commit(is_turn=is_turn)
        item_id, previous_id = utterance.item_id, self._conversation.last_id
        self._emit("input_audio_buffer.committed", {"item_id": item_id, "previous_item_id": previous_id})
        body = UserMessage(type="message", role="user", content=[InputAudio(type="input_audio")])
        item = Item(item_id, body, audio_ms=duration_ms(utterance.pcm))
        self._conversation.keep_audio(item_id, utterance.pcm)
        self._tell_item(item, self._conversation.add(item))
        self._unheard.add(utterance.heard)
        utterance.heard.add_done_callback(partial(self._on_heard, item))

    def _on_heard(self, item: Item, future: "asyncio.Future[Heard]") -> None:
        self._unheard.discard(future)
        if future.cancelled():
            return
        heard, asked = future.result(), self.state.input.transcription
        item.heard = heard.text or None
        if asked is not None and item in self._conversation:  # it may be deleted meanwhile
            for kind, fields in transcript_events(item.id, item.audio_ms, heard, asked):
                self._emit(kind, fields)

    def _tell_item(self, item: Item, previous_id: str | None) -> None:
        for kind in ("conversation.item.added", "conversation.item.done"):
            self._emit(kind, {"previous_item_id": previous_id, "item": item.to_json()})

    def _start(self, options: ResponseOptions, reply: Reply | None = None) -> None:
        heard = input_tokens(options.instructions, options.tools, options.items)
        run = ResponseRun(
            options,
            conversation=self._conversation,
            emit=self._emit,
            heard=heard,
            cached=heard.shared_with(self._cached),
        )
        if options.is_in_conversation:
            self._run, self._cached = run, heard
        run.begin()
        task = asyncio.create_task(self._perform(run, reply))
        self._tasks[task] = run
        task.add_done_callback(self._on_performed)

    async def _perform(self, run: ResponseRun, reply: Reply | None) -> None:
        if reply is None:
            reply = await self._decide(run.options)
        await perform(run, reply, is_ready=self._around.is_ready, pace=self._around.pace, delivery=self._delivery)

    async def _decide(self, options: ResponseOptions) -> Reply:
        if self._unheard:
            await asyncio.wait(self._unheard, timeout=_HEARING_LIMIT_S)
        seed = (options.metadata or {}).get("seed", self._around.seed)
        situation = Situation(options.instructions, options.tools, options.tool_choice, options.items, seed)
        reply = self._mind.decide(situation)
        pause_s = self._delivery.answer_pause_s(len(options.items)) if options.items else 0.0
        return reply if reply.line is None else replace(reply, delay_s=reply.delay_s + pause_s)

    def _on_performed(self, task: asyncio.Task[None]) -> None:
        run = self._tasks.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("response failed session=%s error=%s", self.state.id, type(error).__name__)
            run.finish("failed", error={"type": "server_error", "code": "server_error"})
        if self._owes_response and not task.cancelled():
            self._answer()

    def _options(self, body: messages.ResponseBody) -> ResponseOptions:
        return build_options(body, session=self.state, conversation=self._conversation)


_E = TypeVar("_E", bound=ClientEvent)


def _typed(kind: type[_E], handler: Callable[[_E], None]) -> Callable[[ClientEvent], None]:
    def call(event: ClientEvent) -> None:
        if isinstance(event, kind):
            handler(event)

    return call
