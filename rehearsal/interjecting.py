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


class Interjections:
    """Follows the turns of the other side; each turn gets at most one of each."""

    def __init__(self) -> None:
        self._delivery = Delivery()
        self._turn = 0
        self._due: list[tuple[float, Interjection]] = []

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

    def on_speech(self, speech_ms: int) -> Interjection | None:
        """Tell what is due, `speech_ms` into the turn."""
        if not self._due or speech_ms < self._due[0][0] * 1000:
            return None
        return self._due.pop(0)[1]
