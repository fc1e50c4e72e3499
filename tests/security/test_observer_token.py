"""What a listener's token lets its holder do in a real room, and for how long."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from livekit import api, rtc
from pytest_django import Settings

from dispatchsim.management.output import StackOutput
from dispatchsim.models import Conversation
from dispatchsim.services.observers import observer_token
from tests.api.calls import make_call
from tests.live.client import wait_until
from tests.live.stack import Stack

pytestmark = [pytest.mark.django_db, pytest.mark.live, pytest.mark.enable_socket]
LEEWAY_S = 60  # LiveKit forgives clocks that differ by this much
MAX_LIFE_S = 10 * 60
JOIN_LIMIT_S = 15.0


@dataclass(frozen=True)
class Media:
    """A LiveKit server with two rooms."""

    url: str
    secret: str
    here: str
    elsewhere: str

    def run(self, steps: Callable[[api.LiveKitAPI], Awaitable[Any]]) -> Any:
        """Run steps with the server's own API at hand."""

        async def with_api() -> Any:
            async with api.LiveKitAPI(self.url, "dispatchsim", self.secret) as livekit:
                return await steps(livekit)

        return asyncio.run(with_api())


@pytest.fixture(scope="module")
def media_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("media"))
    try:
        stack.start("media")
        yield stack
    finally:
        stack.close()


@pytest.fixture
def media(media_stack: Stack, settings: Settings) -> Media:
    settings.LIVEKIT_URL = media_stack.livekit_url
    settings.LIVEKIT_API_SECRET = secret = media_stack.environ["LIVEKIT_API_SECRET"]
    found = Media(media_stack.livekit_url, secret, str(uuid4()), str(uuid4()))
    wait_until(lambda: _has_rooms(found), bool, limit_s=30, what="LiveKit to make two rooms")
    return found


def _has_rooms(media: Media) -> bool:
    async def make(livekit: api.LiveKitAPI) -> bool:
        for name in (media.here, media.elsewhere):
            await livekit.room.create_room(api.CreateRoomRequest(name=name, empty_timeout=120, departure_timeout=120))
        return True

    with suppress(OSError, api.ServerError):
        return bool(media.run(make))
    return False


@pytest.fixture
def token(media: Media) -> str:
    return token_for(media, "vera")


def token_for(media: Media, name: str) -> str:
    return observer_token(conversation=make_call(pk=media.here), observer=name).token


def claims_of(media: Media, token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, media.secret, algorithms=["HS256"])
    return claims


def signed(media: Media, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, media.secret, algorithm="HS256")


def visible_token(media: Media, room: str) -> str:
    """Sign what an agent would come with."""
    grants = api.VideoGrants(room_join=True, room=room)
    return api.AccessToken("dispatchsim", media.secret).with_identity("Driver").with_grants(grants).to_jwt()


async def enter(url: str, token: str) -> rtc.Room:
    room = rtc.Room()
    await asyncio.wait_for(room.connect(url, token), JOIN_LIMIT_S)
    return room


def test_it_names_one_room_and_lives_for_minutes(media: Media, token: str) -> None:
    claims = claims_of(media, token)

    assert 0 < claims["exp"] - claims["nbf"] <= MAX_LIFE_S
    assert claims["video"] == {
        "roomJoin": True,
        "room": media.here,
        "canSubscribe": True,
        "canPublish": False,
        "canPublishData": False,
        "hidden": True,
    }


def test_its_holder_comes_into_the_room_of_the_call_and_no_other(media: Media, token: str) -> None:
    async def join(livekit: api.LiveKitAPI) -> list[list[str]]:
        room = await enter(media.url, token)
        try:
            asked = [await livekit.room.list_participants(api.ListParticipantsRequest(room=name)) for name in rooms]
            return [[one.identity for one in answer.participants] for answer in asked]
        finally:
            await room.disconnect()

    rooms = (media.here, media.elsewhere)
    here, elsewhere = media.run(join)

    assert (len(here), elsewhere) == (1, [])
    assert here[0].startswith("observer-vera-")


def test_a_token_that_was_changed_to_another_room_is_refused(media: Media, token: str) -> None:
    claims = claims_of(media, token)
    claims["video"]["room"] = media.elsewhere
    header_and_body = jwt.encode(claims, "x" * 40, algorithm="HS256").rsplit(".", 1)[0]

    with pytest.raises(rtc.ConnectError):
        asyncio.run(enter(media.url, f"{header_and_body}.{token.rsplit('.', 1)[1]}"))


def test_it_is_no_key_to_the_server(media: Media, token: str) -> None:
    async def try_all(_livekit: api.LiveKitAPI) -> list[str]:
        refused = []
        async with api.LiveKitAPI(media.url, token=token) as own:
            tries = {
                "list rooms": own.room.list_rooms(api.ListRoomsRequest()),
                "list people": own.room.list_participants(api.ListParticipantsRequest(room=media.here)),
                "delete": own.room.delete_room(api.DeleteRoomRequest(room=media.here)),
                "say": own.room.send_data(api.SendDataRequest(room=media.here, data=b"x")),
                "tell": own.room.update_room_metadata(api.UpdateRoomMetadataRequest(room=media.here, metadata="x")),
                "call agents": own.agent_dispatch.create_dispatch(
                    api.CreateAgentDispatchRequest(agent_name="driver", room=media.here)
                ),
            }
            for name, trial in tries.items():
                with suppress(api.ServerError):
                    await trial
                    continue
                refused.append(name)
        return refused

    assert media.run(try_all) == ["list rooms", "list people", "delete", "say", "tell", "call agents"]


def test_its_holder_cannot_be_heard(media: Media, token: str) -> None:
    async def publish(_livekit: api.LiveKitAPI) -> None:
        room = await enter(media.url, token)
        try:
            track = rtc.LocalAudioTrack.create_audio_track("voice", rtc.AudioSource(48_000, 1))
            await asyncio.wait_for(room.local_participant.publish_track(track), JOIN_LIMIT_S)
        finally:
            await room.disconnect()

    with pytest.raises((rtc.participant.PublishTrackError, TimeoutError)):
        media.run(publish)


def test_its_holder_reaches_nobody_by_data_and_is_not_seen(media: Media) -> None:
    tokens = [token_for(media, "vera"), observer_token_again(media, "otto")]

    async def look(_livekit: api.LiveKitAPI) -> tuple[list[bytes], list[set[str]]]:
        agent = await enter(media.url, visible_token(media, media.here))
        received = list[bytes]()
        agent.on("data_received", lambda packet: received.append(packet.data))
        observers = [await enter(media.url, token) for token in tokens]
        rooms = (agent, *observers)
        try:
            for observer in observers:
                with suppress(rtc.participant.PublishDataError):
                    await observer.local_participant.publish_data(b"speak up", reliable=True)
            other = await enter(media.url, _last_word(media))
            await asyncio.wait_for(other.local_participant.publish_data(b"last", reliable=True), JOIN_LIMIT_S)
            async with asyncio.timeout(JOIN_LIMIT_S):
                while b"last" not in received or not all("Dispatcher" in room.remote_participants for room in rooms):
                    await asyncio.sleep(0.05)
            seen = [set(room.remote_participants) for room in rooms]
            await other.disconnect()
            return [*received], [{one.partition("-")[0] for one in names} for names in seen]
        finally:
            for room in rooms:
                await room.disconnect()

    received, seen = media.run(look)

    assert received == [b"last"]
    assert seen == [{"Dispatcher"}, {"Dispatcher", "Driver"}, {"Dispatcher", "Driver"}]


def observer_token_again(media: Media, name: str) -> str:
    return observer_token(conversation=Conversation.objects.get(pk=media.here), observer=name).token


def _last_word(media: Media) -> str:
    """Sign the token of somebody who may speak after the observers, so that nothing has to be waited for."""
    grants = api.VideoGrants(room_join=True, room=media.here)
    return api.AccessToken("dispatchsim", media.secret).with_identity("Dispatcher").with_grants(grants).to_jwt()


def test_nobody_comes_back_with_it_after_its_minutes(media: Media, token: str) -> None:
    claims = claims_of(media, token)
    age_s = claims["exp"] - claims["nbf"] + LEEWAY_S + 5
    aged = signed(media, claims | {"nbf": claims["nbf"] - age_s, "exp": claims["exp"] - age_s})

    with pytest.raises(rtc.ConnectError):
        asyncio.run(enter(media.url, aged))


def test_it_does_not_bring_a_room_back_that_is_over(media: Media, token: str) -> None:
    async def end(livekit: api.LiveKitAPI) -> None:
        await livekit.room.delete_room(api.DeleteRoomRequest(room=media.here))
        await enter(media.url, token)

    with pytest.raises((rtc.ConnectError, TimeoutError)):
        media.run(end)


def test_no_log_keeps_a_token_that_the_media_server_took_or_refused(
    media: Media, media_stack: Stack, token: str, tmp_path: Path
) -> None:
    claims = claims_of(media, token)
    refused = [signed(media, claims | {"exp": claims["exp"] - 3600}), jwt.encode(claims, "x" * 40)]
    for one in (token, *refused):
        with suppress(rtc.ConnectError):
            asyncio.run(_enter_and_leave(media.url, one))

    written = media_stack.log("media")
    kept = keep_as_the_product_does(written, tmp_path)

    assert "invalid token" in kept
    assert [one for one in (token, media.secret, "access_token=") if one in written] == []
    assert [one for one in refused if one in kept] == []


def keep_as_the_product_does(written: str, folder: Path) -> str:
    """Give what `manage.py up` makes of a part's lines, on the terminal and in its log file."""
    terminal = StringIO()
    output = StackOutput(folder, ("media",), terminal)
    for line in written.splitlines():
        output.say("media", line)
    output.close()
    return terminal.getvalue() + (folder / "media.log").read_text(encoding="utf-8")


async def _enter_and_leave(url: str, token: str) -> None:
    await (await enter(url, token)).disconnect()
