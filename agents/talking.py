"""The SDK's session of one agent: how it is built, what it can do, how it is told to stop answering."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from livekit import rtc
from livekit.agents import NOT_GIVEN, Agent, AgentSession, CloseEvent, RunContext, function_tool
from livekit.agents.llm import RawFunctionTool
from livekit.agents.voice import SpeechHandle
from livekit.agents.voice.io import PlaybackFinishedEvent, PlaybackProgressedEvent, PlaybackStartedEvent
from livekit.agents.voice.room_io import AudioInputOptions, RoomOptions
from livekit.plugins.openai.realtime import RealtimeSession

from agents.config import VoiceEndpoint
from agents.phone_line import build_line
from agents.voice_model import ListenedRealtimeModel, VoiceListener, build_server_vad
from dispatchsim.domain.brief import ConversationBrief

MAX_TOOL_STEPS = 8  # hours, arrival, accept and a refusal or two before a word; past the limit the SDK says nothing

logger = logging.getLogger("agents.talking")


class TalkingAgent(Agent):
    """The agent of the SDK: its instructions and what it can do."""

    def __init__(
        self,
        instructions: str,
        on_end_call: Callable[[RunContext[None]], None],
        tools: Sequence[RawFunctionTool[Any, Any]] = (),
    ) -> None:
        super().__init__(instructions=instructions, tools=list(tools))
        self._on_end_call = on_end_call

    @function_tool
    async def end_call(self, context: RunContext[None]) -> None:
        """Hang up the phone. Call it once, after both sides have said goodbye."""
        # It returns at once: waiting for the own speech in here could be cancelled by the peer's
        # voice. Returning nothing asks for no further reply.
        self._on_end_call(context)


class PlaybackListener(Protocol):
    """Hears what the loudspeaker does."""

    def on_playback_started(self, event: PlaybackStartedEvent) -> None:
        """Take the start of an item's sound."""

    def on_playback_progressed(self, event: PlaybackProgressedEvent) -> None:
        """Take a stretch that has been played."""

    def on_playback_finished(self, event: PlaybackFinishedEvent) -> None:
        """Take the end of an item's sound."""


class Talker:
    """The session of one agent in its room; whatever is asked of it before there is one does nothing."""

    def __init__(self, brief: ConversationBrief, room: rtc.Room) -> None:
        self._brief = brief
        self._room = room
        self._session: AgentSession[None] | None = None

    @property
    def is_heard(self) -> bool:
        """Whether somebody in the room has subscribed to its voice."""
        subscribed = self._session.room_io.subscribed_fut if self._session is not None else None
        return subscribed is not None and subscribed.done()

    async def open(
        self,
        endpoint: VoiceEndpoint,
        listener: VoiceListener,
        playback: PlaybackListener,
        *,
        on_end_call: Callable[[RunContext[None]], None],
        on_closed: Callable[[CloseEvent], None],
        tools: Sequence[RawFunctionTool[Any, Any]] = (),
    ) -> None:
        """Open the session, deaf, and let both listeners follow it."""
        self._session = session = build_session(self._brief, endpoint, listener)
        session.on("close", on_closed)
        await start_session(session, self._brief, self._room, on_end_call=on_end_call, tools=tools)
        listen_to_loudspeaker(session, playback)

    def set_hearing(self, is_hearing: bool) -> None:
        """Let the session hear the peer, or make it deaf."""
        if self._session is not None:
            self._session.input.set_audio_enabled(is_hearing)

    def speak(self, note: str | None = None) -> SpeechHandle | None:
        """Ask for a turn, with a note for this turn alone; None where there is no session."""
        if self._session is None:
            return None
        return self._session.generate_reply(instructions=NOT_GIVEN if note is None else note)

    async def tell(self, note: str) -> None:
        """Put a note beside the prompt, for all that is said from now on."""
        if self._session is not None:
            await tell_beside_prompt(self._session, self._brief, note)

    def take_back_answer(self) -> None:
        """Leave the answer unsaid that the model has just begun to make."""
        if self._session is not None:
            logger.info("giving way")
            # The SDK makes the answer's speech after this event.
            asyncio.get_running_loop().call_soon(self._session.interrupt)

    def stop_answering(self) -> None:
        """Hear when the peer speaks, but take no turn any more."""
        if self._session is not None:
            stop_answering(self._session, self._brief)

    async def aclose(self) -> None:
        """Close the session; it raises once more what broke it."""
        if self._session is not None:
            await self._session.aclose()


def build_session(brief: ConversationBrief, endpoint: VoiceEndpoint, listener: VoiceListener) -> AgentSession[None]:
    """Build a session whose turns are detected by the Realtime model alone."""
    return AgentSession[None](
        llm=ListenedRealtimeModel(brief.voice, endpoint, listener, build_line(brief)),
        vad=None,
        turn_handling={
            "turn_detection": "realtime_llm",
            "interruption": {"resume_false_interruption": False},
            "preemptive_generation": {"enabled": False},
        },
        aec_warmup_duration=None,
        user_away_timeout=None,
        max_tool_steps=MAX_TOOL_STEPS,
    )


async def start_session(
    session: AgentSession[None],
    brief: ConversationBrief,
    room: rtc.Room,
    *,
    on_end_call: Callable[[RunContext[None]], None],
    tools: Sequence[RawFunctionTool[Any, Any]] = (),
) -> None:
    """Start the session in the room, deaf: nothing can be answered before the floor is open."""
    await session.start(
        TalkingAgent(brief.instructions, on_end_call, tools),
        room=room,
        room_options=_build_room_options(brief),
        session_host=False,
        record=False,
    )
    session.input.set_audio_enabled(False)


def listen_to_loudspeaker(session: AgentSession[None], listener: PlaybackListener) -> None:
    """Attach a listener to the audio output of a started session."""
    loudspeaker = session.output.audio
    if loudspeaker is None:
        raise RuntimeError("the session has no audio output")
    loudspeaker.on("playback_started", listener.on_playback_started)
    loudspeaker.on("playback_progressed", listener.on_playback_progressed)
    loudspeaker.on("playback_finished", listener.on_playback_finished)


def stop_answering(session: AgentSession[None], brief: ConversationBrief) -> None:
    """Let the session hear when the peer speaks, but take no turn of its own any more."""
    realtime_session = session.current_agent.realtime_llm_session
    if isinstance(realtime_session, RealtimeSession):
        realtime_session.update_options(turn_detection=build_server_vad(brief.voice.turn_detection, may_answer=False))


async def tell_beside_prompt(session: AgentSession[None], brief: ConversationBrief, note: str) -> None:
    """Add a note to the prompt of a running session; it counts from the next response on."""
    await session.current_agent.update_instructions(f"{brief.instructions}\n\n{note}")


async def bounded(work: Coroutine[Any, Any, None], timeout_s: float) -> None:
    """Wait for a step of leaving, whatever comes of it."""
    # Closing a session whose model broke off raises its error again: it has been reported.
    with contextlib.suppress(Exception):
        await asyncio.wait_for(work, timeout_s)


def _build_room_options(brief: ConversationBrief) -> RoomOptions:
    return RoomOptions(
        participant_identity=brief.peer_identity,
        # Agents ignore agents unless told otherwise; the kind is checked after the identity.
        participant_kinds=[rtc.ParticipantKind.PARTICIPANT_KIND_AGENT],
        audio_input=AudioInputOptions(auto_gain_control=False, pre_connect_audio=False, noise_cancellation=None),
        # Text goes to the web side with its place in the sound; the SDK's own would cost an STFT.
        text_output=False,
        text_input=False,
        close_on_disconnect=False,
    )
