"""The forms of scenarios and personas."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from dispatchsim.domain.voice_models import MODELS, TRANSCRIPTION_MODELS, VOICES, describe_end
from dispatchsim.forms.stakes import YAML_HELP, StakesForm
from dispatchsim.models import Persona, Scenario
from dispatchsim.models.library import VOICE_NAME
from dispatchsim.services.library_content import Entry, normalise_text
from dispatchsim.services.revisions import latest_number, revisions_of

LOAD_SHEET_EXAMPLE = "commodity: frozen chicken\nweight: 42,000 pounds\npickup: Springdale, Arkansas, tomorrow at 7"
FREIGHT_EXAMPLE = "load:\n  reference: LD-4471\n  commodity: frozen chicken\n  weight_lb: 42000\n  equipment: reefer"
_LONG = {"class": "vLargeTextField"}
VOICE_CHOICES = [(voice, voice.capitalize()) for voice in VOICES]
_TICKS = re.compile(r"`([^`]*)`")


class SuggestInput(forms.TextInput):
    """A text field with suggestions, by a plain `datalist`: no script, any value."""

    def __init__(self, suggestions: Iterable[str], attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs)
        self.suggestions = tuple(suggestions)

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Put the list behind the field."""
        list_id = f"{name}_suggestions"
        field = super().render(name, value, {**(attrs or {}), "list": list_id}, renderer)
        notes = {one: describe_end(one) for one in self.suggestions}
        labels = {one: format_html(' label="{}"', note) if note else "" for one, note in notes.items()}
        options = format_html_join("", '<option value="{}"{}></option>', labels.items())
        return format_html('{}<datalist id="{}">{}</datalist>', field, list_id, options)


class EntryForm(forms.ModelForm):  # type: ignore[type-arg]
    """What both kinds share: plain line breaks, and no silent overwriting of somebody else's version."""

    base_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["base_version"] = latest_number(self.instance)

    def full_clean(self) -> None:
        """Put quotation marks where files and terminals show back ticks."""
        super().full_clean()
        for errors in self.errors.values():
            for error in errors.as_data():
                error.message = _TICKS.sub(r"“\1”", str(error.message))

    def clean(self) -> dict[str, Any] | None:
        """Bring browsers' line breaks in order, and look whether the entry moved on meanwhile."""
        cleaned = super().clean()
        values = self.cleaned_data if cleaned is None else cleaned
        for name, value in values.items():
            if isinstance(value, str):
                values[name] = normalise_text(value)
        self._refuse_stale(values.get("base_version"))
        return values

    def _refuse_stale(self, base: int | None) -> None:
        entry: Entry = self.instance
        if entry.pk is None or base is None:
            return
        newest = revisions_of(entry).first()
        if newest is None or newest.number == base:
            return
        # The form that comes back knows of the newer version: saving it again is a decision.
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix("base_version")] = str(newest.number)
        self.data = data
        author = newest.author.get_username() if newest.author else "Somebody"
        when = date_format(localtime(newest.created_at), "H:i")
        raise ValidationError(
            f"{author} saved version {newest.number} at {when} while this form was open. Look at it under Versions; "
            "to put yours over it, save once more.",
            code="stale",
        )


class ScenarioForm(StakesForm, EntryForm):
    """A scenario; the lines of its load sheet are checked one by one, and what is at stake has fields."""

    def clean(self) -> dict[str, Any] | None:
        """Write the fields of what is at stake into its YAML, once line breaks are in order."""
        cleaned = super().clean()
        self.settle_stakes()
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        left_out: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in the stubs
        return left_out | ({self.freight_field} if self.has_bad_stakes() else set())

    class Meta:
        """Widgets that fit what is written in them."""

        model = Scenario
        fields = "__all__"
        labels: ClassVar[dict[str, str]] = {"freight": "What is at stake, as YAML"}
        help_texts: ClassVar[dict[str, str]] = {"freight": YAML_HELP}
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "summary": forms.Textarea(attrs={**_LONG, "rows": 2}),
            "load_sheet": forms.Textarea(
                attrs={"rows": 10, "class": "vLargeTextField monospace", "placeholder": LOAD_SHEET_EXAMPLE}
            ),
            "freight": forms.Textarea(
                attrs={"rows": 14, "class": "vLargeTextField monospace", "placeholder": FREIGHT_EXAMPLE}
            ),
            "dispatcher_briefing": forms.Textarea(attrs={**_LONG, "rows": 6}),
            "driver_briefing": forms.Textarea(attrs={**_LONG, "rows": 6}),
            "driver_decision": forms.TextInput(
                attrs={"class": "vLargeTextField", "placeholder": "decline: it pays too little"}
            ),
        }


class PersonaForm(EntryForm):
    """A persona; the voice is picked, one that OpenAI added meanwhile can be named."""

    voice = forms.ChoiceField(
        choices=VOICE_CHOICES,
        error_messages={
            "invalid_choice": "“%(value)s” is none of the voices known here. Pick one of the list; "
            "if OpenAI has a voice of this name, write it under “Another voice”."
        },
    )
    other_voice = forms.CharField(
        label="Another voice",
        required=False,
        max_length=50,
        validators=[VOICE_NAME],
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Only for a voice of OpenAI's that the list lacks; it then counts instead of the list.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        voice = self.instance.voice
        if voice not in VOICES:
            field: Any = self.fields["voice"]
            field.choices = [*VOICE_CHOICES, (voice, f"{voice} (not a known voice)")]

    def clean(self) -> dict[str, Any] | None:
        """Take the voice that was named instead of the one that was picked."""
        cleaned = super().clean()
        values = self.cleaned_data if cleaned is None else cleaned
        if values.get("other_voice"):
            values["voice"] = values["other_voice"]
        return values

    class Meta:
        """Widgets that fit what is written in them."""

        model = Persona
        fields = "__all__"
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "character": forms.Textarea(attrs={**_LONG, "rows": 6}),
            "model": SuggestInput(MODELS, attrs={"class": "vTextField"}),
            "transcription_model": SuggestInput(TRANSCRIPTION_MODELS, attrs={"class": "vTextField"}),
        }


class _ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class _ManyFilesField(forms.FileField):
    """Checks each of the files that were chosen together."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        one = super().clean
        return [one(file, initial) for file in data] if data else [one(None, initial)]


class ImportForm(forms.Form):
    """Files to import; what is in them is checked by the services."""

    uploads = _ManyFilesField(
        label="Library files",
        widget=_ManyFilesInput(attrs={"accept": ".yaml,.yml,.json"}),
        help_text="One or more .yaml, .yml or .json files, up to 512 KB each.",
        error_messages={"required": "Choose at least one file."},
    )


class _PersonaField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of personas of one role, which its label names already."""

    def label_from_instance(self, obj: Any) -> str:
        """Tell name and character."""
        return f"{obj.name}, {obj.title}"


class CastForm(forms.Form):
    """Who plays which scenario, for a preview or a launch."""

    scenario = forms.ModelChoiceField(Scenario.objects.all(), to_field_name="slug", empty_label=None)
    dispatcher = _PersonaField(Persona.objects.filter(role="dispatcher"), to_field_name="slug", empty_label=None)
    driver = _PersonaField(Persona.objects.filter(role="driver"), to_field_name="slug", empty_label=None)
