"""The versions of an entry: what changed, by whom, and going back."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render

from dispatchsim.admin.naming import short_name
from dispatchsim.domain.errors import DispatchsimError
from dispatchsim.models import Revision
from dispatchsim.services.accounts import find_person
from dispatchsim.services.library_content import Entry, FieldChange, describe_changes, describe_content
from dispatchsim.services.revisions import restore_revision, revisions_of


@dataclass(frozen=True)
class Version:
    """One version with the names of what changed in it."""

    revision: Revision
    changed: tuple[str, ...]
    is_newest: bool
    is_shown: bool


def versions(model_admin: "ModelAdmin[Any]", request: HttpRequest, pk: int) -> HttpResponseBase:
    """List the versions; show one beside the one before it, or beside any other."""
    entry: Entry = get_object_or_404(model_admin.model, pk=pk)
    if not model_admin.has_view_permission(request, entry):
        raise PermissionDenied
    revisions = list(revisions_of(entry))
    shown = _pick(revisions, request.GET.get("version"), default=revisions[0] if revisions else None)
    earlier = next((one for one in revisions if shown and one.number < shown.number), None)
    against = _pick(revisions, request.GET.get("against"), default=earlier)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"Versions of {short_name(entry)}",
        "opts": model_admin.opts,
        "original": entry,
        "versions": _describe(model_admin, revisions, shown),
        "shown": shown,
        "against": against,
        "changes": _changes(model_admin, against, shown),
        "may_restore": model_admin.has_change_permission(request, entry) and shown not in revisions[:1],
    }
    return render(request, "admin/library/versions.html", context)


def restore(model_admin: "ModelAdmin[Any]", request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
    """Make an older version the newest."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    entry: Entry = get_object_or_404(model_admin.model, pk=pk)
    if not model_admin.has_change_permission(request, entry):
        raise PermissionDenied
    try:
        revision = restore_revision(entry, number=number, author=find_person(request.user))
    except DispatchsimError as error:
        messages.error(request, f"{error.message} {error.hint}")
    else:
        model_admin.log_change(request, entry, f"Restored version {number} as version {revision.number}.")
        messages.success(request, f"Version {number} is back, as version {revision.number}.")
    return redirect(f"admin:dispatchsim_{model_admin.opts.model_name}_versions", pk)


def _pick(revisions: list[Revision], wanted: str | None, default: Revision | None) -> Revision | None:
    if not wanted:
        return default
    for revision in revisions:
        if str(revision.number) == wanted:
            return revision
    raise Http404("There is no such version.")


def _describe(model_admin: "ModelAdmin[Any]", revisions: list[Revision], shown: Revision | None) -> list[Version]:
    described = []
    for position, revision in enumerate(revisions):
        before = revisions[position + 1] if position + 1 < len(revisions) else None
        changed = tuple(change.label for change in _changes(model_admin, before, revision)) if before else ()
        described.append(Version(revision, changed, position == 0, revision == shown))
    return described


def _changes(
    model_admin: "ModelAdmin[Any]", before: Revision | None, after: Revision | None
) -> tuple[FieldChange, ...]:
    if after is None:
        return ()
    if before is None:
        return describe_content(model_admin.model, after.content)
    return describe_changes(model_admin.model, before.content, after.content)
