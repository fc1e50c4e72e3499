"""One call as a page follows it: the room's sound and the socket's frames, each with the time it came."""

import asyncio
import json
import sqlite3
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from livekit import api as livekit_api
from websockets.asyncio.client import connect

from tests.bench.speech import first_sound
from tests.live.room_observer import RoomObserver
from tests.live.stack import Stack

LAUNCH_LIMIT_S = 45.0
CALL_LIMIT_S = 240.0
IDENTITIES = ("Dispatcher", "Driver")


@dataclass
class FollowedCall:
    """What was measured of one call; times are epoch seconds."""

    stack: Stack
    launched_at: float
    conversation_id: str
    token: str
    created_at: float
    observer: RoomObserver = field(default_factory=RoomObserver)
    frames: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    joined_at: dict[str, float] = field(default_factory=dict)
    subscribed_at: float | None = None
    is_over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def first_sound_at(self) -> float | None:
        """When the first word was heard."""
        return first_sound(self.observer.sides)

    def milestones(self) -> dict[str, float]:
        """Seconds from the launch to each step that is known."""
        times: dict[str, float | None] = {"API answered": self.created_at}
        times |= {"both joined": max(self.joined_at.values(), default=None)}
        times |= {
            "observer hears both": self.subscribed_at,
            **self._from_rows(),
            "first word heard": self.first_sound_at,
        }
        return {name: at - self.launched_at for name, at in times.items() if at is not None}

    def _from_rows(self) -> dict[str, float | None]:
        with closing(sqlite3.connect(self.stack.directory / "data" / "db.sqlite3")) as database:
            row = database.execute(
                "select agents_ready_at, floor_opened_at from dispatchsim_conversation where id = ?",
                [self.conversation_id.replace("-", "")],
            ).fetchone()
            start_s = database.execute(
                "select start_s from dispatchsim_turn where seq = 1 and conversation_id = ?",
                [self.conversation_id.replace("-", "")],
            ).fetchone()
        ready, opened = (_epoch(value) for value in row)
        return {
            "both ready": ready,
            "line open": opened,
            "first sound sent": opened + start_s[0] if opened and start_s else None,
        }


async def launch(stack: Stack, scenario: str) -> FollowedCall:
    """Launch a call, follow it as a page does, and return once its first word was heard."""
    launched_at = time.time()
    created = await asyncio.to_thread(stack.api.post, "conversations/create", {"scenario": scenario})
    call = FollowedCall(stack, launched_at, created["conversation_id"], created["token"], time.time())
    following = asyncio.create_task(_follow(call))
    await call.observer.join(created["livekit_url"], call.token)
    limit = time.monotonic() + LAUNCH_LIMIT_S
    while call.first_sound_at is None and time.monotonic() < limit and not following.done():
        await asyncio.sleep(0.02)
    call.joined_at = await _joined_at(stack, call.conversation_id)
    return call


async def finish(call: FollowedCall) -> None:
    """Follow the call to its own end."""
    with suppress(TimeoutError):
        await asyncio.wait_for(call.is_over.wait(), CALL_LIMIT_S)
    await call.observer.leave()


async def end(call: FollowedCall) -> None:
    """End the call now."""
    await asyncio.to_thread(call.stack.api.post, f"conversations/{call.conversation_id}/end")
    await finish(call)


async def _follow(call: FollowedCall) -> None:
    address = f"{call.stack.web_url.replace('http', 'ws')}/ws/conversations/{call.conversation_id}/"
    token = {"Authorization": f"Bearer {call.stack.environ['DISPATCHSIM_API_TOKEN']}"}
    async with connect(address, additional_headers=token) as socket:
        telling = asyncio.create_task(_tell_subscribed(call, socket))
        async for text in socket:
            frame = json.loads(text)
            call.frames.append((time.time(), frame))
            if frame["type"] == "status" and frame["status"] in ("ended", "failed"):
                break
        telling.cancel()
    call.is_over.set()


async def _tell_subscribed(call: FollowedCall, socket: Any) -> None:
    """Say that both sides are heard, as the page does, and later that somebody is here."""
    while not all(side.blocks for side in call.observer.sides.values()):
        await asyncio.sleep(0.01)
    call.subscribed_at = time.time()
    await socket.send(json.dumps({"type": "subscribed"}))
    while True:
        await asyncio.sleep(20)
        await socket.send(json.dumps({"type": "here"}))


async def _joined_at(stack: Stack, room: str) -> dict[str, float]:
    async with livekit_api.LiveKitAPI(stack.livekit_url, "dispatchsim", stack.environ["LIVEKIT_API_SECRET"]) as livekit:
        answer = await livekit.room.list_participants(livekit_api.ListParticipantsRequest(room=room))
    return {who.identity: who.joined_at_ms / 1000 for who in answer.participants if who.identity in IDENTITIES}


def _epoch(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00").timestamp()
