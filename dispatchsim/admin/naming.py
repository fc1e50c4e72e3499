"""What people call an entry, and where its calls are: in the history, and on the launch page."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from dispatchsim.models import Scenario
from dispatchsim.services.library_content import Entry


def short_name(entry: Entry) -> str:
    """Give what people call an entry."""
    return entry.title if isinstance(entry, Scenario) else entry.name


def launch_address(entry: Entry) -> str:
    """Give the address of New call with this entry chosen; the person picks the rest there."""
    part = "scenario" if isinstance(entry, Scenario) else entry.role
    return f"{reverse('launch')}?{urlencode({part: entry.slug})}"


def link_to_calls(count: int, **lookup: str) -> SafeString:
    """Link to these calls in the history."""
    address = f"{reverse('conversation_list')}?{urlencode(lookup)}"
    return format_html('<a href="{}">{} call{}</a>', address, count, "" if count == 1 else "s")
