"""Read both prompts before a call, and launch it from the entry that was just written."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode

from dispatchsim.admin.forms import CastForm
from dispatchsim.admin.naming import short_name
from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import DispatchsimError, InvalidInputError
from dispatchsim.models import Persona, Scenario
from dispatchsim.services.accounts import LAUNCH, find_person
from dispatchsim.services.launch import launch_conversation
from dispatchsim.services.library import get_default_scenario, get_persona
from dispatchsim.services.library_content import Entry
from dispatchsim.services.previews import preview_prompts


def preview(model_admin: "ModelAdmin[Any]", request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show what both agents would be told."""
    entry = _get_entry(model_admin, request, pk)
    context: dict[str, object] = {
        **model_admin.admin_site.each_context(request),
        "title": f"Prompts of {short_name(entry)}",
        "opts": model_admin.opts,
        "original": entry,
        "may_launch": request.user.has_perm(LAUNCH),
        "idempotency_key": uuid4().hex,
    }
    try:
        cast = _read_cast(entry, request.GET.dict())
        prompts = preview_prompts(**cast)
    except DispatchsimError as error:
        return render(request, "admin/library/preview.html", {**context, "problem": error}, status=error.status_code)
    chosen = {name: one.slug for name, one in cast.items()}
    context |= {
        "form": CastForm(initial=chosen, label_suffix=""),
        "cast": chosen,
        "sides": [(role, prompts[role]) for role in _own_side_first(entry)],
    }
    return render(request, "admin/library/preview.html", context)


def launch(model_admin: "ModelAdmin[Any]", request: HttpRequest, pk: int) -> HttpResponseBase:
    """Launch a call with this entry and open its page."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    entry = _get_entry(model_admin, request, pk)
    if not request.user.has_perm(LAUNCH):
        raise PermissionDenied
    try:
        cast = _read_cast(entry, request.POST.dict())
        conversation = launch_conversation(
            **cast, launched_by=find_person(request.user), idempotency_key=_read_key(request)
        )
    except DispatchsimError as error:
        messages.error(request, f"{error.message} {error.hint}")
        return _back(model_admin, request, entry)
    return redirect("conversation_detail", conversation.pk)


def _get_entry(model_admin: "ModelAdmin[Any]", request: HttpRequest, pk: int) -> Entry:
    entry: Entry = get_object_or_404(model_admin.model, pk=pk)
    if not model_admin.has_view_permission(request, entry):
        raise PermissionDenied
    return entry


def _read_cast(entry: Entry, wanted: dict[str, str]) -> dict[str, Any]:
    """Take what was chosen, defaults for the rest, and the entry itself where nothing else was chosen."""
    chosen = {name: wanted.get(name) or None for name in ("scenario", "dispatcher", "driver")}
    own = "scenario" if isinstance(entry, Scenario) else Role(entry.role).value
    chosen[own] = chosen[own] or entry.slug
    cast: dict[str, Scenario | Persona] = {role.value: get_persona(slug=chosen[role.value], role=role) for role in Role}
    scenario = get_default_scenario()
    if chosen["scenario"] is not None:
        found = Scenario.objects.filter(slug=chosen["scenario"]).first()
        if found is None:
            raise InvalidInputError(
                f"There is no scenario {chosen['scenario']!r}.", field="scenario", hint="It may have been deleted."
            )
        scenario = found
    return {**cast, "scenario": scenario}


def _read_key(request: HttpRequest) -> str | None:
    """Read the form's own key: a second press of its button opens the same call."""
    try:
        return UUID(request.POST.get("idempotency_key", "")).hex
    except ValueError:
        return None


def _own_side_first(entry: Entry) -> tuple[Role, Role]:
    first = Role(entry.role) if isinstance(entry, Persona) else Role.DISPATCHER
    return first, first.peer


def _back(model_admin: "ModelAdmin[Any]", request: HttpRequest, entry: Entry) -> HttpResponse:
    name = model_admin.opts.model_name
    if request.POST.get("from") != "preview":
        return redirect(f"admin:dispatchsim_{name}_change", entry.pk)
    chosen = {key: request.POST[key] for key in ("scenario", "dispatcher", "driver") if key in request.POST}
    page = redirect(f"admin:dispatchsim_{name}_preview", entry.pk)
    page["Location"] += f"?{urlencode(chosen)}"
    return page
