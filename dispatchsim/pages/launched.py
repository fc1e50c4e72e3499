"""How are they doing? Calls that were launched together, each with its progress."""

from collections.abc import Iterable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dispatchsim.domain.conversation import ConversationStatus, EndReason
from dispatchsim.models import Conversation
from dispatchsim.pages.access import HtmxRequest, needs
from dispatchsim.pages.launch_form import MAX_AT_ONCE
from dispatchsim.pages.rows import build_row
from dispatchsim.services import lifecycle
from dispatchsim.services.accounts import END, LAUNCH, VIEW_CONVERSATION, find_person

_KEPT = "launched_together"  # in the session: the calls that a person launched together last


@require_GET
@needs(VIEW_CONVERSATION)
@never_cache
def launched_calls(request: HtmxRequest) -> HttpResponse:
    """Show the calls that the query names, in the order of their launch, until all are over."""
    calls = _find_calls(request.GET)
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
        "may_end": request.user.has_perm(END),
    }
    template = "launch/partials/_launched.html" if is_part else "launch/launched.html"
    return render(request, template, context)


@require_POST
@needs(END)
def end_launched(request: HttpRequest) -> HttpResponse:
    """Hang up in every call that is named and still on, and go back to the page of all."""
    calls, person = _find_calls(request.POST), find_person(request.user)
    for call in calls:
        lifecycle.end_conversation(conversation_id=call.pk, reason=EndReason.PERSON_ENDED, ended_by=person)
    return redirect(_address([str(call.pk) for call in calls]))


def keep_together(request: HttpRequest, calls: Iterable[Conversation]) -> str:
    """Remember calls that were launched together; return the address of the page of all."""
    request.session[_KEPT] = [str(call.pk) for call in calls]
    return _address(request.session[_KEPT])


def find_together(request: HttpRequest, call: Conversation) -> str:
    """Give the address of the page of all for a call that this person launched among others; else nothing."""
    kept: list[str] = request.session.get(_KEPT, [])
    return _address(kept) if str(call.pk) in kept else ""


def _address(ids: list[str]) -> str:
    return f"{reverse('launched_calls')}?{urlencode({'call': ids}, doseq=True)}"


def _find_calls(query: QueryDict) -> list[Conversation]:
    calls = list(Conversation.objects.filter(pk__in=_read_ids(query)).order_by("created_at", "pk"))
    if not calls:
        raise Http404
    return calls


def _read_ids(query: QueryDict) -> list[UUID]:
    ids: list[UUID] = []
    for text in query.getlist("call")[:MAX_AT_ONCE]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids
