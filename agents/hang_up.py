"""Hanging up by `end_call`: once, and only when nobody is cut short by it.

end_call ──► own farewell played to its end ──► network tail ──► peer silent, or 6 s ──► call.hang_up
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from agents.outbox import EventSink
from dispatchsim.domain.events import HangUpRequested, ToolCalled

FAREWELL_S = 30.0  # longest farewell waited for
NETWORK_TAIL_S = 0.4  # sound is still on its way when the loudspeaker reports its end
PEER_S = 6.0  # longest wait for the peer to fall silent
POLL_S = 0.05


class HangUp:
    """The wish of one side to end the call."""

    def __init__(
        self,
        sink: EventSink,
        *,
        is_peer_speaking: Callable[[], bool],
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sink = sink
        self._is_peer_speaking = is_peer_speaking
        self._now = now
        self._sleep = sleep
        self._is_asked = False

    @property
    def is_asked(self) -> bool:
        """Whether `end_call` has been called."""
        return self._is_asked

    def on_called(self, call_id: str, arguments: str) -> bool:
        """Report the tool call; True for the first one, which must be followed by `finish`."""
        is_first, self._is_asked = not self._is_asked, True
        at = self._now()
        result = "hanging up" if is_first else "already hanging up"
        self._sink.add(
            lambda seq: ToolCalled(seq=seq, at=at, call_id=call_id, name="end_call", arguments=arguments, result=result)
        )
        return is_first

    async def finish(self, farewell: Awaitable[object]) -> None:
        """Wait for the own farewell and for the peer, then ask for the end of the call."""
        with contextlib.suppress(TimeoutError):  # a farewell without end must not keep the line open
            await asyncio.wait_for(farewell, FAREWELL_S)
        await self._sleep(NETWORK_TAIL_S)
        waited_s = 0.0
        while self._is_peer_speaking() and waited_s < PEER_S:
            await self._sleep(POLL_S)
            waited_s += POLL_S
        at = self._now()
        self._sink.add(lambda seq: HangUpRequested(seq=seq, at=at))
