"""The live feed of one conversation over a WebSocket.

    connect ─► whole status, turns after `?after=` ─► news as it happens ─► (the client leaves)
    Channels group: "look at the rows", and partial words; once a second rows are looked at anyway,
    for what other processes wrote.

A client that does not read must not fill memory: what was sent since it was last heard of is counted; first words
are left out, then everything waits in the rows, and whoever stays unheard is told so by a close code. Words not sent
are merged, for the next ones hold the whole text.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from importlib import import_module
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import structlog
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.db import Error as DatabaseError
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.template.loader import render_to_string
from django.utils import timezone

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import DispatchsimError
from dispatchsim.gateways.live_feed import Words, group_name
from dispatchsim.services.accounts import VIEW_CONVERSATION, Caller, find_person, is_api_token
from dispatchsim.services.doings import DoingView, find_doings
from dispatchsim.services.following import News, find_news
from dispatchsim.services.observers import listener_subscribed
from dispatchsim.services.tool_uses import ToolUseView
from dispatchsim.services.transcript import TurnView

NOT_SIGNED_IN, NOT_ALLOWED, NOT_FOUND = 4401, 4403, 4404
BAD_FRAME, TOO_BIG, TOO_MANY = 4400, 4413, 4429
NOT_HEARD_OF = 4408
BROKEN = 4500  # a fault of ours; Daphne refuses to send 1011, or any other code below 3000 but 1000
POLL_S = 1.0  # how late the rows of other processes may be told
POLL_AFTER_END_S = 5.0  # late transcriptions of a call that is over
GATHER_S = 0.02  # several changes at once become one look at the rows
RECHECK_S = 20.0  # how long a socket may outlive its sign-in
MAX_FRAME_CHARS = 2048  # a client has nothing longer to say
MAX_FRAMES_PER_S = 30
MAX_UNHEARD_WORDS_BYTES = 512 * 1024  # sent since the client was last heard of; it says `here` every 20 s
MAX_UNHEARD_BYTES = 4 * 1024 * 1024
MAX_UNHEARD_S = 90.0  # with too much unheard; timers of a page in the background run once a minute

log = structlog.get_logger(__name__)


class ConversationConsumer(AsyncJsonWebsocketConsumer):
    """One watcher of one conversation."""

    async def connect(self) -> None:
        """Let the watcher in, or close with a code that says why not."""
        self._writer: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._has_rows_to_read = True
        self._words: dict[int, Words] = {}
        self._unfinished: dict[int, str] = {}  # seq → text as sent
        self._cursor: int | None = None
        self._last_seq = 0
        self._last_doing = 0  # place in the event log up to which the system's own events were told
        self._told_status: dict[str, Any] | None = None
        self._told_verdict = ""  # as markup
        self._reader: User | None = None  # None: a script
        self._told_seen: dict[Role, datetime | None] | None = None
        self._unheard_bytes = 0
        self._heard_at = asyncio.get_running_loop().time()
        self._frames, self._frames_since = 0, 0.0
        self._recheck_at = asyncio.get_running_loop().time() + RECHECK_S
        self._closing: asyncio.Task[None] | None = None
        self._scope = cast("dict[str, Any]", self.scope)
        self.conversation_id: UUID = self._scope["url_route"]["kwargs"]["conversation_id"]
        self._after = _read_after(self._scope)
        if not _is_origin_fine(self._scope):
            await self.close()
            return
        await self.accept()
        code = await self._find_refusal()
        if code is not None:
            await self.close(code)
            return
        await self.channel_layer.group_add(group_name(self.conversation_id), self.channel_name)
        self._writer = asyncio.create_task(self._write_forever())
        self._writer.add_done_callback(self._on_writer_done)

    async def disconnect(self, code: int) -> None:  # noqa: ARG002  (Channels' signature)
        """Stop writing."""
        if self._writer is None:
            return
        await self.channel_layer.group_discard(group_name(self.conversation_id), self.channel_name)
        self._writer.cancel()
        await asyncio.gather(self._writer, *filter(None, [self._closing]), return_exceptions=True)

    async def receive(
        self,
        text_data: str | None = None,
        bytes_data: bytes | None = None,  # noqa: ARG002  (Channels' signature)
        **kwargs: Any,
    ) -> None:
        """Take a small JSON object from the client; close on anything else."""
        code = self._check_frame(text_data)
        if code is not None:
            await self.close(code)
            return
        try:
            await super().receive(text_data=text_data, **kwargs)
        except (ValueError, RecursionError):
            await self.close(BAD_FRAME)

    async def receive_json(self, content: Any, **_kwargs: Any) -> None:
        """Note that the client is here, and that it hears both sides."""
        kind = content.get("type") if isinstance(content, dict) and self._writer is not None else None
        if kind == "here":
            # The client cannot see a dead line by itself. Not the writer's work: a slow database is no dead line.
            await self._tell({"type": "here"})
        self._unheard_bytes = 0
        self._heard_at = asyncio.get_running_loop().time()
        self._news.set()
        if kind == "subscribed":
            try:
                # A thread of its own: it asks LiveKit, and the other watchers must not wait for that.
                await database_sync_to_async(listener_subscribed, thread_sensitive=False)(
                    conversation_id=self.conversation_id, listener=self._reader
                )
            except (DispatchsimError, DatabaseError):
                log.warning("listener not noted", conversation_id=str(self.conversation_id), exc_info=True)

    async def feed_news(self, _message: dict[str, Any]) -> None:
        """Look at the rows soon."""
        self._has_rows_to_read = True
        self._news.set()

    async def feed_words(self, message: dict[str, Any]) -> None:
        """Keep the latest words of each turn until they are sent."""
        words = Words.model_validate(message["words"])
        self._words[words.seq] = words
        self._news.set()

    async def _write_forever(self) -> None:
        """Tell what is new until the client leaves or may no longer know."""
        loop = asyncio.get_running_loop()
        poll_at = 0.0
        while True:
            code = await self._find_reason_to_close(loop.time())
            if code is not None:
                await self.close(code)
                return
            if self._has_rows_to_read or loop.time() >= poll_at:
                self._has_rows_to_read = False
                poll_s = await self._tell_news()
                poll_at = loop.time() + poll_s
            await self._tell_words()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), timeout=max(0.0, poll_at - loop.time()))
                await asyncio.sleep(GATHER_S)
            self._news.clear()

    def _on_writer_done(self, task: asyncio.Task[None]) -> None:
        """Close a socket whose writer has failed: open and silent, it looks like a call in which nothing happens."""
        if task.cancelled() or task.exception() is None:
            return
        log.error("live feed stopped", conversation_id=str(self.conversation_id), exc_info=task.exception())
        self._closing = asyncio.create_task(self.close(BROKEN))

    async def _find_reason_to_close(self, now: float) -> int | None:
        """Tell whether the watcher may still follow, looked up now and then; a database that fails is asked again."""
        if self._unheard_bytes >= MAX_UNHEARD_WORDS_BYTES and now - self._heard_at >= MAX_UNHEARD_S:
            return NOT_HEARD_OF
        if now < self._recheck_at:
            return None
        self._recheck_at = now + POLL_S
        try:
            code = await self._find_refusal()
        except DatabaseError:
            log.warning("sign-in could not be read", conversation_id=str(self.conversation_id), exc_info=True)
            return None
        self._recheck_at = now + RECHECK_S
        return code

    async def _tell_news(self) -> float:
        """Send new and changed turns and a changed status; give the time until the next look."""
        if self._unheard_bytes >= MAX_UNHEARD_BYTES:
            return POLL_S
        try:
            told = await database_sync_to_async(_read_news)(
                self.conversation_id, self._cursor, self._after, self._last_doing, self._reader
            )
        except DatabaseError:
            log.warning("feed could not be read", conversation_id=str(self.conversation_id), exc_info=True)
            return POLL_S
        if told is None:
            await self.close(NOT_FOUND)
            return POLL_AFTER_END_S
        news, done = told.news, told.doings
        for turn in news.turns:
            await self._tell_turn(turn, told.html_of[turn.seq])
        for use, html in told.uses:
            await self._tell({"type": "use", "seq": use.log_seq, "html": html, "use": use.model_dump(mode="json")})
        self._cursor = news.cursor
        self._unfinished = {turn.seq: self._unfinished.get(turn.seq, "") for turn in news.unfinished}
        for turn in news.unfinished:
            # Whole text either way; the group's words are as new as the row's or newer.
            self._words.setdefault(turn.seq, Words(seq=turn.seq, speaker=turn.speaker, text=turn.text))
        await self._tell_verdict(told)  # before the status: the end and what came of it are shown at once
        await self._tell_status(news)
        await self._tell_doings(done)
        await self._tell_seen(news)
        return POLL_AFTER_END_S if news.status.status.is_final else POLL_S

    async def _tell_turn(self, turn: TurnView, html: str) -> None:
        await self._tell({"type": "turn", "seq": turn.seq, "html": html, "turn": turn.model_dump(mode="json")})
        self._last_seq = max(self._last_seq, turn.seq)
        self._words.pop(turn.seq, None)
        self._unfinished[turn.seq] = turn.text

    async def _tell_status(self, news: News) -> None:
        status = news.status.model_dump(mode="json", exclude={"conversation_id"})
        changing = {name: value for name, value in status.items() if name != "elapsed_s"}
        changing["agents"] = {
            role: {name: value for name, value in agent.items() if name != "last_seen_at"}
            for role, agent in status["agents"].items()
        }
        if changing != self._told_status:
            self._told_status = changing
            await self._tell({"type": "status", **status})

    async def _tell_verdict(self, told: "_Told") -> None:
        verdict, html = told.news.verdict, told.verdict_html
        if verdict is not None and html != self._told_verdict:
            self._told_verdict = html
            await self._tell({"type": "verdict", "html": html, "verdict": verdict.model_dump(mode="json")})

    async def _tell_doings(self, done: list[DoingView]) -> None:
        for doing in done:
            self._last_doing = doing.seq
            await self._tell({"type": "system", **doing.model_dump(mode="json")})

    async def _tell_seen(self, news: News) -> None:
        """Send how long ago each agent was heard of, as ages: the page's clock may be wrong."""
        seen = {role: agent.last_seen_at for role, agent in news.status.agents.items()}
        if seen == self._told_seen:
            return
        self._told_seen = seen
        now = timezone.now()
        ages = {role: _age_s(at, now) for role, at in seen.items()}
        await self._tell({"type": "seen", "agents": ages})

    async def _tell_words(self) -> None:
        """Send what has been said by now of unfinished turns, unless the client lags behind."""
        waiting, self._words = self._words, {}
        if self._unheard_bytes >= MAX_UNHEARD_WORDS_BYTES:
            return
        for seq, words in sorted(waiting.items()):
            is_open = seq in self._unfinished or seq > self._last_seq
            if is_open and words.text and words.text != self._unfinished.get(seq):
                self._unfinished[seq] = words.text
                await self._tell({"type": "words", **words.model_dump(mode="json")})

    async def _tell(self, content: dict[str, Any]) -> None:
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        self._unheard_bytes += len(text.encode())
        await self.send(text_data=text)

    async def _find_refusal(self) -> int | None:
        """Give the close code for a watcher who may not follow this call; None for one who may."""
        caller = await database_sync_to_async(_find_caller)(self._scope)
        if caller is None:
            return NOT_SIGNED_IN
        self._reader = caller.user
        is_allowed = await database_sync_to_async(caller.has)(VIEW_CONVERSATION)
        return None if is_allowed else NOT_ALLOWED

    def _check_frame(self, text_data: str | None) -> int | None:
        now = asyncio.get_running_loop().time()
        if now - self._frames_since >= 1.0:
            self._frames, self._frames_since = 0, now
        self._frames += 1
        if self._frames > MAX_FRAMES_PER_S:
            return TOO_MANY
        if text_data is None:
            return BAD_FRAME
        return TOO_BIG if len(text_data) > MAX_FRAME_CHARS else None


async def refuse(_scope: Scope, _receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answer a socket at an address where there is none."""
    await send({"type": "websocket.close", "code": NOT_FOUND, "reason": HTTPStatus.NOT_FOUND.phrase})


@dataclass(frozen=True)
class _Told:
    """What one look at the rows found."""

    news: News
    html_of: dict[int, str]
    uses: Sequence[tuple[ToolUseView, str]]
    doings: list[DoingView]
    verdict_html: str


def _read_news(
    conversation_id: UUID, cursor: int | None, after: int, last_doing: int, reader: User | None
) -> _Told | None:
    news = find_news(conversation_id, cursor=cursor, after=after, reader=reader)
    if news is None:
        return None
    html_of = {turn.seq: _render_turn(conversation_id, turn) for turn in news.turns}
    uses = [(use, render_to_string("conversations/partials/_tool_use.html", {"use": use})) for use in news.uses]
    # Every change moves the cursor: where it stands still, there is nothing to look for.
    done = find_doings(conversation_id, last_doing) if news.cursor != cursor else []
    return _Told(news, html_of, uses, done, _render_verdict(news))


def _render_turn(conversation_id: UUID, turn: TurnView) -> str:
    context = {"turn": turn, "conversation_id": conversation_id}
    return render_to_string("conversations/partials/_turn.html", context)


def _render_verdict(news: News) -> str:
    if news.verdict is None or not news.status.status.is_final:
        return ""
    return render_to_string("conversations/partials/_outcome.html", {"verdict": news.verdict})


def _find_caller(scope: dict[str, Any]) -> Caller | None:
    """Tell who is at the other end, as of now: a bearer header decides alone, without one the session does."""
    authorization = _header(scope, b"authorization")
    if authorization:
        scheme, _, token = authorization.partition(" ")
        return Caller(user=None) if scheme.lower() == "bearer" and is_api_token(token.strip()) else None
    request = HttpRequest()
    session_key = scope["session"].session_key
    # Read anew: the session of the handshake knows nothing of a sign-out since.
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    person = find_person(get_user(request))
    return None if person is None else Caller(user=person)


def _is_origin_fine(scope: dict[str, Any]) -> bool:
    """Tell whether a cookie may be trusted: browsers send it with sockets of any page, and say which page."""
    if _header(scope, b"authorization"):
        return True
    origin, host = _header(scope, b"origin"), _header(scope, b"host")
    domain, _ = split_domain_port(host)
    is_our_host = bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
    is_same = is_our_host and urlsplit(origin).netloc.lower() == host.lower()
    return is_same or origin in settings.CSRF_TRUSTED_ORIGINS


def _header(scope: dict[str, Any], name: bytes) -> str:
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def _age_s(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else round(max(0.0, (now - moment).total_seconds()), 1)


def _read_after(scope: dict[str, Any]) -> int:
    values = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("after", ["0"])
    return int(values[0]) if values[0].isascii() and values[0].isdigit() and len(values[0]) < 10 else 0
