"""The form of a person: a name, what they may do, and how they come in."""

from enum import StrEnum
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from dispatchsim.services.accounts import Access, find_access

AS_IT_IS = "as-it-is"


class SignsIn(StrEnum):
    """How a person comes in from now on."""

    AS_BEFORE = "as-before"
    LINK = "link"
    PASSWORD = "password"  # noqa: S105  (no secret)


_WAYS = {
    SignsIn.AS_BEFORE: "As before",
    SignsIn.LINK: "With a one-time link that you hand to them",
    SignsIn.PASSWORD: "With a password that you set",
}


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person as owners see one: no hash, and one choice for all rights."""

    is_for_owner = True  # others neither make owners nor links, which sign in as somebody

    may = forms.ChoiceField(label="What they may do", widget=forms.RadioSelect, initial=Access.VIEWER.value)
    signs_in = forms.ChoiceField(label="How they sign in", widget=forms.RadioSelect)
    password1 = forms.CharField(
        label="Password",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text="At least 8 characters, no common password, nothing like the name.",
    )
    password2 = forms.CharField(
        label="Password again",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
    )

    class Meta:
        """Plain words for what Django has."""

        model = User
        fields = ("username", "is_active")
        labels: ClassVar[dict[str, str]] = {"username": "Name", "is_active": "May sign in"}
        help_texts: ClassVar[dict[str, str]] = {
            "username": "They sign in with it: letters, digits and . @ + - _ without a space, as in “vera”.",
            "is_active": "Without the tick nobody comes in by this name; what they did stays.",
        }
        error_messages: ClassVar[dict[str, dict[str, str]]] = {
            "username": {"unique": "Somebody has this name already. Take another one."}
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("may", self._offered_access(), self._access_now())
        ways = self._offered_ways()
        self._offer("signs_in", [(way.value, _WAYS[way]) for way in ways], ways[0].value)

    def _offer(self, name: str, choices: list[tuple[str, str]], initial: str) -> None:
        field: Any = self.fields.get(name)
        if field is not None:
            field.choices = choices
            self.initial[name] = initial

    def _offered_access(self) -> list[tuple[str, str]]:
        offered = [access for access in Access if self.is_for_owner or access is not Access.OWNER]
        choices = [(access.value, f"{access.value.capitalize()}: {access.sentence}") for access in offered]
        if self._access_now() != AS_IT_IS:
            return choices
        has_rights = self.instance.is_staff or self.instance.user_permissions.exists()
        return [(AS_IT_IS, "As it is: rights put together one by one" if has_rights else "Nothing yet"), *choices]

    def _access_now(self) -> str:
        if self.instance.pk is None:
            return Access.VIEWER.value
        return find_access(self.instance) or AS_IT_IS

    def _offered_ways(self) -> list[SignsIn]:
        ways = [SignsIn.LINK, SignsIn.PASSWORD] if self.is_for_owner else [SignsIn.PASSWORD]
        return ways if self.instance.pk is None else [SignsIn.AS_BEFORE, *ways]

    def chosen_access(self) -> Access | None:
        """Give what was chosen; None where rights stay as they are."""
        chosen = self.cleaned_data.get("may", AS_IT_IS)
        return None if chosen in (AS_IT_IS, self._access_now()) else Access(chosen)

    def clean(self) -> dict[str, Any] | None:
        """Look at the passwords, where one was asked for."""
        cleaned = super().clean()
        values = self.cleaned_data if cleaned is None else cleaned
        if values.get("signs_in") == SignsIn.PASSWORD:
            self._check_passwords(values.get("password1", ""), values.get("password2", ""))
        return values

    def _check_passwords(self, password: str, again: str) -> None:
        if not password:
            self.add_error("password1", "Write a password, or choose another way to sign in.")
        elif password != again:
            self.add_error("password2", "The two passwords are not the same. Write both again.")
        else:
            self._check_strength(password)

    def _check_strength(self, password: str) -> None:
        person = User(username=self.cleaned_data.get("username", self.instance.username))
        try:
            validate_password(password, person)
        except ValidationError as error:
            self.add_error("password1", error)
