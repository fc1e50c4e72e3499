"""What a call used up, from the usage that both agents reported."""

from pydantic import BaseModel, ConfigDict

from dispatchsim.domain.events import UsageReported
from dispatchsim.models import Conversation, Event


class UsageView(BaseModel):
    """Tokens of both agents together. Cached tokens are part of the input tokens."""

    model_config = ConfigDict(frozen=True)

    responses: int = 0
    input_text_tokens: int = 0
    input_audio_tokens: int = 0
    cached_text_tokens: int = 0
    cached_audio_tokens: int = 0
    output_text_tokens: int = 0
    output_audio_tokens: int = 0


_TOKENS = tuple(name for name in UsageView.model_fields if name != "responses")


def conversation_usage(conversation: Conversation) -> UsageView:
    """Add up the usage events of a conversation."""
    payloads = Event.objects.filter(conversation_id=conversation.pk, type="usage").values_list("payload", flat=True)
    reports = [UsageReported.model_validate(payload) for payload in payloads]
    return UsageView(
        responses=len(reports), **{name: sum(getattr(report, name) for report in reports) for name in _TOKENS}
    )
