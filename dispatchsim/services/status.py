"""The state of a conversation as API, pages and socket show it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from dispatchsim.domain.conversation import AgentState, ConversationStatus, EndReason, Role
from dispatchsim.models import Conversation


class AgentView(BaseModel):
    """One of the two agents."""

    model_config = ConfigDict(frozen=True)

    name: str
    joined: bool
    state: AgentState
    last_seen_at: datetime | None


class StepView(BaseModel):
    """One line of the waiting list from launch to first word."""

    model_config = ConfigDict(frozen=True)

    name: str  # room, dispatcher, driver, ready, floor, first_word
    label: str
    done: bool
    failed: bool = False
    hint: str = ""  # what to do about a failed step


class StatusView(BaseModel):
    """Whole state of one conversation."""

    model_config = ConfigDict(frozen=True)

    conversation_id: UUID
    status: ConversationStatus
    end_reason: EndReason | None
    sentence: str  # end reason for people; empty while the call runs
    detail: str
    elapsed_s: float  # since the floor opened, to now or to the end
    turns: int
    agents: dict[Role, AgentView]
    steps: list[StepView]


def conversation_status(conversation: Conversation) -> StatusView:
    """Build the whole state from the row and its two seats."""
    raise NotImplementedError
