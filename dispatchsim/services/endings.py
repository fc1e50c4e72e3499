"""Why a call ended, in a sentence: who ended it is named, and is told so as "you"."""

from django.contrib.auth.models import User

from dispatchsim.domain.conversation import EndReason
from dispatchsim.models import Conversation, Event


def tell_end(conversation: Conversation, *, reader: User | None = None) -> str:
    """Say why a call ended to the one who reads it; nothing while it runs."""
    if not conversation.end_reason:
        return ""
    reason = EndReason(conversation.end_reason)
    person = _find_who_ended(conversation) if reason is EndReason.PERSON_ENDED else None
    if person is None:
        return reason.sentence
    if person == reader:
        return "You ended the call."
    return f"{person.get_full_name() or person.get_username()} ended the call."


def _find_who_ended(conversation: Conversation) -> User | None:
    """Look up who pressed the button; None for scripts, and for people who are gone since."""
    events = Event.objects.filter(conversation=conversation, role="", type="call.ending")
    payload = events.values_list("payload", flat=True).first() or {}
    return User.objects.filter(pk=payload["by"]).first() if "by" in payload else None
