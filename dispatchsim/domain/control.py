"""What the web side tells all agents of a call at once: the LiveKit room metadata."""

from pydantic import BaseModel, ConfigDict

from dispatchsim.domain.conversation import EndReason


class RoomControl(BaseModel):
    """Whole state, not a change: the last one seen is the truth.

    floor_open  False ──► True                     (both ready; the opener may speak)
    ending      None  ──► reason                   (take no new turn, finish the sentence, leave)
    cut         False ──► True                     (leave at once, do not finish the sentence)
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    floor_open: bool = False
    ending: EndReason | None = None
    cut: bool = False
    turns_left: int | None = None  # told to the model when it should wrap up
    owner: str = ""  # which installation made the room; two may share one LiveKit
