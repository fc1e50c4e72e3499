"""What call do I want? The launch page and its form."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import DispatchsimError, InvalidInputError
from dispatchsim.domain.voice_models import MODELS, describe_end
from dispatchsim.models import Conversation, Scenario
from dispatchsim.pages.access import HtmxRequest, needs
from dispatchsim.pages.launch_form import MAX_AT_ONCE, LaunchForm, initial_choices
from dispatchsim.pages.launched import keep_together
from dispatchsim.pages.own_scenario import LONGEST_S, OWN, doubt_own_scenario
from dispatchsim.pages.stakes import build_stakes
from dispatchsim.pages.starting import find_past_call
from dispatchsim.services.accounts import LAUNCH, VIEW_CONVERSATION, find_person, may_enter_library
from dispatchsim.services.history import find_calls
from dispatchsim.services.launch import FrozenPersona, LaunchedCalls, launch_several, preview_sides, repeat_conversation

RECENT_CALLS = 6


@require_GET
@needs(VIEW_CONVERSATION)
@never_cache
def launch(request: HttpRequest) -> HttpResponse:
    """Show what can be launched; the query may name a scenario and personas to start from."""
    return _page(request, LaunchForm(initial=initial_choices(request.GET)))


@require_POST
@needs(LAUNCH)
def launch_call(request: HttpRequest) -> HttpResponse:
    """Launch the call of the form and open its page, or the page of all; a repeated press opens the same."""
    form = LaunchForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=InvalidInputError.status_code)
    order = form.order()
    try:
        launched = launch_several(
            order=order,
            count=form.cleaned_data["count"] or 1,
            launched_by=find_person(request.user),
            idempotency_key=form.cleaned_data["idempotency_key"].hex,
        )
    except InvalidInputError as error:
        form.blame(error)
        return _page(request, form, status=error.status_code)
    except DispatchsimError as error:
        return _page(request, form, problem=error, status=error.status_code)
    for doubt in doubt_own_scenario(order.scenario):
        messages.warning(request, doubt)
    return _show_launched(request, launched)


@require_POST
@needs(LAUNCH)
def read_prompts(request: HtmxRequest) -> HttpResponse:
    """Show what both agents of the form's call would be told, without launching it."""
    form = LaunchForm(request.POST)
    sides: dict[Role, FrozenPersona] = {}
    if form.is_valid():
        try:
            sides = preview_sides(form.order())
        except InvalidInputError as error:
            form.blame(error)
    if request.htmx:  # always 200: htmx shows nothing of a refusal
        return render(request, "launch/partials/_prompts.html", {"sides": sides, "form": form})
    status = 200 if sides else InvalidInputError.status_code
    return _page(request, form, sides=sides, status=status)


@require_POST
@needs(LAUNCH)
def repeat_call(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Launch a call again, with the scenario, the personas and the changes that it was made from."""
    conversation = get_object_or_404(Conversation, pk=conversation_id)
    try:
        again = repeat_conversation(
            conversation=conversation,
            launched_by=find_person(request.user),
            idempotency_key=_read_key(request),
        )
    except DispatchsimError as error:
        form = LaunchForm(initial=initial_choices(request.GET))
        return _page(request, form, problem=error, status=error.status_code)
    return redirect("conversation_detail", again.pk)


def _read_key(request: HttpRequest) -> str | None:
    """Read the key of a repeat; a call may be repeated any number of times, a press only once."""
    try:
        return uuid.UUID(request.POST.get("idempotency_key", "")).hex
    except ValueError:
        return None


def _show_launched(request: HttpRequest, launched: LaunchedCalls) -> HttpResponse:
    if launched.problem is not None:
        started = len(launched.calls)
        messages.warning(
            request,
            f"Only {started} call{'s were' if started > 1 else ' was'} launched. "
            f"{launched.problem.message} {launched.problem.hint}",
        )
    elif len(launched.calls) == 1:
        return redirect("conversation_detail", launched.calls[0].pk)
    return redirect(keep_together(request, launched.calls))


def _page(
    request: HttpRequest,
    form: LaunchForm,
    *,
    problem: DispatchsimError | None = None,
    sides: dict[Role, FrozenPersona] | None = None,
    status: int = 200,
) -> HttpResponse:
    start = (request.POST or request.GET).get("from", "")
    context = {
        "here": "new_call",  # also where a form came back from another address
        "form": form,
        "scenarios": [build_stakes(scenario) for scenario in Scenario.objects.all()],
        "own": OWN,
        "own_longest_s": LONGEST_S,
        "start": start,
        "past": find_past_call(start),
        "may_enter_library": may_enter_library(request.user),
        "form_sides": form.sides(),
        "models": [(model, describe_end(model)) for model in MODELS],
        "max_at_once": MAX_AT_ONCE,
        "max_calls": settings.MAX_CALLS,
        "problem": problem,
        "sides": sides or {},
        "has_openai": bool(settings.OPENAI_API_KEY),
        "openai_model": settings.OPENAI_REALTIME_MODEL,
        "idempotency_key": uuid.uuid4().hex,
        "may_launch": request.user.has_perm(LAUNCH),
        "recent": [(call, uuid.uuid4().hex) for call in find_calls()[:RECENT_CALLS]],
    }
    return render(request, "launch/launch.html", context, status=status)
