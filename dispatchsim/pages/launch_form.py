"""The fields of the launch form and what they mean to the launch service."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.forms.boundfield import BoundField
from django.http import QueryDict

from dispatchsim.domain.conversation import Role, VoiceProvider
from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.line import LineQuality
from dispatchsim.domain.voice_models import VOICES
from dispatchsim.forms.stakes import PREFIX as STAKES_PREFIX
from dispatchsim.forms.stakes import StakesForm
from dispatchsim.forms.texts import WholeText
from dispatchsim.models import Persona, Scenario
from dispatchsim.models.library import (
    LINE_CHOICES,
    validate_agreement,
    validate_decision,
    validate_freight,
    validate_load_sheet,
)
from dispatchsim.pages.own_scenario import OWN, build_own_scenario
from dispatchsim.pages.starting import find_start
from dispatchsim.services.launch import AgentOverrides, CallOrder
from dispatchsim.services.library import find_default_persona, find_default_scenario
from dispatchsim.services.readiness import default_provider

MAX_AT_ONCE = 20  # as many as one person can follow on one page; more are a job for the API
_NAME = RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._:-]*$", "Use the name as OpenAI writes it, as in “gpt-realtime-2.1”.")
_TICKS = re.compile(r"`([^`]*)`")
# What the services call a field, where the form has another name for it.
_FIELDS = {
    "load_sheet": "own_load_sheet",
    "freight": "own_freight",
    **{f"{role}.{part}": f"{role}_{part}" for role in Role for part in ("voice", "model")},
}


@dataclass(frozen=True)
class Side:
    """The part of the form that is about one of the two voices."""

    role: Role
    personas: list[Persona]
    persona: BoundField
    voice: BoundField
    model: BoundField
    instructions: BoundField

    @property
    def is_changed(self) -> bool:
        """Whether anything but the persona's own is picked, or wrong."""
        return any(field.value() or field.errors for field in (self.voice, self.model, self.instructions))


def _text(longest: int, *, required: bool = False, words: str = "", **options: Any) -> forms.CharField:
    messages = {"required": words} if words else None
    return WholeText(max_length=longest, required=required, error_messages=messages, **options)


def _number(least: int, most: int, **options: Any) -> forms.IntegerField:
    words = f"Give a whole number from {least} to {most}, or leave it empty."
    messages = dict.fromkeys(("invalid", "min_value", "max_value"), words)
    return forms.IntegerField(min_value=least, max_value=most, required=False, error_messages=messages, **options)


def _persona(role: Role) -> "forms.ModelChoiceField[Persona]":
    words = f"Pick who plays the {role}."
    return forms.ModelChoiceField(
        Persona.objects.filter(role=role),
        to_field_name="slug",
        label=role.identity,
        error_messages={"required": words, "invalid_choice": words},
    )


def _voice() -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=[("", "The persona's own"), *((voice, voice) for voice in VOICES)],
        required=False,
        error_messages={"invalid_choice": "Pick a voice of the list."},
    )


class LaunchForm(StakesForm):
    """A scenario, a persona for each side, a voice model, and the key that makes a repeat harmless."""

    use_required_attribute = False
    freight_field = "own_freight"

    scenario = forms.CharField(error_messages={"required": "Pick a scenario."})
    own_title = _text(120, label="Title")
    own_load_sheet = _text(4000, label="Load sheet")
    own_opener = forms.ChoiceField(choices=[(role.value, role.identity) for role in Role], required=False)
    own_dispatcher_briefing = _text(4000, label="What the dispatcher knows and wants")
    own_driver_briefing = _text(4000, label="What the driver knows and wants")
    own_driver_decision = _text(300, label="What the driver decides")
    own_freight = _text(8000, label="What is at stake, as YAML")
    own_line = forms.ChoiceField(choices=LINE_CHOICES, required=False, widget=forms.HiddenInput)
    own_max_duration_s = _number(15, 3600, widget=forms.HiddenInput)
    own_max_turns = _number(2, 500, widget=forms.HiddenInput)
    dispatcher = _persona(Role.DISPATCHER)
    dispatcher_voice = _voice()
    dispatcher_model = _text(100, validators=[_NAME], label="Model of the dispatcher")
    dispatcher_instructions = _text(4000, label="Character of the dispatcher")
    driver = _persona(Role.DRIVER)
    driver_voice = _voice()
    driver_model = _text(100, validators=[_NAME], label="Model of the driver")
    driver_instructions = _text(4000, label="Character of the driver")
    provider = forms.ChoiceField(
        choices=[(provider, provider) for provider in VoiceProvider],
        error_messages={"required": "Pick a voice model.", "invalid_choice": "Pick a voice model."},
    )
    max_duration_s = _number(15, 3600, label="Seconds at most")
    line = forms.ChoiceField(
        choices=[("", "As the scenario says"), *LINE_CHOICES],
        required=False,
        label="Line",
        error_messages={"invalid_choice": "Pick a line of the list."},
    )
    count = _number(1, MAX_AT_ONCE, label="How many such calls")
    idempotency_key = forms.UUIDField(error_messages={"required": "This form is out of date; it has been renewed."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="%s", **kwargs)  # as the templates name what they write by hand

    def clean_scenario(self) -> Scenario | None:
        """Give the scenario of the library, or None for one that is written on the spot."""
        slug = self.cleaned_data["scenario"]
        if slug == OWN:
            return None
        scenario = Scenario.objects.filter(slug=slug).first()
        if scenario is None:
            raise forms.ValidationError("Pick a scenario. The one that was picked is not in the library any more.")
        return scenario

    def clean(self) -> dict[str, Any]:
        """Check what was written on the spot, if it is what the call is about."""
        cleaned = super().clean() or self.cleaned_data
        if "scenario" in cleaned and cleaned["scenario"] is None:
            self._check(
                "own_load_sheet",
                validate_load_sheet,
                empty="Write at least one line: a name, a colon and a value, as in `miles: 330`.",
            )
            self._check("own_driver_decision", validate_decision)
            self.settle_stakes()
            self._check_stakes()
        else:
            self.leave_stakes_out()
        return cleaned

    def _check_stakes(self) -> None:
        sheet = self.cleaned_data.get("own_load_sheet")
        if self.has_bad_stakes() or "own_freight" in self.errors:
            return
        self._check("own_freight", validate_freight)
        if sheet and "own_freight" not in self.errors:
            self._check("own_freight", partial(validate_agreement, load_sheet=sheet))

    def _check(self, name: str, rule: Any, *, empty: str = "") -> None:
        text = self.cleaned_data.get(name)
        try:
            if text:
                rule(text)
            elif empty and name not in self.errors:
                raise forms.ValidationError(empty)
        except forms.ValidationError as error:
            for one in error.error_list:
                self.add_error(name, forms.ValidationError(quote_for_people(" ".join(one.messages)), code=one.code))

    def order(self) -> CallOrder:
        """Give what is asked for, once the form is valid."""
        return CallOrder(
            scenario=self.cleaned_data["scenario"] or build_own_scenario(self.cleaned_data),
            dispatcher=self.cleaned_data["dispatcher"],
            driver=self.cleaned_data["driver"],
            overrides={role: self._overrides(role) for role in Role},
            provider=VoiceProvider(self.cleaned_data["provider"]),
            max_duration_s=self.cleaned_data["max_duration_s"],
            line=LineQuality(self.cleaned_data["line"]) if self.cleaned_data["line"] else None,
        )

    def _overrides(self, role: Role) -> AgentOverrides:
        given = {part: self.cleaned_data[f"{role}_{part}"] for part in ("voice", "model", "instructions")}
        text = given["instructions"].replace("\r\n", "\n")
        return AgentOverrides(voice=given["voice"] or None, model=given["model"] or None, instructions=text or None)

    def blame(self, error: InvalidInputError) -> None:
        """Put what a service refused to the field that it is about."""
        name = _FIELDS.get(error.field, error.field)
        self.add_error(name if name in self.fields else None, quote_for_people(f"{error.message} {error.hint}"))

    def sides(self) -> list[Side]:
        """Give both sides with those who can play them."""
        personas = list(Persona.objects.all())
        return [
            Side(
                role=role,
                personas=[persona for persona in personas if persona.role == role],
                persona=self[role],
                voice=self[f"{role}_voice"],
                model=self[f"{role}_model"],
                instructions=self[f"{role}_instructions"],
            )
            for role in Role
        ]

    def problems(self) -> list[tuple[BoundField | None, str]]:
        """List everything that is wrong, each with its field, and named where its words alone do not tell which."""
        return [
            (self[name] if name in self.fields else None, f"{self._name(name)}{message}")
            for name, messages in self.errors.items()
            for message in messages
        ]

    def _name(self, name: str) -> str:
        field = self.fields.get(name)
        is_typed = name.startswith(STAKES_PREFIX) or isinstance(field, forms.CharField | forms.IntegerField)
        return f"{field.label}: " if field is not None and is_typed and field.label else ""


def quote_for_people(text: str) -> str:
    """Put quotation marks where terminals and scripts show back ticks."""
    return _TICKS.sub(r"“\1”", text)


def initial_choices(query: QueryDict) -> dict[str, object]:
    """Read what a link has picked beforehand, else what plays when nobody picks anything."""
    scenario = find_default_scenario()
    picked: dict[str, object] = {
        "scenario": scenario.slug if scenario else OWN,
        "own_driver_decision": "accept",
        "provider": default_provider(),
        "count": 1,
        **{role: persona.slug for role in Role if (persona := find_default_persona(role))},
    }
    if "from" in query:  # a scenario of one's own, filled in like another, or a past call
        picked |= find_start(str(query["from"]))
    return picked | {name: text for name, text in query.items() if text and name in LaunchForm.base_fields}
