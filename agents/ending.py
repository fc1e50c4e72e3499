"""How one agent's part in a call comes to its end: whatever ends it says why, and the first one wins."""

import asyncio
from dataclasses import dataclass

from agents.voice_watch import Trouble
from dispatchsim.domain.conversation import EndReason

STOP_DOUBT_S = 0.25  # in which a stop may still turn out to be the end of the room


@dataclass(frozen=True)
class Outcome:
    """Why this agent's part is over."""

    trouble: Trouble | None = None
    is_evicted: bool = False  # another agent took this identity: it reports from now on
    is_stopped: bool = False  # the process must be gone soon


class Ending:
    """The end of one agent's part, waited for by the one who then leaves the room."""

    def __init__(self) -> None:
        self._outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    @property
    def is_over(self) -> bool:
        """Whether somebody has ended the part."""
        return self._outcome.done()

    async def wait(self) -> Outcome:
        """Wait until somebody ends the part."""
        return await self._outcome

    def end(self, outcome: Outcome) -> None:
        """End the part, unless it is over."""
        if not self._outcome.done():
            self._outcome.set_result(outcome)

    def fail(self, reason: EndReason, message: str) -> None:
        """End the part, and the call with it, by something that went wrong."""
        self.end(build_failure(reason, message))

    def stop(self, *, is_call_ending: bool) -> None:
        """End the part because its process or its session is being closed."""
        # LiveKit also ends the jobs of a room that is deleted; that it is gone is told a moment later.
        outcome = Outcome(trouble=None if is_call_ending else _STOPPED, is_stopped=True)
        asyncio.get_running_loop().call_later(STOP_DOUBT_S, self.end, outcome)


def build_failure(reason: EndReason, message: str) -> Outcome:
    """Build the outcome of a part that something ended which ends the call as well."""
    return Outcome(trouble=Trouble(reason, message, is_fatal=True))


_STOPPED = Trouble(EndReason.STOPPED, "The agent server was stopped while the call was on.", is_fatal=True)
