"""One agent's part in one call: the LiveKit job.

    job ─► room joined ─► peer linked, Realtime session open ─► agent.ready ─► floor open ─► turns
        ─► ending told by the room | cut | something failed ─► agent.left ─► room left ─► job over

The entry point returns once the room is joined; the call runs in a task of its own. So the SDK can
shut a job down at any time, and whatever ends a call goes through `Ending`, where the first one wins.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any

from livekit import rtc
from livekit.agents import AutoSubscribe, CloseEvent, CloseReason, JobContext, RunContext
from pydantic import ValidationError

from agents.config import ConfigError, read_data_folder, read_voice_endpoint
from agents.ending import Ending, Outcome, build_failure
from agents.floor import Floor, FloorAction
from agents.giving_way import GivingWay
from agents.hang_up import HangUp
from agents.initiative import Initiative
from agents.peer_presence import PeerPresence
from agents.playback import Playback
from agents.prompting import build_wrap_up
from agents.reporter import Reporter
from agents.room_end import read_room_end
from agents.second_try import SecondTry
from agents.spool import ReportAddress, Spool, spool_folder
from agents.talking import Talker, bounded
from agents.tools import ToolPost, build_tools
from agents.turn_recorder import TurnRecorder
from agents.wire import Wire
from dispatchsim.domain.brief import ConversationBrief
from dispatchsim.domain.control import RoomControl
from dispatchsim.domain.conversation import EndReason
from dispatchsim.domain.events import AgentLeft, AgentReady, ErrorReported

TICK_S = 0.1
READY_TICK_S = 0.02  # until both hear each other: people wait for the first word
WORDS_EVERY_S = 0.1
FINISH_SENTENCE_S = 8.0
TAIL_S = 0.4  # sound is still on its way when the loudspeaker reports its end
READY_S = 45.0  # the web side gives up earlier; this bounds a job whose web side is gone
HANG_UP_PATIENCE_S = 60.0  # nobody ends the call although this side hung up
CLOSE_S = 3.0
FLUSH_S = 90.0  # what the web side has not taken by then stays in the spool file
STOP_FLUSH_S = 2.0

_INTERNAL_ERROR = "The agent stopped with an internal error."

logger = logging.getLogger("agents.call")


async def entrypoint(context: JobContext) -> None:
    """Play one role in one call."""
    try:
        brief = ConversationBrief.model_validate_json(context.job.metadata)
    except ValidationError as error:
        logger.error("job without a valid brief", extra={"error": f"{error.error_count()} faults"})
        context.shutdown("no brief")
        return
    context.log_context_fields = {"conversation_id": str(brief.conversation_id), "role": brief.role.value}
    call = Call(context, brief)
    context.add_shutdown_callback(call.on_shutdown)
    await call.start()


class Call:
    """One agent in one room, from joining to leaving."""

    def __init__(self, context: JobContext, brief: ConversationBrief) -> None:
        self._context = context
        self._room = context.room
        self._brief = brief
        self._ending = Ending()
        address = ReportAddress(brief.conversation_id, brief.role, brief.report_url, brief.report_token)
        self._reporter = Reporter(
            address, spool=_open_spool(address), on_gone=lambda: self._ending.end(Outcome(is_evicted=True))
        )
        self._recorder = TurnRecorder(self._reporter, turn_prefix=brief.role.value)
        self._giving_way = GivingWay(is_opener=brief.is_opener)
        second_try = SecondTry()
        self._talker = Talker(brief, context.room)
        self._wire = Wire(
            self._reporter,
            self._recorder,
            settings=brief.voice,
            now=time.time,
            on_fatal=lambda trouble: self._ending.end(Outcome(trouble=trouble)),
            giving_way=self._giving_way,
            on_give_way=self._talker.take_back_answer,
            on_answer_failed=lambda: second_try.on_failed(time.time()),
        )
        self._floor = Floor(is_opener=brief.is_opener, opening_fallback_s=brief.opening_fallback_s)
        self._hang_up = HangUp(self._reporter, is_peer_speaking=lambda: self._recorder.is_peer_speaking, now=time.time)
        self._initiative = Initiative(
            self._talker,
            is_opener=brief.is_opener,
            floor=self._floor,
            recorder=self._recorder,
            wire=self._wire,
            hang_up=self._hang_up,
            giving_way=self._giving_way,
            second_try=second_try,
            ending=self._ending,
            now=time.time,
        )
        self._peer = PeerPresence(brief.peer_identity, now=time.time)
        self._tasks: set[asyncio.Task[None]] = set()
        self._run: asyncio.Task[None] | None = None
        self._started_at = time.time()
        self._is_ready = False
        self._hung_up_at: float | None = None
        self._finish_by: float | None = None
        self._words_told_at = 0.0
        self._is_wrapping_up = False

    async def start(self) -> None:
        """Join the room and begin; a failure is reported, never raised."""
        self._reporter.start()
        self._listen_to_room()
        try:
            await self._context.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
        except (rtc.ConnectError, OSError, TimeoutError) as error:
            logger.error("the room cannot be joined", extra={"error": type(error).__name__})
            self._ending.fail(EndReason.LIVEKIT_UNAVAILABLE, "The agent could not join the LiveKit room.")
        self._run = asyncio.create_task(self._play(), name="call")

    async def on_shutdown(self, reason: str) -> None:
        """End the call because the SDK ends the job."""
        self._ending.stop(is_call_ending=self._floor.is_ending)
        logger.info("job is shut down", extra={"reason": reason})
        if self._run is not None:
            await asyncio.wait([self._run], timeout=CLOSE_S * 2 + FLUSH_S)

    def _on_end_call(self, context: RunContext[None]) -> None:
        call = context.function_call
        if self._hang_up.on_called(call.call_id, call.arguments):
            self._hung_up_at = time.time()
            self._talker.stop_answering()
            self._spawn(self._hang_up.finish(context.speech_handle.wait_for_playout()))

    async def _play(self) -> None:
        outcome = Outcome()
        try:
            if not self._ending.is_over:
                await self._open_session()
                self._spawn(self._tick())
                self._on_control(self._room.metadata)
            outcome = await self._ending.wait()
        except ConfigError as error:
            outcome = build_failure(EndReason.VOICE_MODEL_REFUSED, str(error))
        except Exception:
            # The outermost loop of a job: whatever went wrong becomes an event with a reason.
            logger.exception("the agent failed")
            outcome = build_failure(EndReason.AGENT_FAILED, _INTERNAL_ERROR)
        finally:
            await self._leave(outcome)

    async def _open_session(self) -> None:
        brief = self._brief
        post = ToolPost(brief.tools_url, brief.report_token)
        await self._talker.open(
            read_voice_endpoint(brief.voice.provider),
            self._wire,
            Playback(self._recorder, floor=self._floor, giving_way=self._giving_way, now=time.time),
            on_end_call=self._on_end_call,
            on_closed=self._on_session_closed,
            tools=build_tools(brief, post.use, is_hanging_up=lambda: self._hang_up.is_asked),
        )

    def _listen_to_room(self) -> None:
        self._room.on("room_metadata_changed", lambda _, metadata: self._on_control(metadata))
        self._room.on("disconnected", self._on_disconnected)
        self._peer.follow(self._room)

    def _on_control(self, metadata: str | None) -> None:
        try:
            control = RoomControl.model_validate_json(metadata or "{}")
        except ValidationError:
            logger.warning("room metadata cannot be read")
            return
        if control.turns_left is not None and not self._is_wrapping_up and self._is_ready:
            self._is_wrapping_up = True
            self._spawn(self._wrap_up(control.turns_left))
        self._act(self._floor.on_control(control, time.time()))

    def _on_disconnected(self, reason: rtc.DisconnectReason.ValueType) -> None:
        end = read_room_end(reason)
        if end.is_own:
            return
        trouble = None if self._floor.is_ending else end.trouble
        self._ending.end(Outcome(trouble=trouble, is_evicted=end.is_evicted))

    def _on_session_closed(self, event: CloseEvent) -> None:
        if event.reason is CloseReason.ERROR:
            self._ending.fail(EndReason.VOICE_MODEL_UNREACHABLE, "The voice model broke off the session.")
        else:
            self._ending.stop(is_call_ending=self._floor.is_ending)

    def _act(self, actions: list[FloorAction]) -> None:
        for action in actions:
            logger.info("floor", extra={"state": action.name.lower()})
            if action is FloorAction.LISTEN:
                self._talker.set_hearing(True)
            elif action is FloorAction.OPEN_THE_CALL:
                self._spawn(self._initiative.open_the_call())
            elif action is FloorAction.FINISH_AND_LEAVE:
                self._begin_to_leave()
            else:
                self._ending.end(Outcome())

    async def _wrap_up(self, turns_left: int) -> None:
        if not self._floor.is_ending:
            await self._talker.tell(build_wrap_up(turns_left))

    def _begin_to_leave(self) -> None:
        self._talker.set_hearing(False)
        self._talker.stop_answering()
        self._finish_by = time.time() + FINISH_SENTENCE_S
        self._leave_when_silent(time.time())

    def _leave_when_silent(self, now: float) -> None:
        if self._finish_by is None or (self._recorder.is_speaking and now < self._finish_by):
            return
        self._finish_by = None
        asyncio.get_running_loop().call_later(TAIL_S if self._recorder.turns else 0.0, self._ending.end, Outcome())

    async def _tick(self) -> None:
        while not self._ending.is_over:
            now = time.time()
            self._become_ready(now)
            if self._recorder.has_peer_spoken:
                self._floor.on_someone_spoke()
            self._act(self._floor.on_tick(now))
            self._initiative.on_tick(now)
            self._wire.on_tick(now)
            if now - self._words_told_at >= WORDS_EVERY_S:
                self._words_told_at = now
                self._recorder.on_tick(now)
            self._leave_when_silent(now)
            self._lose_patience(now)
            await asyncio.sleep(TICK_S if self._is_ready else READY_TICK_S)

    def _become_ready(self, now: float) -> None:
        if self._is_ready or not (self._peer.is_heard and self._wire.is_open and self._talker.is_heard):
            return
        self._is_ready = True
        logger.info("ready", extra={"seconds": round(now - self._started_at, 2)})
        self._reporter.add(lambda seq: AgentReady(seq=seq, at=now))
        self._recorder.on_ready(now)
        self._act(self._floor.on_ready(now))

    def _lose_patience(self, now: float) -> None:
        if self._floor.is_ending:
            return
        if self._peer.is_gone(now):
            self._fail_alone()
        elif not self._is_ready and now - self._started_at > READY_S:
            self._ending.fail(EndReason.AGENT_NEVER_JOINED, "The agent waited in vain for its peer and its voice.")
        elif self._hung_up_at is not None and now - self._hung_up_at > HANG_UP_PATIENCE_S:
            self._ending.end(Outcome())

    def _fail_alone(self) -> None:
        if self._room.connection_state != rtc.ConnectionState.CONN_CONNECTED:
            self._ending.fail(EndReason.LIVEKIT_UNAVAILABLE, "The connection to LiveKit was lost.")
            return
        self._ending.fail(EndReason.AGENT_VANISHED, f"{self._brief.peer_identity} is not in the room any more.")

    async def _leave(self, outcome: Outcome) -> None:
        self._ending.end(outcome)
        logger.info("leaving", extra={"reason": outcome.trouble.reason if outcome.trouble else None})
        if not outcome.is_evicted:
            self._settle(outcome)
        await bounded(self._talker.aclose(), CLOSE_S)
        if not outcome.is_evicted:
            at = time.time()
            self._reporter.add(lambda seq: AgentLeft(seq=seq, at=at))
            await self._reporter.flush(1.0)
        await bounded(self._room.disconnect(), CLOSE_S)
        for task in self._tasks:
            task.cancel()
        if not outcome.is_evicted:
            await self._reporter.flush(STOP_FLUSH_S if outcome.is_stopped else FLUSH_S)
        await self._reporter.aclose()
        self._context.shutdown("the call is over")

    def _settle(self, outcome: Outcome) -> None:
        now, trouble = time.time(), outcome.trouble
        self._recorder.on_closed(now)
        self._wire.on_closed(now)
        if trouble is not None:
            self._reporter.add(
                lambda seq: ErrorReported(
                    seq=seq, at=now, reason=trouble.reason, message=trouble.message[:2000], fatal=True
                )
            )

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("the agent failed", exc_info=error)
            self._ending.fail(EndReason.AGENT_FAILED, _INTERNAL_ERROR)


def _open_spool(address: ReportAddress) -> Spool | None:
    try:
        return Spool.create(address, spool_folder(read_data_folder()))
    except OSError as error:
        logger.warning("no spool file, events wait in memory alone", extra={"error": error})
        return None
