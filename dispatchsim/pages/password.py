"""A password of one's own, chosen by whoever came in by link, changed by everybody else."""

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dispatchsim.pages.access import signed_in_only
from dispatchsim.services.accounts import find_person
from dispatchsim.services.sign_in import set_password


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@signed_in_only
@never_cache
def password(request: HttpRequest) -> HttpResponse:
    """Ask for a new password; for the old one as well, if there is one."""
    person = find_person(request.user)
    assert person is not None  # noqa: S101  (signed_in_only)
    form_type = PasswordChangeForm if person.has_usable_password() else SetPasswordForm
    form = form_type(person, request.POST if request.method == "POST" else None)  # an empty form is one too
    if request.method == "POST" and form.is_valid():
        set_password(person=person, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, person)  # this browser stays signed in, all others are out
        return redirect("launch")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/password.html", {"form": form}, status=status)
