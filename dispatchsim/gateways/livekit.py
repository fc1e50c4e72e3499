"""LiveKit's server API: rooms, participants, agent dispatches, access tokens."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

import aiohttp
from django.conf import settings
from livekit import api

from dispatchsim.domain.errors import UnavailableError

TIMEOUT_S = 3.0  # LiveKit answers in milliseconds; a person waits for a launch
OBSERVER_TOKEN_LIFE = timedelta(minutes=5)  # counts for joining; LiveKit itself renews it while connected

T = TypeVar("T")


@dataclass(frozen=True)
class Room:
    """A room that is open just now."""

    name: str
    metadata: str


@dataclass(frozen=True)
class Participant:
    """One participant of a room as ListParticipants tells it."""

    identity: str
    is_agent: bool
    is_hidden: bool


@dataclass(frozen=True)
class Dispatch:
    """A request for one agent; `has_job` once an agent server has taken it and not given up."""

    id: str
    agent_name: str
    has_job: bool


class Rooms(Protocol):
    """What is asked of LiveKit. Every method raises UnavailableError when LiveKit does not answer."""

    def create_room(self, *, name: str, metadata: str, timeout_s: int) -> None:
        """Make a room that stays for `timeout_s` even if LiveKit counts it as empty."""

    def delete_room(self, *, name: str) -> None:
        """Close a room and put everybody out; a missing room is fine."""

    def list_rooms(self) -> list[Room]:
        """List all open rooms."""

    def set_metadata(self, *, name: str, metadata: str) -> None:
        """Tell everybody in a room; a missing room is fine."""

    def list_participants(self, *, name: str) -> list[Participant]:
        """List who is in a room; empty when there is no such room."""

    def create_dispatch(self, *, name: str, agent_name: str, metadata: str) -> None:
        """Ask for one agent to join a room."""

    def list_dispatches(self, *, name: str) -> list[Dispatch]:
        """List the requests for agents of a room; empty when there is no such room."""

    def delete_dispatch(self, *, name: str, dispatch_id: str) -> None:
        """Take back a request; a missing one is fine."""


class LiveKitRooms:
    """The real server."""

    def create_room(self, *, name: str, metadata: str, timeout_s: int) -> None:
        """Make a room with explicit timeouts: a room with agents alone counts as empty."""
        request = api.CreateRoomRequest(
            name=name, metadata=metadata, empty_timeout=timeout_s, departure_timeout=timeout_s
        )
        _call(lambda livekit: livekit.room.create_room(request))

    def delete_room(self, *, name: str) -> None:
        """Close a room; a missing one is fine."""
        _call_or_none(lambda livekit: livekit.room.delete_room(api.DeleteRoomRequest(room=name)))

    def list_rooms(self) -> list[Room]:
        """List all open rooms."""
        answer = _call(lambda livekit: livekit.room.list_rooms(api.ListRoomsRequest()))
        return [Room(name=room.name, metadata=room.metadata) for room in answer.rooms]

    def set_metadata(self, *, name: str, metadata: str) -> None:
        """Tell everybody in a room."""
        request = api.UpdateRoomMetadataRequest(room=name, metadata=metadata)
        _call_or_none(lambda livekit: livekit.room.update_room_metadata(request))

    def list_participants(self, *, name: str) -> list[Participant]:
        """List who is in a room."""
        answer = _call_or_none(lambda livekit: livekit.room.list_participants(api.ListParticipantsRequest(room=name)))
        return [] if answer is None else [_build_participant(info) for info in answer.participants]

    def create_dispatch(self, *, name: str, agent_name: str, metadata: str) -> None:
        """Ask for one agent to join a room."""
        request = api.CreateAgentDispatchRequest(agent_name=agent_name, room=name, metadata=metadata)
        _call(lambda livekit: livekit.agent_dispatch.create_dispatch(request))

    def list_dispatches(self, *, name: str) -> list[Dispatch]:
        """List the requests for agents of a room."""
        answer = _call_or_none(lambda livekit: livekit.agent_dispatch.list_dispatch(name))
        return [_build_dispatch(dispatch) for dispatch in answer or []]

    def delete_dispatch(self, *, name: str, dispatch_id: str) -> None:
        """Take back a request."""
        _call_or_none(lambda livekit: livekit.agent_dispatch.delete_dispatch(dispatch_id, name))


_rooms: Rooms = LiveKitRooms()


def rooms() -> Rooms:
    """Give the rooms in use: LiveKit's, or a test's."""
    return _rooms


@contextmanager
def use_rooms(fake: Rooms) -> Iterator[None]:
    """Put other rooms in place of LiveKit's for a while."""
    global _rooms  # noqa: PLW0603
    before, _rooms = _rooms, fake
    try:
        yield
    finally:
        _rooms = before


def list_participants(room: str) -> list[Participant]:
    """List who is in a room; empty when there is no such room. Raises UnavailableError."""
    return rooms().list_participants(name=room)


def build_observer_token(*, room: str, identity: str, name: str) -> str:
    """Sign a token for one room: hidden, subscribe-only, minutes."""
    grants = api.VideoGrants(
        room_join=True, room=room, can_subscribe=True, can_publish=False, can_publish_data=False, hidden=True
    )
    token = api.AccessToken(settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET)
    return token.with_identity(identity).with_name(name).with_ttl(OBSERVER_TOKEN_LIFE).with_grants(grants).to_jwt()


def _build_participant(info: api.ParticipantInfo) -> Participant:
    return Participant(
        identity=info.identity,
        is_agent=info.kind == api.ParticipantInfo.Kind.AGENT,
        is_hidden=info.permission.hidden,
    )


def _build_dispatch(dispatch: api.AgentDispatch) -> Dispatch:
    taken = (api.JobStatus.JS_PENDING, api.JobStatus.JS_RUNNING)
    has_job = any(job.state.status in taken for job in dispatch.state.jobs)
    return Dispatch(id=dispatch.id, agent_name=dispatch.agent_name, has_job=has_job)


def _call_or_none(request: Callable[[api.LiveKitAPI], Awaitable[T]]) -> T | None:
    try:
        return _call(request)
    except _MissingError:
        return None


def _call(request: Callable[[api.LiveKitAPI], Awaitable[T]]) -> T:
    # A loop of its own: on the server's, which stops first at the end, a request would never come back.
    return asyncio.run(_ask(request))


async def _ask(request: Callable[[api.LiveKitAPI], Awaitable[T]]) -> T:
    try:
        # failover=False: with it the client asks three times before it tells of a failure.
        async with api.LiveKitAPI(
            settings.LIVEKIT_URL,
            settings.LIVEKIT_API_KEY,
            settings.LIVEKIT_API_SECRET,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
            failover=False,
        ) as livekit:
            return await request(livekit)
    except api.ServerError as error:
        if error.code == api.ServerErrorCode.NOT_FOUND:
            raise _MissingError(_SILENT, part="livekit", hint=_HINT) from error
        raise UnavailableError(f"LiveKit refused a request: {error.code}.", part="livekit", hint=_HINT) from error
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise UnavailableError(_SILENT, part="livekit", hint=_HINT) from error


class _MissingError(UnavailableError):
    """The room or dispatch is not there."""


_SILENT = "The LiveKit server does not answer."
_HINT = "Check that LiveKit runs at LIVEKIT_URL and that LIVEKIT_API_KEY and LIVEKIT_API_SECRET are its own."
