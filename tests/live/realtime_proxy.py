"""A WebSocket proxy between agents and the voice model that writes down every event, both ways."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

MAX_FRAME_BYTES = 16 * 1024 * 1024
Change = Callable[[str, str], str]  # ("client" | "server", JSON text) to the text that is passed on


@dataclass
class RecordedSession:
    """One Realtime session: frames in the order in which the proxy saw them."""

    frames: list[tuple[str, str]] = field(default_factory=list)  # ("client" | "server", JSON text)
    is_over: bool = False  # both sides have closed it


@dataclass
class RealtimeProxy:
    """Where agents connect to, and what passed."""

    url: str
    sessions: list[RecordedSession]


def unchanged(_side: str, text: str) -> str:
    """Pass everything on as it came."""
    return text


@contextmanager
def realtime_proxy(upstream_url: str, change: Change = unchanged) -> Iterator[RealtimeProxy]:
    """Run the proxy on a free loopback port in a thread. `upstream_url` is an http base URL."""
    sessions: list[RecordedSession] = []
    started: threading.Event = threading.Event()
    ports: list[int] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        async with _serving(upstream_url, sessions, change) as port:
            ports.append(port)
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), name="realtime-proxy")
    thread.start()
    try:
        assert started.wait(timeout=10), "the proxy did not start"
        yield RealtimeProxy(url=f"http://127.0.0.1:{ports[0]}/v1", sessions=sessions)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=10)
        loop.close()


@asynccontextmanager
async def _serving(upstream_url: str, sessions: list[RecordedSession], change: Change) -> AsyncIterator[int]:
    root = upstream_url.replace("http://", "ws://").removesuffix("/v1")

    async def handle(downstream: ServerConnection) -> None:
        assert downstream.request is not None
        recorded = RecordedSession()
        sessions.append(recorded)
        key = downstream.request.headers.get("Authorization", "")
        address = root + downstream.request.path
        async with (
            connect(address, additional_headers={"Authorization": key}, max_size=MAX_FRAME_BYTES) as upstream,
            asyncio.TaskGroup() as pumps,
        ):
            pumps.create_task(_pump("client", downstream, upstream, recorded, change))
            pumps.create_task(_pump("server", upstream, downstream, recorded, change))
        recorded.is_over = True

    async with serve(handle, "127.0.0.1", 0, max_size=MAX_FRAME_BYTES) as server:
        yield next(iter(server.sockets)).getsockname()[1]


async def _pump(
    side: str,
    source: ServerConnection | ClientConnection,
    sink: ServerConnection | ClientConnection,
    recorded: RecordedSession,
    change: Change,
) -> None:
    async for frame in source:
        text = change(side, _text(frame))
        recorded.frames.append((side, text))
        await sink.send(text)
    await sink.close()


def _text(frame: str | bytes) -> str:
    return frame if isinstance(frame, str) else frame.decode()
