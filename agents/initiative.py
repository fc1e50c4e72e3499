"""When one agent speaks although nobody has spoken to it.

floor open            ──► it opens the call ──► no sound of it ──► 0.5 s ──► once more ──► the call has failed
own answer failed     ──► asked for again (`second_try`)
own answer taken back ──► the peer does not begin again ──► given after all (`giving_way`)
nobody speaks         ──► told that the line is silent (`prompting`)
"""

import logging
from collections.abc import Callable
from typing import Protocol

from agents.ending import Ending
from agents.floor import Floor
from agents.giving_way import GivingWay
from agents.hang_up import HangUp
from agents.prompting import BROKEN_SILENCE, SilenceWatch
from agents.second_try import SecondTry
from agents.turn_recorder import TurnRecorder
from agents.wire import Wire
from dispatchsim.domain.conversation import EndReason

MAX_OPENINGS = 2
NEXT_OPENING_S = 0.5

logger = logging.getLogger("agents.initiative")


class Speech(Protocol):
    """A turn that was asked for."""

    async def wait_for_playout(self) -> None:
        """Wait until it was played, cut, or given up."""

    def exception(self) -> BaseException | None:
        """Give what went wrong with it."""


class Speaker(Protocol):
    """Whoever can be asked for a turn."""

    def speak(self, note: str | None = None) -> Speech | None:
        """Ask for a turn, with a note for this turn alone."""


class Initiative:
    """Asks for the turns of one agent that answer nothing."""

    def __init__(
        self,
        speaker: Speaker,
        *,
        is_opener: bool,
        floor: Floor,
        recorder: TurnRecorder,
        wire: Wire,
        hang_up: HangUp,
        giving_way: GivingWay,
        second_try: SecondTry,
        ending: Ending,
        now: Callable[[], float],
    ) -> None:
        self._speaker = speaker
        self._floor = floor
        self._recorder = recorder
        self._wire = wire
        self._hang_up = hang_up
        self._giving_way = giving_way
        self._second_try = second_try
        self._ending = ending
        self._now = now
        self._silence = SilenceWatch(is_opener=is_opener)
        self._openings = 0

    @property
    def _is_begun(self) -> bool:
        return self._recorder.turns > 0 or self._recorder.has_peer_spoken

    async def open_the_call(self) -> None:
        """Say the first word; a voice model that does not begin is asked once more, and then has failed."""
        speech = None if self._ending.is_over else self._speaker.speak()
        if speech is None:
            return
        self._openings += 1
        await speech.wait_for_playout()
        if speech.exception() is None or self._is_begun:
            return
        if self._openings >= MAX_OPENINGS:
            cause = f" ({self._wire.cause})" if self._wire.cause else ""
            self._ending.fail(EndReason.VOICE_MODEL_UNREACHABLE, f"The voice model did not begin to speak{cause}.")
            return
        self._floor.retry_opening(self._now(), after_s=NEXT_OPENING_S)

    def on_tick(self, now: float) -> None:
        """Break a silence, if it is this side that must."""
        recorder = self._recorder
        is_quiet = not (recorder.is_speaking or recorder.is_peer_speaking or self._wire.is_responding)
        is_silent = is_quiet and not (self._floor.is_ending or self._hang_up.is_asked)
        is_too_long = self._silence.on_tick(now, is_silent=self._is_begun and is_silent)
        is_given_way_to_nobody = self._giving_way.on_tick(now) and is_silent
        is_owed = self._second_try.on_tick(now, is_silent=is_silent)
        if is_too_long or is_given_way_to_nobody or is_owed:
            logger.info("breaking the silence")
            self._speaker.speak(BROKEN_SILENCE if is_too_long and not is_owed else None)
