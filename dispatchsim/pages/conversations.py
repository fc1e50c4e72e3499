"""One call: the live page while it runs, the finished call after."""

from dataclasses import asdict
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from dispatchsim.domain.conversation import EndReason
from dispatchsim.domain.errors import ConflictError
from dispatchsim.domain.frozen import FrozenPersona, FrozenScenario
from dispatchsim.models import Conversation
from dispatchsim.pages.access import HtmxRequest, needs
from dispatchsim.pages.findings import build_findings
from dispatchsim.pages.launched import find_together
from dispatchsim.pages.stakes import build_call_stakes
from dispatchsim.services import lifecycle, observers
from dispatchsim.services.accounts import DELETE, END, LABEL, LAUNCH, VIEW_CONVERSATION, WRITE_PRICES, find_person
from dispatchsim.services.doings import find_doings
from dispatchsim.services.past_calls import find_overrides
from dispatchsim.services.status import StepView, conversation_status
from dispatchsim.services.tool_uses import find_tool_uses, put_in_order
from dispatchsim.services.transcript import transcript
from dispatchsim.services.usage import conversation_usage, cost_of, find_unpriced_models
from dispatchsim.services.verdicts import find_verdict

BLANK_STEP = StepView(name="", label="", done=False)  # copied by the page for steps that come later


@require_GET
@needs(VIEW_CONVERSATION)
@never_cache
def conversation_detail(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Show the call: live while it runs, with its end and its making afterwards."""
    conversation = get_object_or_404(Conversation, pk=conversation_id)
    status = conversation_status(conversation, reader=find_person(request.user))
    scenario = FrozenScenario.model_validate(conversation.scenario_copy)
    turns, uses = transcript(conversation), find_tool_uses(conversation)
    verdict = find_verdict(conversation)
    dispatcher = FrozenPersona.model_validate(conversation.dispatcher_copy)
    driver = FrozenPersona.model_validate(conversation.driver_copy)
    context = {
        "conversation": conversation,
        "status": status,
        "turns": turns,
        "lines": put_in_order(turns, uses),
        "verdict": verdict,
        "findings": build_findings(verdict, uses) if verdict else (),
        "usage": conversation_usage(conversation),
        "cost": cost_of(conversation),
        "doings": find_doings(conversation.pk),
        "scenario": scenario,
        "dispatcher": dispatcher,
        "driver": driver,
        "together": find_together(request, conversation),
        "may_end": request.user.has_perm(END),
        "may_launch": request.user.has_perm(LAUNCH),
        "blank_step": BLANK_STEP,
    }
    if not status.status.is_final:
        return render(request, "conversations/live.html", context | {"stakes": build_call_stakes(scenario)})
    changed = {"dispatcher": _list_changes(dispatcher), "driver": _list_changes(driver)}
    context |= {"changed": changed, **_what_is_left(request, conversation)}
    return render(request, "conversations/finished.html", context)


def _what_is_left(request: HttpRequest, conversation: Conversation) -> dict[str, object]:
    """Give what a call that is over is called, and what may be done with it."""
    return {
        "labels": conversation.labels.all(),
        "repeat_key": uuid4().hex,
        "may_label": request.user.has_perm(LABEL),
        "may_delete": request.user.has_perm(DELETE),
        "unpriced_models": find_unpriced_models(conversation) if request.user.has_perm(WRITE_PRICES) else [],
    }


def _list_changes(persona: FrozenPersona) -> list[str]:
    """Name what the call changed about a persona."""
    overrides = find_overrides(persona)
    given = {"character": overrides.instructions, "voice": overrides.voice, "model": overrides.model}
    return [name for name, value in given.items() if value is not None]


@require_POST
@needs(END)
def end_call(request: HtmxRequest, conversation_id: UUID) -> HttpResponse:
    """Hang up for both sides; the page hears of it over its socket."""
    get_object_or_404(Conversation, pk=conversation_id)
    lifecycle.end_conversation(
        conversation_id=conversation_id, reason=EndReason.PERSON_ENDED, ended_by=find_person(request.user)
    )
    if request.htmx:
        return HttpResponse(status=204)
    return redirect("conversation_detail", conversation_id)


@require_POST
@needs(VIEW_CONVERSATION)
@never_cache
def token(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Give the browser a place in the room, for minutes and for listening alone; 204 once the call is over."""
    conversation = get_object_or_404(Conversation, pk=conversation_id)
    try:
        access = observers.observer_token(conversation=conversation, observer=request.user.get_username())
    except ConflictError:
        return HttpResponse(status=204)  # no error: a page that lost its room asks before it knows of the end
    return JsonResponse(asdict(access))
