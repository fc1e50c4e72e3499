"""What an agent is told of its call, with what a test cares for named by the test."""

from typing import Any
from uuid import UUID

from dispatchsim.domain.brief import ConversationBrief, VoiceSettings
from dispatchsim.domain.conversation import Role, VoiceProvider

NAMES = {Role.DISPATCHER: "Tim", Role.DRIVER: "Chris"}
VOICES = {Role.DISPATCHER: "cedar", Role.DRIVER: "marin"}


def build_voice(role: Role = Role.DISPATCHER, **changes: Any) -> VoiceSettings:
    """Give the voice of one side, spoken by the rehearsal model."""
    usual: dict[str, Any] = {"provider": VoiceProvider.REHEARSAL, "model": "rehearsal", "voice": VOICES[role]}
    return VoiceSettings(**(usual | changes))


def build_brief(role: Role = Role.DISPATCHER, **changes: Any) -> ConversationBrief:
    """Give the brief of one side; nobody listens where it would report to."""
    usual: dict[str, Any] = {
        "conversation_id": UUID(int=7),
        "role": role,
        "name": NAMES[role],
        "peer_name": NAMES[role.peer],
        "is_opener": role is Role.DISPATCHER,
        "instructions": f"You are {NAMES[role]}.",
        "voice": build_voice(role),
        "report_url": "http://127.0.0.1:9/events",
        "report_token": "token",
    }
    return ConversationBrief(**(usual | changes))
