"""Carry the events of one agent to the web side: in order, numbered, until they are acknowledged."""

import asyncio
import logging
import time
from collections.abc import Callable
from enum import Enum, auto
from types import TracebackType

import aiohttp

from agents.outbox import BuildEvent, Outbox
from agents.spool import ReportAddress, Spool
from agents.waiting import is_set_within
from dispatchsim.domain.events import AgentEvent, BatchAcknowledged, EventBatch, Heartbeat

COALESCE_S = 0.02  # events that belong together travel together
HEARTBEAT_S = 2.0
REQUEST_S = 5.0
MAX_BACKOFF_S = 5.0

logger = logging.getLogger("agents.reporter")


class Answer(Enum):
    """What became of a batch."""

    TAKEN = auto()
    LATER = auto()  # nobody there, or too busy
    GONE = auto()  # the conversation does not exist any more, or the token does not fit
    REFUSED = auto()  # this batch will never be taken


class Reporter:
    """Outbox, spool file and the task that empties them."""

    def __init__(
        self, address: ReportAddress, *, spool: Spool | None, on_gone: Callable[[], None], outbox: Outbox | None = None
    ) -> None:
        self._address = address
        self._spool = spool
        self._on_gone = on_gone
        self._outbox = outbox or Outbox()
        self._wakened = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()
        self._is_gone = False
        self._task: asyncio.Task[None] | None = None

    def add(self, build: BuildEvent) -> None:
        """Give an event its number and send it soon."""
        event = self._outbox.add(build)
        if event is None or self._is_gone:
            return
        if self._spool is not None:
            self._keep(self._spool, event)
        self._emptied.clear()
        self._wakened.set()

    def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.create_task(self._run(), name="reporter")

    async def flush(self, timeout_s: float) -> bool:
        """Wait until all is acknowledged; False when it was not in time."""
        return await is_set_within(self._emptied, timeout_s)

    async def aclose(self) -> None:
        """Stop sending; what waits stays in the spool file."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._spool is not None:
            self._spool.close(is_delivered=self._outbox.waiting == 0 or self._is_gone)
            self._spool = None

    async def _run(self) -> None:
        backoff_s = 0.0
        async with EventPost(self._address) as post:
            while not self._is_gone:
                if not await self._wait_for_events():
                    continue
                await asyncio.sleep(COALESCE_S)
                batch = self._outbox.batch()
                answer, acknowledged = await post.send(batch)
                is_progress = self._take(answer, acknowledged, len(batch))
                backoff_s = 0.0 if is_progress else min(MAX_BACKOFF_S, backoff_s * 2 or 0.2)
                await asyncio.sleep(backoff_s)

    async def _wait_for_events(self) -> bool:
        if self._outbox.waiting:
            return True
        self._wakened.clear()
        if not await is_set_within(self._wakened, HEARTBEAT_S):
            at = time.time()
            self.add(lambda seq: Heartbeat(seq=seq, at=at))
        return self._outbox.waiting > 0

    def _take(self, answer: Answer, acknowledged: int, size: int) -> bool:
        is_progress = False
        if answer is Answer.TAKEN:
            next_seq = self._outbox.next_seq
            is_progress = self._outbox.acknowledge(acknowledged)
            if self._outbox.next_seq != next_seq:
                self._spool_anew()
        elif answer is Answer.REFUSED:
            logger.error("the web side refused events", extra={"pending": size})
            self._outbox.on_refused(size)
        elif answer is Answer.GONE:
            logger.warning("the conversation is gone, nothing more is reported")
            self._is_gone = True
            self._on_gone()
        if self._outbox.waiting == 0 or self._is_gone:
            self._emptied.set()
        return is_progress

    def _spool_anew(self) -> None:
        # Under their old numbers these events would count as delivered long ago.
        if self._spool is not None:
            try:
                self._spool.rewrite(self._outbox.unacknowledged())
            except OSError as error:
                logger.warning("the spool file cannot be written", extra={"error": error})

    def _keep(self, spool: Spool, event: AgentEvent) -> None:
        try:
            spool.append(event)
        except OSError as error:
            logger.warning("the spool file cannot be written", extra={"error": error})
            self._spool = None


class EventPost:
    """One HTTP session that posts batches to one address."""

    def __init__(self, address: ReportAddress) -> None:
        self._address = address
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "EventPost":
        self._http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=REQUEST_S),
            headers={"Authorization": f"Bearer {self._address.token}", "Content-Type": "application/json"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def send(self, events: list[AgentEvent]) -> tuple[Answer, int]:
        """Post one batch; return what became of it and the highest stored number."""
        if self._http is None:
            raise RuntimeError("use EventPost as a context manager")
        body = EventBatch(role=self._address.role, events=events).model_dump_json()
        try:
            async with self._http.post(self._address.url, data=body) as response:
                return await _read_answer(response)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            logger.info("the web side cannot be reached", extra={"error": type(error).__name__})
            return Answer.LATER, 0


async def _read_answer(response: aiohttp.ClientResponse) -> tuple[Answer, int]:
    if response.status in (401, 403, 404):
        return Answer.GONE, 0
    if response.status in (413, 422):
        return Answer.REFUSED, 0
    if response.status >= 300:
        return Answer.LATER, 0
    answer = BatchAcknowledged.model_validate_json(await response.read())
    return Answer.TAKEN, answer.acknowledged
