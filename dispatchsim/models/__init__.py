"""Rows of the database. Only services write them (the admin's own forms excepted)."""

from dispatchsim.models.agent_server import AgentServer
from dispatchsim.models.conversation import AgentSeat, Conversation, Event, Label, ToolUse, Turn
from dispatchsim.models.library import LoadedEntry, Persona, Revision, Scenario
from dispatchsim.models.model_price import ModelPrice
from dispatchsim.models.sign_in import SignInLink
from dispatchsim.models.spending import Spending
from dispatchsim.models.supervisor import Supervisor

__all__ = [
    "AgentSeat",
    "AgentServer",
    "Conversation",
    "Event",
    "Label",
    "LoadedEntry",
    "ModelPrice",
    "Persona",
    "Revision",
    "Scenario",
    "SignInLink",
    "Spending",
    "Supervisor",
    "ToolUse",
    "Turn",
]
