"""Calls and requests that the API's tests make."""

from typing import Any

from django.test import Client
from django.utils import timezone

from dispatchsim.domain.conversation import ConversationStatus, Role, VoiceProvider
from dispatchsim.models import AgentSeat, Conversation, Turn

CREATE = "/api/v1/conversations/create"
INLINE: dict[str, Any] = {
    "title": "Onions to Reno",
    "load_sheet": "commodity: yellow onions\nweight: 39,000 pounds\nrate: 900 dollars",
    "driver_decision": "decline: too far",
}


def post(client: Client, path: str, body: object = None, **headers: str) -> Any:
    """Send JSON."""
    return client.post(path, data=body, content_type="application/json", headers=headers)


def make_call(status: ConversationStatus = ConversationStatus.LIVE, **fields: Any) -> Conversation:
    """Make a call as the services would have left it."""
    now = timezone.now()
    times = {"floor_opened_at": now, "ended_at": now if status.is_final else None}
    copies = {
        f"{role}_copy": {"slug": role, "role": role, "name": role.identity, "title": "", "voice": VOICE}
        for role in Role
    }
    defaults: dict[str, Any] = {
        "title": "Frozen chicken to Dallas",
        "voice_provider": VoiceProvider.REHEARSAL,
        "max_duration_s": 240,
        "max_turns": 60,
        "scenario_copy": SCENARIO,
        **times,
        **copies,
    }
    conversation = Conversation.objects.create(status=status, **(defaults | fields))
    AgentSeat.objects.bulk_create(AgentSeat(conversation=conversation, role=role) for role in Role)
    return conversation


SCENARIO = {
    "title": "Frozen chicken to Dallas",
    "opener": Role.DISPATCHER,
    "load_sheet": "commodity: frozen chicken\nweight: 42,000 pounds",
    "max_duration_s": 240,
    "max_turns": 60,
}
VOICE = {"provider": "rehearsal", "model": "gpt-realtime", "voice": "cedar"}


def add_turn(conversation: Conversation, seq: int, speaker: Role, text: str) -> Turn:
    """Add a finished turn."""
    return Turn.objects.create(
        conversation=conversation,
        seq=seq,
        speaker=speaker,
        turn_id=f"t{seq}",
        text=text,
        start_s=seq * 2.0,
        end_s=seq * 2.0 + 1.5,
        is_final=True,
    )
