"""One agent with a real session against a real rehearsal server: no room, and a fast loudspeaker and microphone."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from livekit import rtc
from livekit.agents import AgentSession, RunContext
from livekit.agents.voice.io import (
    AudioInput,
    AudioOutput,
    AudioOutputCapabilities,
    PlaybackFinishedEvent,
    PlaybackProgressedEvent,
    PlaybackStartedEvent,
)
from livekit.plugins.openai.realtime import RealtimeModel

from agents.config import VoiceEndpoint
from agents.outbox import BuildEvent
from agents.talking import TalkingAgent, bounded, build_session, listen_to_loudspeaker
from agents.turn_recorder import TurnRecorder
from agents.voice_watch import Trouble
from agents.wire import Wire
from dispatchsim.domain.brief import ConversationBrief
from dispatchsim.domain.conversation import AgentState
from dispatchsim.domain.events import AgentStateChanged, PeerTranscribed, TurnFinished
from rehearsal.faults import Fault
from tests.agents.briefs import build_brief, build_voice
from tests.agents.fakes import FakeSink
from tests.rehearsal.wire import DISPATCHER, KEY, Running, running_server, silence, speech

SPEEDUP = 20.0  # of the loudspeaker over real time
CHUNK_BYTES = 4800
WAIT_S = 10.0


class FakeLoudspeaker(AudioOutput):
    """Plays much faster than anybody talks."""

    def __init__(self) -> None:
        super().__init__(label="fake", capabilities=AudioOutputCapabilities(pause=False), sample_rate=24_000)
        self.played = b""
        self._pushed_s = 0.0
        self._end: asyncio.TimerHandle | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if not self._pushed_s:
            self.on_playback_started(created_at=time.time())
        self._pushed_s += frame.duration
        self.played += bytes(frame.data)

    def flush(self) -> None:
        super().flush()
        if self._pushed_s:
            self._end = asyncio.get_running_loop().call_later(self._pushed_s / SPEEDUP, self._finish, False)

    def clear_buffer(self) -> None:
        if self._pushed_s:
            self._finish(True)

    def _finish(self, interrupted: bool) -> None:
        if self._end is not None:
            self._end.cancel()
        position, self._pushed_s, self._end = self._pushed_s, 0.0, None
        self.on_playback_finished(playback_position=position, interrupted=interrupted)


class FakeMicrophone(AudioInput):
    """Hears what a test says, ten times as fast as it is said: what is sent meanwhile still meets it."""

    def __init__(self) -> None:
        super().__init__(label="fake")
        self._frames: asyncio.Queue[rtc.AudioFrame] = asyncio.Queue()

    def hear(self, pcm: bytes) -> None:
        for start in range(0, len(pcm), CHUNK_BYTES):
            chunk = pcm[start : start + CHUNK_BYTES]
            self._frames.put_nowait(rtc.AudioFrame(chunk, 24_000, 1, len(chunk) // 2))

    async def __anext__(self) -> rtc.AudioFrame:
        frame = await self._frames.get()
        await asyncio.sleep(frame.duration / 10)
        return frame


@dataclass
class LoneAgent:
    """What became of one agent."""

    brief: ConversationBrief
    sink: FakeSink = field(default_factory=FakeSink)
    fatal: list[Trouble] = field(default_factory=list)
    failed_answers: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    loudspeaker: FakeLoudspeaker = field(default_factory=FakeLoudspeaker)
    microphone: FakeMicrophone = field(default_factory=FakeMicrophone)

    def __post_init__(self) -> None:
        self.recorder = TurnRecorder(self, turn_prefix=self.brief.role.value)
        self.wire = Wire(
            self, self.recorder, settings=self.brief.voice, now=time.time,
            on_fatal=self._on_fatal, on_answer_failed=self._on_answer_failed,
        )  # fmt: skip

    def add(self, build: BuildEvent) -> None:
        """Take an event."""
        self.sink.add(build)
        self.changed.set()

    def _on_fatal(self, trouble: Trouble) -> None:
        self.fatal.append(trouble)
        self.changed.set()

    def _on_answer_failed(self) -> None:
        self.failed_answers += 1
        self.changed.set()

    def on_playback_started(self, event: PlaybackStartedEvent) -> None:
        self.recorder.on_playback_started(event.created_at)

    def on_playback_progressed(self, event: PlaybackProgressedEvent) -> None:
        ended_at = event.started_at + event.duration
        self.recorder.on_playback_progressed(event.offset + event.duration, time.time(), ended_at=ended_at)

    def on_playback_finished(self, event: PlaybackFinishedEvent) -> None:
        self.recorder.on_playback_finished(event.playback_position, time.time(), interrupted=event.interrupted)

    async def tick(self) -> None:
        """Look after the wire as a call does."""
        while True:
            self.wire.on_tick(time.time())
            await asyncio.sleep(0.05)

    def hear(self, text: str) -> None:
        """Let the other side say something, with the silence that ends a turn."""
        self.microphone.hear(speech(text) + silence(300))

    @property
    def turns(self) -> list[str]:
        return [turn.text for turn in self.sink.of(TurnFinished)]

    @property
    def heard(self) -> list[str | None]:
        return [event.text for event in self.sink.of(PeerTranscribed)]

    @property
    def state(self) -> AgentState:
        return self.sink.of(AgentStateChanged)[-1].state

    async def until_turns(self, count: int) -> list[str]:
        await self.until(lambda: len(self.turns) >= count)
        return self.turns

    async def until_heard(self, count: int) -> list[str | None]:
        await self.until(lambda: len(self.heard) >= count)
        return self.heard

    async def until_fatal(self) -> Trouble:
        await self.until(lambda: bool(self.fatal))
        return self.fatal[0]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for what is reported."""
        async with asyncio.timeout(WAIT_S):
            while not is_so():
                self.changed.clear()
                await self.changed.wait()


@contextmanager
def server_in_a_thread() -> Iterator[Running]:
    """Run one rehearsal server for many tests, each of which has a loop of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = running_server()
    try:
        yield asyncio.run_coroutine_threadsafe(running.__aenter__(), loop).result(WAIT_S)
    finally:
        asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), loop).result(WAIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@asynccontextmanager
async def talking(
    server: Running, fault: Fault | None = None, *, instructions: str = DISPATCHER
) -> AsyncIterator[tuple[LoneAgent, AgentSession[None]]]:
    """Run a dispatcher whose voice model has a fault."""
    model = "rehearsal" if fault is None else f"rehearsal:{fault.value}"
    voice = build_voice(model=model, transcription_model="whisper-1")
    agent = LoneAgent(build_brief(instructions=DISPATCHER, voice=voice))
    session = build_session(agent.brief, VoiceEndpoint(f"{server.http_url}/v1", KEY), agent.wire)
    session.input.audio, session.output.audio = agent.microphone, agent.loudspeaker
    await session.start(TalkingAgent(instructions, _hang_up), session_host=False, record=False)
    listen_to_loudspeaker(session, agent)
    ticking = asyncio.create_task(agent.tick())
    try:
        yield agent, session
    finally:
        ticking.cancel()
        await bounded(session.aclose(), WAIT_S)
        llm = session.llm
        assert isinstance(llm, RealtimeModel)
        await llm.aclose()


def _hang_up(_: RunContext[None]) -> None:
    return None
