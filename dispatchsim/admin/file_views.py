"""Take the library out as files, and in again after a look at what would change."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header

from dispatchsim.admin.forms import ImportForm
from dispatchsim.domain.errors import ConflictError, DispatchsimError
from dispatchsim.services.accounts import find_person
from dispatchsim.services.library_content import Entry, folder_of
from dispatchsim.services.library_files import (
    MAX_FILE_BYTES,
    FileFormat,
    Problem,
    ReadFile,
    read_file,
    write_entries,
    write_entry,
)
from dispatchsim.services.library_import import ImportPlan, Outcome, apply_import, plan_import

MAX_FILES = 50
MAX_CHECKED_BYTES = 2 * 1024 * 1024  # what was checked comes back written out in full
_MEDIA_TYPES = {FileFormat.YAML: "application/yaml; charset=utf-8", FileFormat.JSON: "application/json"}
_CHECKED = "import.json"


def download(entries: Sequence[Entry], file_format: FileFormat) -> HttpResponse:
    """Answer with a library file: one entry under its own name, or many in one."""
    if len(entries) == 1:
        name, text = entries[0].slug, write_entry(entries[0], file_format)
    else:
        name, text = (folder_of(entries[0]) if entries else "library"), write_entries(entries, file_format)
    disposition = content_disposition_header(True, f"{name}.{file_format}")
    return HttpResponse(text, content_type=_MEDIA_TYPES[file_format], headers={"Content-Disposition": str(disposition)})


def import_page(model_admin: "ModelAdmin[Any]", request: HttpRequest) -> HttpResponseBase:
    """Ask for files, show what they would do, and do it once that is confirmed."""
    if not _may_import(request):
        raise PermissionDenied
    if request.method != "POST":
        return _page(model_admin, request, ImportForm())
    if "checked" in request.POST:
        return _apply(model_admin, request)
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(model_admin, request, form, status=422)
    uploads = request.FILES.getlist("uploads")
    if len(uploads) > MAX_FILES:
        form.add_error("uploads", f"Choose at most {MAX_FILES} files at once; one file may hold many entries.")
        return _page(model_admin, request, form, status=422)
    plan = _plan_uploads(uploads)
    return _page(model_admin, request, ImportForm(), plan=plan, status=422 if plan.problems else 200)


def _plan_uploads(uploads: Sequence["UploadedFile[Any]"]) -> ImportPlan:
    """Plan an import; one that is too large to come back and be confirmed is told so before."""
    plan = plan_import([_read_upload(upload) for upload in uploads])
    checked = _write_checked(plan)
    size_bytes = len(checked.encode()) + checked.count("\n")  # browsers send a line's end as two characters
    if plan.problems or size_bytes <= MAX_CHECKED_BYTES:
        return plan
    message = (
        f"Written out, these {len(plan.entries)} entries have {size_bytes // 1024} KB; at most "
        f"{MAX_CHECKED_BYTES // 1024} KB are imported at once. Import some of the files first, then the others."
    )
    return replace(plan, problems=(Problem("", "", "", message),))


def _write_checked(plan: ImportPlan) -> str:
    return write_entries([planned.entry for planned in plan.entries], FileFormat.JSON)


def _apply(model_admin: "ModelAdmin[Any]", request: HttpRequest) -> HttpResponseBase:
    files = [read_file(_CHECKED, request.POST["checked"].encode(errors="replace"), max_bytes=MAX_CHECKED_BYTES)]
    try:
        plan = apply_import(files, author=find_person(request.user), fingerprint=request.POST.get("fingerprint", ""))
    except ConflictError as error:
        messages.warning(request, f"{error.message} {error.hint}")
        return _page(model_admin, request, ImportForm(), plan=plan_import(files), status=error.status_code)
    except DispatchsimError as error:
        return _page(model_admin, request, ImportForm(), plan=plan_import(files), status=error.status_code)
    for planned in plan.to_write:
        log = model_admin.log_addition if planned.outcome is Outcome.NEW else model_admin.log_change
        log(request, planned.entry, "Imported from a file.")
    messages.success(request, f"Imported: {plan.summary}.")
    return redirect(f"admin:dispatchsim_{model_admin.opts.model_name}_changelist")


def _page(
    model_admin: "ModelAdmin[Any]",
    request: HttpRequest,
    form: ImportForm,
    *,
    plan: ImportPlan | None = None,
    status: int = 200,
) -> HttpResponse:
    is_good = plan is not None and not plan.problems
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Import scenarios and personas",
        "opts": model_admin.opts,
        "form": form,
        "plan": plan,
        "checked": _write_checked(plan) if plan and is_good else "",
    }
    return render(request, "admin/library/import.html", context, status=status)


def _may_import(request: HttpRequest) -> bool:
    rights = [f"dispatchsim.{action}_{kind}" for action in ("add", "change") for kind in ("scenario", "persona")]
    return request.user.has_perms(rights)


def _read_upload(upload: "UploadedFile[Any]") -> ReadFile:
    name = upload.name or "file"
    if (upload.size or 0) > MAX_FILE_BYTES:  # not even read
        return ReadFile(problems=(Problem(name, "", "", f"The file is larger than {MAX_FILE_BYTES // 1024} KB."),))
    return read_file(name, upload.read())
