"""The WebSocket server: who may connect, frames in, events out."""

import asyncio
import hmac
import json
import logging
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from rehearsal import voice
from rehearsal.config import ServerConfig
from rehearsal.decode import find_event_id, parse_event, parse_frame
from rehearsal.ears import Edge, SpeechListener
from rehearsal.errors import ProtocolError
from rehearsal.faults import EXPIRES_AFTER_S, Fault, find_fault, names_unknown_fault
from rehearsal.hearing.process import HearingProcess
from rehearsal.ids import make_id
from rehearsal.sabotage import STORM_EVERY_S, STORM_S, Sabotage
from rehearsal.session import RealtimeSession, Surroundings
from rehearsal.strict import Json

logger = logging.getLogger("rehearsal")

DEFAULT_MODEL = "gpt-realtime"
_REALTIME_PATH = "/v1/realtime"
_WAITING_EVENTS = 16  # of a response, before it waits for the client to take some
_MOST_EVENTS = 1000  # of any kind; then the client's own events wait
_MOST_BYTES = 4 * 1024 * 1024  # of them; some 60 s of sound
_GOING_AWAY = 1001
_TURNS_AWAY: dict[Fault | None, HTTPStatus] = {
    Fault.BAD_KEY: HTTPStatus.UNAUTHORIZED,
    Fault.TOO_MANY_REQUESTS: HTTPStatus.TOO_MANY_REQUESTS,
    Fault.DOWN: HTTPStatus.INTERNAL_SERVER_ERROR,
}


class Connection(Protocol):
    """What an outbox needs of a connection."""

    async def send(self, message: str) -> None:
        """Give a frame to the client; wait while it takes none."""


class Outbox:
    """Events on their way to one client, in order, numbered by id."""

    def __init__(self, connection: Connection, fault: Fault | None = None) -> None:
        self._connection = connection
        self._frames: asyncio.Queue[str] = asyncio.Queue()
        self._waiting_bytes = 0
        self._sabotage = Sabotage(fault, self._put)
        self._has_room = asyncio.Event()
        self._has_room.set()
        self.is_over = False  # the client is gone
        self.has_answered = asyncio.Event()  # or begun to

    def emit(self, kind: str, fields: Json) -> None:
        """Queue one server event."""
        if kind == "response.created":
            self.has_answered.set()
        self._sabotage.pass_on({"type": kind, "event_id": make_id("event"), **fields})
        if self._is_crowded() and not self.is_over:
            self._has_room.clear()

    def refuse(self, error: ProtocolError, event_id: str | None) -> None:
        """Tell the client what was wrong with its event."""
        self.emit("error", {"error": error.to_json(event_id)})

    async def is_ready(self) -> None:
        """Wait until the client has taken most of what was sent, and let others run."""
        await asyncio.sleep(0)
        await self._has_room.wait()

    async def has_room(self) -> None:
        """Wait only when the client takes nothing at all any more."""
        await asyncio.sleep(0)
        if self._frames.qsize() >= _MOST_EVENTS or self._waiting_bytes >= _MOST_BYTES:
            await self._has_room.wait()

    async def drain(self) -> None:
        """Send for as long as the connection lives."""
        try:
            while True:
                await self._send(await self._frames.get())
                if not self._is_crowded():
                    self._has_room.set()
        except ConnectionClosed:
            self.is_over = True
        finally:
            self._has_room.set()  # nobody sends any more: whoever waits would wait for ever

    def close(self) -> None:
        """Send nothing more of its own accord."""
        self._sabotage.close()

    async def flush(self) -> None:
        """Send what is left, now that nothing more comes."""
        while not self._frames.empty():
            await self._send(self._frames.get_nowait())

    def _put(self, frame: str) -> None:
        self._waiting_bytes += len(frame)
        self._frames.put_nowait(frame)

    async def _send(self, frame: str) -> None:
        await self._connection.send(frame)
        self._waiting_bytes -= len(frame)  # not before: until it is taken it fills memory

    def _is_crowded(self) -> bool:
        return self._frames.qsize() >= _WAITING_EVENTS or self._waiting_bytes >= _MOST_BYTES


class RehearsalServer:
    """Serves sessions that share nothing but the process."""

    def __init__(self, config: ServerConfig) -> None:
        self._config = config
        self._open: set[ServerConnection] = set()  # one for each session
        self._hearing = HearingProcess(latest_s=config.latest_s)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Server]:
        """Serve until the block ends; open sessions are then told that the server goes away."""
        await asyncio.to_thread(voice.warm_up)
        SpeechListener()  # loads the model
        if self._config.warms_up:
            self._hearing.warm_up()
        server = await serve(
            self._converse,
            self._config.host,
            self._config.port,
            process_request=self._answer_http,
            select_subprotocol=_select_subprotocol,
            max_size=self._config.max_frame_bytes,
            compression=None,
            server_header=None,
            close_timeout=self._config.grace_s,
        )
        try:
            yield server
        finally:
            await self._stop(server)
            await self._hearing.close()

    async def _stop(self, server: Server) -> None:
        server.close()
        try:
            async with asyncio.timeout(self._config.grace_s):
                await server.wait_closed()
        except TimeoutError:
            for connection in self._open:
                connection.transport.abort()  # it reads nothing
            await server.wait_closed()

    def _answer_http(self, _connection: ServerConnection, request: Request) -> Response | None:
        """Answer plain requests and refuse strangers; None lets the WebSocket begin."""
        path = urlsplit(request.path).path.rstrip("/")
        if path == "/healthz":
            return _json_response(HTTPStatus.OK, {"status": "ok"})
        if not self._is_welcome(request):
            return _json_response(HTTPStatus.UNAUTHORIZED, {"error": _WRONG_KEY.to_json()})
        if path == "/v1/models":
            return _json_response(HTTPStatus.OK, {"object": "list", "data": [_model_json()]})
        if path != _REALTIME_PATH:
            return _json_response(HTTPStatus.NOT_FOUND, {"error": _UNKNOWN_PATH.to_json()})
        if names_unknown_fault(_asked_model(request)):
            return _json_response(HTTPStatus.BAD_REQUEST, {"error": _UNKNOWN_FAULT.to_json()})
        return self._turn_away(request)

    def _turn_away(self, request: Request) -> Response | None:
        """Refuse a welcome client because there are too many, or because a fault wants it."""
        if len(self._open) >= self._config.most_sessions:
            return _json_response(HTTPStatus.TOO_MANY_REQUESTS, {"error": _TOO_MANY_SESSIONS.to_json()})
        status = _TURNS_AWAY.get(self._fault_of(request))
        if status is None:
            return None
        # OpenAI quotes a part of the key; clients must not pass on any of it.
        error = ProtocolError(f"{status.phrase}: {request.headers.get('Authorization', '')}", code="refused")
        return _json_response(status, {"error": error.to_json()})

    def _fault_of(self, request: Request | None) -> Fault | None:
        """Read which fault is wanted: of this session by its model, or of every session."""
        return find_fault(_asked_model(request)) or self._config.fault

    def _is_welcome(self, request: Request) -> bool:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode("utf-8", "replace"), f"Bearer {self._config.api_key}".encode())

    async def _converse(self, connection: ServerConnection) -> None:
        self._open.add(connection)
        try:
            await self._hold_session(connection)
        finally:
            self._open.discard(connection)

    async def _hold_session(self, connection: ServerConnection) -> None:
        fault = self._fault_of(connection.request)
        outbox = Outbox(connection, fault)
        around = Surroundings(
            emit=outbox.emit,
            is_ready=outbox.is_ready,
            listener=SpeechListener(),
            ear=self._hearing.open_ear(),
            pace=self._config.pace,
            seed=self._config.seed,
            tolerates_ms=self._config.tolerates_ms,
            fault=fault,
        )
        limit_s = min(self._config.session_limit_s, EXPIRES_AFTER_S if fault is Fault.EXPIRE else math.inf)
        expires_at = int(time.time() + limit_s)
        session = RealtimeSession(around, model=_asked_model(connection.request), expires_at=expires_at)
        logger.info("session opened id=%s", session.state.id)
        sender = asyncio.create_task(outbox.drain())
        storm = asyncio.create_task(_storm(session, outbox)) if fault is Fault.BARGE_IN_STORM else None
        started = time.monotonic()
        try:
            session.open()
            if fault is Fault.ACCEPT_AND_CLOSE:
                return
            async with asyncio.timeout(limit_s):
                await _receive(connection, session, outbox)
        except TimeoutError:
            await _expire(connection, outbox, sender, grace_s=self._config.grace_s)
        finally:
            outbox.close()
            await _cancel(sender, storm)
            await session.close()
            logger.info("session closed id=%s seconds=%.1f", session.state.id, time.monotonic() - started)


async def _receive(connection: ServerConnection, session: RealtimeSession, outbox: Outbox) -> None:
    try:
        async for frame in connection:
            _handle_frame(frame, session, outbox)
            await outbox.has_room()  # a client that floods must not silence the others
            if outbox.is_over:
                return
    except ConnectionClosed:
        return


def _handle_frame(frame: str | bytes, session: RealtimeSession, outbox: Outbox) -> None:
    event_id: str | None = None
    try:
        raw = parse_frame(frame)
        event_id = find_event_id(raw)
        session.handle(parse_event(raw))
    except ProtocolError as error:
        outbox.refuse(error, event_id)
    except Exception as error:  # outermost loop of a session: the others and this one live on
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        line = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else "unknown"
        # Without the message: it may hold spoken text.
        logger.error("event failed session=%s error=%s at=%s", session.state.id, type(error).__name__, line)
        outbox.refuse(_BROKEN, event_id)


async def _cancel(*tasks: asyncio.Task[None] | None) -> None:
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _storm(session: RealtimeSession, outbox: Outbox) -> None:
    """Let the session hear speech begin again and again, once it has begun to answer."""
    await outbox.has_answered.wait()
    for _ in range(round(STORM_S / STORM_EVERY_S)):
        for edge in (Edge.STARTED, Edge.STOPPED):
            session.storm(edge)
            await asyncio.sleep(STORM_EVERY_S / 2)


async def _expire(connection: ServerConnection, outbox: Outbox, sender: asyncio.Task[None], *, grace_s: float) -> None:
    await _cancel(sender)
    outbox.refuse(_EXPIRED, None)
    try:
        async with asyncio.timeout(grace_s):
            await outbox.flush()
    except ConnectionClosed:
        return
    except TimeoutError:
        connection.transport.abort()  # it reads nothing: a closing handshake would wait as long
        return
    await connection.close(_GOING_AWAY, "session_expired")


def _asked_model(request: Request | None) -> str:
    """Read the model from the address, as in `/v1/realtime?model=rehearsal:echo`."""
    return parse_qs(urlsplit(request.path if request else "").query).get("model", [DEFAULT_MODEL])[0][:100]


def _select_subprotocol(_connection: ServerConnection, offered: object) -> Subprotocol | None:
    # Browsers can only authenticate by subprotocol and must see one of theirs again.
    return Subprotocol("realtime") if isinstance(offered, list | tuple) and "realtime" in offered else None


def _json_response(status: HTTPStatus, body: Json) -> Response:
    content = json.dumps(body).encode()
    headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(content)), "Connection": "close"})
    return Response(status.value, status.phrase, headers, content)


def _model_json() -> Json:
    return {"id": DEFAULT_MODEL, "object": "model", "created": 1_756_339_200, "owned_by": "rehearsal"}


_WRONG_KEY = ProtocolError("Incorrect API key provided.", code="invalid_api_key")
_UNKNOWN_PATH = ProtocolError("Unknown path; the Realtime API is at /v1/realtime.", code="unknown_url")
_UNKNOWN_FAULT = ProtocolError(
    f"Unknown fault; it can be one of {', '.join(Fault)}.", code="invalid_value", param="model"
)
_TOO_MANY_SESSIONS = ProtocolError(
    "Too many sessions at once; try again when one has ended.", code="too_many_sessions", kind="rate_limit_error"
)
_EXPIRED = ProtocolError("Your session hit its maximum duration.", code="session_expired")
_BROKEN = ProtocolError(
    "The server had an error while processing your event.", code="server_error", kind="server_error"
)
