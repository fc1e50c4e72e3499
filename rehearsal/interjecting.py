"""When a listener is heard during the other side's turn: to show that it listens, or to take the floor.

other side   ▆▇▆▇▆▇▆▇▆▇▆▇▆▇▆▇▆▇▆▇▆▇▆▇ …
own voice            ▂ "Mm-hm."        ▆▇▆▇  cuts in
"""

from enum import Enum, auto

from rehearsal.delivery import Delivery


class Interjection(Enum):
    """What a listener does."""

    BACKCHANNEL = auto()
    CUT_IN = auto()


STUBBORN_MS = 1500  # that it goes on talking after it has cut in: the other side needs that long to fall silent


class Interjections:
    """Follows the turns of the other side; each turn gets at most one of each. Times are of the audio received.

    `tolerates_ms`: speech that is shorter does not stop the own voice.
    """

    def __init__(self, *, tolerates_ms: int = 0) -> None:
        self._tolerates_ms = tolerates_ms
        self._delivery = Delivery()
        self._turn = 0
        self._due: list[tuple[float, Interjection]] = []
        self._stubborn_until_ms = 0

    def configure(self, delivery: Delivery) -> None:
        """Take the habits of the persona."""
        self._delivery = delivery

    @property
    def words(self) -> str:
        """What a backchannel of this turn says."""
        return self._delivery.backchannel(self._turn)

    def on_onset(self) -> None:
        """Note that the other side begins a turn."""
        self._turn += 1
        times = {
            Interjection.BACKCHANNEL: self._delivery.backchannel_after_s(self._turn),
            Interjection.CUT_IN: self._delivery.cuts_in_after_s(self._turn),
        }
        self._due = sorted(((at, kind) for kind, at in times.items() if at is not None), key=lambda due: due[0])

    def on_speech(self, speech_ms: int, *, now_ms: int) -> Interjection | None:
        """Tell what is due, `speech_ms` into the turn."""
        if not self._due or speech_ms < self._due[0][0] * 1000:
            return None
        kind = self._due.pop(0)[1]
        if kind is Interjection.CUT_IN:
            self._stubborn_until_ms = now_ms + STUBBORN_MS
        return kind

    def patience_ms(self, now_ms: int, *, is_playing: bool) -> int:
        """Tell how long the other side must speak to be noticed now."""
        if now_ms < self._stubborn_until_ms:
            return STUBBORN_MS
        return self._tolerates_ms if is_playing else 0
