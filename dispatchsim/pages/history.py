"""Where is that call? The list of conversations, newest first."""

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from dispatchsim.domain.conversation import ConversationStatus
from dispatchsim.models import Conversation
from dispatchsim.pages.access import HtmxRequest, needs
from dispatchsim.services.accounts import LAUNCH, VIEW_CONVERSATION

PAGE_SIZE = 30
MAX_QUERY = 200  # characters; more is no title
FINAL = [status.value for status in ConversationStatus if status.is_final]
FILTERS = {
    "running": ("Running", Q(status__in=[status.value for status in ConversationStatus if not status.is_final])),
    "ended": ("Ended", Q(status=ConversationStatus.ENDED)),
    "failed": ("Failed", Q(status=ConversationStatus.FAILED)),
}


@require_GET
@vary_on_headers("HX-Request")  # one address, two shapes: caches must keep them apart
@needs(VIEW_CONVERSATION)
def conversation_list(request: HtmxRequest) -> HttpResponse:
    """Show a page of calls, filtered by words of the title and by status."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:MAX_QUERY]
    status = request.GET.get("status", "")
    page = Paginator(find_calls(words=words, status=status), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "query": words,
        "status": status,
        "filters": [(key, label) for key, (label, _) in FILTERS.items()],
        "is_filtered": bool(words or status in FILTERS),
        "has_running": any(call.status not in FINAL for call in page),
        "may_launch": request.user.has_perm(LAUNCH),
    }
    is_part = request.htmx and not request.htmx.history_restore_request
    template = "conversations/partials/_rows.html" if is_part else "conversations/list.html"
    return render(request, template, context)


def find_calls(*, words: str = "", status: str = "") -> QuerySet[Conversation]:
    """Read the calls that match, newest first, each with its number of turns."""
    calls = Conversation.objects.annotate(turn_count=Count("turns")).order_by("-created_at")
    if words:
        calls = calls.filter(title__icontains=words)
    if status in FILTERS:
        calls = calls.filter(FILTERS[status][1])
    return calls
