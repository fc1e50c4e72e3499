"""Who is in a call's room just now."""

from dataclasses import dataclass

from dispatchsim.domain.conversation import ConversationStatus
from dispatchsim.domain.errors import UnavailableError
from dispatchsim.gateways.livekit import list_participants
from dispatchsim.models import Conversation


@dataclass(frozen=True)
class Attendance:
    """Visible participants, and the hidden people who listen."""

    participants: int
    observers: int


def count_people(conversation: Conversation) -> Attendance | None:
    """Count who is in the room. None while LiveKit does not answer; an ended call has nobody.

    ListParticipants, because LiveKit's own `num_participants` leaves agents out and counts hidden observers.
    """
    if ConversationStatus(conversation.status).is_final:
        return Attendance(participants=0, observers=0)
    try:
        present = list_participants(str(conversation.pk))
    except UnavailableError:
        return None
    return Attendance(
        participants=sum(not person.is_hidden for person in present),
        observers=sum(person.is_hidden and not person.is_agent for person in present),
    )
