"""A tone through LiveKit and back: signalling, UDP and sound in one go, in a room that is thrown away."""

import asyncio
import math
import secrets
import time
from array import array
from datetime import timedelta

from django.conf import settings
from livekit import api, rtc

from dispatchsim.domain.errors import UnavailableError
from dispatchsim.gateways.livekit import rooms

RATE_HZ, FRAME_SAMPLES = 48_000, 480
TONE_HZ, AMPLITUDE = 440, 8000
LOUD = 500  # of 32767: far above comfort noise, far below the tone
LIMIT_S = 10.0
ROOM_LIFE_S = 30
TOKEN_LIFE = timedelta(minutes=1)


class LineError(Exception):
    """No sound came through; the text says how far it got."""


def try_line() -> float:
    """Send a tone from one participant to another; return seconds from the first sample to its arrival.

    Raises LineError, or UnavailableError when LiveKit's API does not answer.
    """
    room = f"doctor-{secrets.token_hex(8)}"
    rooms().create_room(name=room, metadata="", timeout_s=ROOM_LIFE_S)
    try:
        return asyncio.run(_send_and_hear(room))
    finally:
        _forget(room)


async def _send_and_hear(room: str) -> float:
    speaker, listener = rtc.Room(), rtc.Room()
    heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    ears: list[asyncio.Task[None]] = []
    listener.on("track_subscribed", lambda track, *_: ears.append(asyncio.create_task(_listen(track, heard))))
    try:
        await _join(listener, room, "doctor-listener")
        await _join(speaker, room, "doctor-speaker")
        source = rtc.AudioSource(RATE_HZ, 1)
        track = rtc.LocalAudioTrack.create_audio_track("tone", source)
        await speaker.local_participant.publish_track(track)
        await _until_subscribed(ears)
        return await _hum(source, heard)
    finally:
        for ear in ears:
            ear.cancel()
        await asyncio.gather(*ears, return_exceptions=True)
        await asyncio.gather(speaker.disconnect(), listener.disconnect())


async def _join(room: rtc.Room, name: str, identity: str) -> None:
    grants = api.VideoGrants(room_join=True, room=name)
    token = api.AccessToken(settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET)
    jwt = token.with_identity(identity).with_ttl(TOKEN_LIFE).with_grants(grants).to_jwt()
    try:
        # Returns once the peer connection stands: that is where a closed UDP port shows.
        await asyncio.wait_for(room.connect(settings.LIVEKIT_URL, jwt), LIMIT_S)
    except (rtc.ConnectError, TimeoutError) as error:
        raise LineError(f"a participant could not connect ({error or 'timed out'})") from error


async def _until_subscribed(ears: list[asyncio.Task[None]]) -> None:
    limit = time.monotonic() + LIMIT_S
    while not ears:
        if time.monotonic() > limit:
            raise LineError("the listener was never given the speaker's track")
        await asyncio.sleep(0.02)


async def _hum(source: rtc.AudioSource, heard: asyncio.Future[float]) -> float:
    started = time.monotonic()
    frame = 0
    while not heard.done():
        if time.monotonic() - started > LIMIT_S:
            raise LineError("both connected, but no sound arrived")
        await source.capture_frame(_tone(frame))
        frame += 1
    return heard.result() - started


async def _listen(track: rtc.Track, heard: asyncio.Future[float]) -> None:
    stream = rtc.AudioStream(track, sample_rate=RATE_HZ, num_channels=1)
    try:
        async for event in stream:
            if max(event.frame.data, default=0) > LOUD:
                heard.set_result(time.monotonic())
                return
    finally:
        await stream.aclose()


def _tone(number: int) -> rtc.AudioFrame:
    start = number * FRAME_SAMPLES
    wave = (math.sin(2 * math.pi * TONE_HZ * (start + n) / RATE_HZ) for n in range(FRAME_SAMPLES))
    samples = array("h", (round(AMPLITUDE * value) for value in wave))
    return rtc.AudioFrame(samples.tobytes(), RATE_HZ, 1, FRAME_SAMPLES)


def _forget(room: str) -> None:
    try:
        rooms().delete_room(name=room)
    except UnavailableError:
        return  # it closes by itself
