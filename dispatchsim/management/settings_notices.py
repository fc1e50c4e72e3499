"""What the settings lack, as notices of the start: what it is, and what to do about it."""

from collections.abc import Iterable

from django.core.checks import ERROR, WARNING, CheckMessage

from dispatchsim.bootstrap.console import report, say
from dispatchsim.bootstrap.errors import SetupError


def tell_settings(messages: Iterable[CheckMessage]) -> bool:
    """Print a notice for each; say whether a system can start with such settings."""
    shown = [message for message in messages if message.level >= WARNING and not message.is_silenced()]
    for message in shown:
        if message.level >= ERROR:
            report(SetupError(message.msg, hint=message.hint or ""))
        else:
            say(f"! {message.msg}")
            say(f"  {message.hint or 'See the documentation of the settings.'}")
    return all(message.level < ERROR for message in shown)
