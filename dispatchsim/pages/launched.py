"""How are they doing? Calls that were launched together, each with its progress."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from dispatchsim.domain.conversation import ConversationStatus
from dispatchsim.models import Conversation
from dispatchsim.pages.access import HtmxRequest, needs
from dispatchsim.pages.launch_form import MAX_AT_ONCE
from dispatchsim.pages.rows import build_row
from dispatchsim.services.accounts import LAUNCH, VIEW_CONVERSATION


@require_GET
@needs(VIEW_CONVERSATION)
@never_cache
def launched_calls(request: HtmxRequest) -> HttpResponse:
    """Show the calls that the query names, in the order of their launch, until all are over."""
    calls = list(Conversation.objects.filter(pk__in=_read_ids(request)).order_by("created_at", "pk"))
    if not calls:
        raise Http404
    rows = [build_row(call, now=timezone.now()) for call in calls]
    over = [row.call for row in rows if row.is_over]
    is_part = request.htmx and not request.htmx.history_restore_request
    context = {
        "calls": calls,
        "rows": rows,
        "over": len(over),
        "failed": sum(call.status == ConversationStatus.FAILED for call in over),
        "is_over": len(over) == len(calls),
        "may_launch": request.user.has_perm(LAUNCH),
    }
    template = "launch/partials/_launched.html" if is_part else "launch/launched.html"
    return render(request, template, context)


def _read_ids(request: HtmxRequest) -> list[UUID]:
    ids: list[UUID] = []
    for text in request.GET.getlist("call")[:MAX_AT_ONCE]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids
