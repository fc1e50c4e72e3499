"""Where is that call? The list of conversations, newest first."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from dispatchsim.domain.errors import ConflictError, InvalidInputError
from dispatchsim.models import Conversation
from dispatchsim.pages.access import HtmxRequest, needs
from dispatchsim.pages.history_form import MAX_SHOWN, HistoryForm
from dispatchsim.pages.rows import build_row
from dispatchsim.services import history
from dispatchsim.services.accounts import DELETE, LABEL, LAUNCH, VIEW_CONVERSATION
from dispatchsim.services.usage import CallCost, costs_of, is_paid
from dispatchsim.templatetags.words import cost_words

PAGE_SIZE = 30


@require_GET
@vary_on_headers("HX-Request")  # one address, two shapes: caches must keep them apart
@needs(VIEW_CONVERSATION)
def conversation_list(request: HtmxRequest) -> HttpResponse:
    """Show a page of calls, filtered by what the query asks for."""
    form = HistoryForm(request.GET)
    wanted = form.wanted()
    page = Paginator(history.find_calls(wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    costs = costs_of(page.object_list)
    matches = history.find_matches(page.object_list, wanted.words)
    context = {
        "page": page,
        "rows": [
            build_row(call, now=timezone.now(), cost=_tell_cost(call, costs[call.pk]), match=matches.get(call.pk))
            for call in page
        ],
        "has_costs": any(not cost.is_none for cost in costs.values()),
        "form": form,
        "remarks": [*form.remarks(), *_tell_page(request.GET.get("page", ""), page.number)],
        "is_filtered": not wanted.is_empty,
        "has_running": any(call.status not in history.FINAL for call in page),
        "may_launch": request.user.has_perm(LAUNCH),
        "may_label": request.user.has_perm(LABEL),
        "may_delete": request.user.has_perm(DELETE),
    }
    is_part = request.htmx and not request.htmx.history_restore_request
    template = "conversations/partials/_rows.html" if is_part else "conversations/list.html"
    return render(request, template, context)


def _tell_page(asked: str, shown: int) -> list[str]:
    """Say so where another page is shown than the one that was asked for."""
    if asked in ("", str(shown)):
        return []
    return [f"There is no page {asked[:MAX_SHOWN]}: this is page {shown}."]


def _tell_cost(call: Conversation, cost: CallCost) -> str:
    if not is_paid(call):
        return "free"
    return "nothing used" if cost.is_none else cost_words(cost)


@require_http_methods(["GET", "POST"])
@needs(LABEL)
@never_cache
def label_call(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Ask for a call's labels, and keep them."""
    conversation = get_object_or_404(Conversation, pk=conversation_id)
    problem: InvalidInputError | None = None
    if request.method == "POST":
        typed = request.POST.get("labels", "")
        try:
            history.label_conversation(conversation=conversation, labels=typed.split(","))
        except InvalidInputError as error:
            problem = error
        else:
            messages.success(request, f"The labels of “{conversation.title}” are kept.")
            return redirect(_find_way_back(request, conversation_id))
    else:
        typed = ", ".join(label.text for label in conversation.labels.all())
    context = {
        "call": conversation,
        "typed": typed,
        "known": history.known_labels(),
        "problem": problem,
        "back": _find_way_back(request, conversation_id),
    }
    return render(request, "conversations/label.html", context, status=problem.status_code if problem else 200)


@require_http_methods(["GET", "POST"])
@needs(DELETE)
@never_cache
def delete_call(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Ask before a call is deleted for good; calls that are still on stay."""
    conversation = get_object_or_404(history.find_calls(), pk=conversation_id)
    is_final = conversation.status in history.FINAL
    status = 200
    if request.method == "POST":
        try:
            history.delete_conversation(conversation_id=conversation.pk)
        except ConflictError as error:
            is_final, status = False, error.status_code
        else:
            messages.success(request, f"“{conversation.title}” was deleted.")
            return redirect("conversation_list")
    back = _find_way_back(request, conversation_id)
    context = {"call": conversation, "is_final": is_final, "back": back}
    return render(request, "conversations/delete.html", context, status=status)


def _find_way_back(request: HttpRequest, conversation_id: UUID) -> str:
    """Lead back to where the person came from: the call's own page, or the history."""
    if request.GET.get("back") == "call":
        return reverse("conversation_detail", args=[conversation_id])
    return reverse("conversation_list")
