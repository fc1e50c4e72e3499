"""Who may speak when: the floor of one agent, decided from the room's control state.

before the floor is open     deaf and silent
floor_open                   the opener speaks; the other one listens
+ opening_fallback_s         nobody has spoken: the other one opens
ending                       deaf again; finish the sentence, then leave
cut                          leave at once
"""

from enum import Enum, auto

from dispatchsim.domain.control import RoomControl


class FloorAction(Enum):
    """What the agent must do now."""

    LISTEN = auto()
    OPEN_THE_CALL = auto()
    FINISH_AND_LEAVE = auto()
    LEAVE_NOW = auto()


class Floor:
    """Floor of one agent; each action is asked for once."""

    def __init__(self, *, is_opener: bool, opening_fallback_s: float) -> None:
        self._is_opener = is_opener
        self._opening_fallback_s = opening_fallback_s
        self._control = RoomControl()
        self._is_ready = False
        self._opens_at: float | None = None
        self._is_listening = False
        self._has_left = False

    @property
    def is_ending(self) -> bool:
        """Whether the call is being ended by its owner."""
        return self._control.ending is not None or self._control.cut

    def on_ready(self, now: float) -> list[FloorAction]:
        """Note that this agent is able to speak; the floor may have been opened before."""
        self._is_ready = True
        return self.on_control(self._control, now)

    def on_control(self, control: RoomControl, now: float) -> list[FloorAction]:
        """Take the control state of the room."""
        was_ending, self._control = self.is_ending, control
        if control.cut:
            return self._leave(FloorAction.LEAVE_NOW)
        if self.is_ending:
            return [] if was_ending else self._leave(FloorAction.FINISH_AND_LEAVE)
        if not (control.floor_open and self._is_ready) or self._is_listening:
            return []
        self._is_listening = True
        self._opens_at = now if self._is_opener else now + self._opening_fallback_s
        return [FloorAction.LISTEN, *self.on_tick(now)]

    def on_someone_spoke(self) -> None:
        """Note that the call has begun: nobody needs to open it any more."""
        self._opens_at = None

    def on_tick(self, now: float) -> list[FloorAction]:
        """Open the call when it is this agent's turn to."""
        if self._opens_at is None or now < self._opens_at or self.is_ending:
            return []
        self._opens_at = None
        return [FloorAction.OPEN_THE_CALL]

    def retry_opening(self, now: float, *, after_s: float) -> None:
        """Open again later: the model did not answer."""
        self._opens_at = now + after_s

    def _leave(self, action: FloorAction) -> list[FloorAction]:
        if self._has_left:
            return []
        self._opens_at = None
        # A cut may still follow while the last sentence is being finished.
        self._has_left = action is FloorAction.LEAVE_NOW
        return [action]
