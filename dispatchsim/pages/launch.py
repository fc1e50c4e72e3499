"""What call do I want? The launch page and its form."""

import uuid

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.domain.errors import DispatchsimError
from dispatchsim.models import Persona, Scenario
from dispatchsim.pages.access import needs
from dispatchsim.pages.history import find_calls
from dispatchsim.pages.launch_form import Choices, LaunchForm
from dispatchsim.services.accounts import LAUNCH, VIEW_CONVERSATION, find_person
from dispatchsim.services.launch import launch_conversation

RECENT_CALLS = 6


@require_GET
@needs(VIEW_CONVERSATION)
@never_cache
def launch(request: HttpRequest) -> HttpResponse:
    """Show what can be launched; the query may name a scenario and personas to start from."""
    return _page(request, Choices.from_query(request.GET))


@require_POST
@needs(LAUNCH)
def launch_call(request: HttpRequest) -> HttpResponse:
    """Launch the call of the form and open its page; a repeated press opens the same page."""
    form = LaunchForm(request.POST)
    if not form.is_valid():
        return _page(request, Choices.from_query(request.POST), problem=form.problem(), status=422)
    try:
        conversation = launch_conversation(
            scenario=form.cleaned_data["scenario"],
            dispatcher=form.cleaned_data["dispatcher"],
            driver=form.cleaned_data["driver"],
            overrides=form.overrides(),
            provider=VoiceProvider(form.cleaned_data["provider"]),
            launched_by=find_person(request.user),
            idempotency_key=form.cleaned_data["idempotency_key"].hex,
        )
    except DispatchsimError as error:
        return _page(request, Choices.from_query(request.POST), problem=error, status=error.status_code)
    return redirect("conversation_detail", conversation.pk)


def _page(
    request: HttpRequest, choices: Choices, *, problem: DispatchsimError | None = None, status: int = 200
) -> HttpResponse:
    personas = list(Persona.objects.all())
    context = {
        "scenarios": list(Scenario.objects.all()),
        "sides": [(role, [persona for persona in personas if persona.role == role]) for role in Role],
        "choices": choices,
        "problem": problem,
        "has_openai": bool(settings.OPENAI_API_KEY),
        "openai_model": settings.OPENAI_REALTIME_MODEL,
        "idempotency_key": uuid.uuid4().hex,
        "may_launch": request.user.has_perm(LAUNCH),
        "recent": find_calls()[:RECENT_CALLS],
    }
    return render(request, "launch/launch.html", context, status=status)
