"""An observer in the room without a browser: counts joins and keeps each side's sound."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from livekit import rtc
from numpy.typing import NDArray

from tests.live.energy import EnergySample

SAMPLE_RATE_HZ = 24_000
BLOCK_MS = 50  # a fifth of the work that blocks of 10 ms make


@dataclass
class HeardSide:
    """Sound of one participant: PCM16 mono blocks with the time each arrived, in epoch seconds."""

    blocks: list[tuple[float, NDArray[np.int16]]] = field(default_factory=list)

    def energy(self) -> list[EnergySample]:
        """Cumulated energy (full scale is 1) at each block's end."""
        total, samples = 0.0, []
        for at, block in self.blocks:
            wave = block.astype(np.float64) / 32768
            total += float(np.sum(wave * wave)) / SAMPLE_RATE_HZ
            samples.append(EnergySample(at, total))
        return samples

    def between(self, start: float, end: float) -> NDArray[np.int16]:
        """Return what arrived from `start` to `end`."""
        chosen = [block for at, block in self.blocks if start <= at <= end]
        return np.concatenate(chosen) if chosen else np.zeros(0, dtype=np.int16)


class RoomObserver:
    """Joins a room with an observer token and listens until it is closed."""

    def __init__(self) -> None:
        self.sides: dict[str, HeardSide] = {"Dispatcher": HeardSide(), "Driver": HeardSide()}
        self.joins: Counter[str] = Counter()
        self.closed = asyncio.Event()
        self._room = rtc.Room()
        self._tasks: set[asyncio.Task[None]] = set()
        self._room.on("participant_connected", self._on_joined)
        self._room.on("track_subscribed", self._on_track)
        self._room.on("disconnected", lambda *_: self.closed.set())

    async def join(self, url: str, token: str) -> None:
        """Enter the room; who is there already counts as joined once."""
        await self._room.connect(url, token)
        for participant in self._room.remote_participants.values():
            self._on_joined(participant)

    async def leave(self) -> None:
        """Leave and stop listening."""
        await self._room.disconnect()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_joined(self, participant: rtc.RemoteParticipant) -> None:
        self.joins[participant.identity] += 1

    def _on_track(
        self, track: rtc.Track, _publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            task = asyncio.create_task(self._listen(track, self.sides[participant.identity]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _listen(self, track: rtc.Track, side: HeardSide) -> None:
        stream = rtc.AudioStream(track, sample_rate=SAMPLE_RATE_HZ, num_channels=1, frame_size_ms=BLOCK_MS)
        try:
            async for event in stream:
                side.blocks.append((time.time(), np.frombuffer(event.frame.data, dtype=np.int16).copy()))
        finally:
            await stream.aclose()
