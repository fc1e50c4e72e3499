"""What is at stake as labelled fields, for every form that has it as YAML: whichever was changed counts."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.text import get_text_list

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.freight.case import CallKind, DeclineReason, FreightOutcome, StopKind
from dispatchsim.forms.stake_needs import find_missing
from dispatchsim.forms.stake_values import REMEDIES, STAKES, Value, kind_of_stop, read_stakes, write_stakes
from dispatchsim.forms.texts import WholeText
from dispatchsim.models.freight_text import find_freight_problems
from dispatchsim.services.library_content import normalise_text
from dispatchsim.templatetags.words import spelled

PREFIX = "stakes_"
BASE = f"{PREFIX}base"
_BOTH = "both"  # the code of the error that is about fields and YAML
# Where a problem goes that is about a whole part of the freight.
_FIELD_OF_PART = {
    "money": "rate",
    "stops": "delivery_place",
    "truth": "outcome",
    "report": "kind",
    "report.remedy": "outcome",
}
_FIELDS = {".".join(stake.path): name for name, stake in STAKES.items()}
_LEADING_KEY = re.compile(r"^[“`][\w.]+[”`]:? ")
_LONG = {"class": "vLargeTextField"}  # as wide as the texts of the library's other forms
HELP = (
    "With something at stake, both sides have limits and tools: the driver decides by money, hours and fit, and the "
    "finished call gets a verdict. Each side knows its own limits only. Pick the kind of call; its fields appear."
)
YAML_HELP = (
    "All of the above as text, and what has no field: further stops, detention terms, lengths, temperature. Change "
    "either the fields or this text; the other follows."
)


def _pick(label: str, among: type[StrEnum], empty: str = "-", **options: Any) -> forms.ChoiceField:
    choices = [("", empty), *((one.value, spelled(one.value)) for one in among)]
    return forms.ChoiceField(label=label, choices=choices, required=False, **options)


def _text(label: str, longest: int, help_text: str = "", **options: Any) -> forms.CharField:
    return WholeText(label=label, required=False, max_length=longest, help_text=help_text, **options)


class _Number(forms.FloatField):
    """A number as people write it, as in `$1,450`; in a field of text, so that the page says what is wrong with it."""

    def to_python(self, value: Any) -> Any:
        """Read it without thousands and currency."""
        return super().to_python(value.strip().lstrip("$").replace(",", "") if isinstance(value, str) else value)


def _number(label: str, help_text: str = "", empty: str = "") -> forms.FloatField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "placeholder": empty, "autocomplete": "off"})
    return _Number(label=label, required=False, help_text=help_text, widget=widget)


def _yes(label: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", "No"), ("yes", "Yes")], required=False)


class _Carried(forms.CharField):
    """What the form started from; nobody changes it."""

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ARG002  (as Django calls it)
        """Browsers write line breaks in another way: that is no change."""
        return False


@dataclass(frozen=True)
class Group:
    """Fields that stand together, in rows. `only` names the calls that have them; empty: whatever is at stake."""

    title: str
    rows: tuple[tuple[str, ...], ...]
    only: str = ""

    @property
    def css(self) -> str:
        """Give the classes by which the style sheet hides it."""
        of_an_end = " at-stake--end" if self.only in REMEDIES else ""
        return f"at-stake at-stake--{self.only or 'any'}{of_an_end}"

    @property
    def names(self) -> list[tuple[str, ...]]:
        """Give the rows with the names of the form's fields."""
        return [tuple(f"{PREFIX}{name}" for name in row) for row in self.rows]


GROUPS = (
    Group("What should come of it", (("outcome", "decline_reason"), ("required_facts",))),
    Group("Money", (("rate", "ceiling", "floor"),), only="booking"),
    Group("What is reported", (("by",), ("facts",), ("asks",)), only="report"),
    Group("The new appointment", (("remedy_stop", "remedy_window", "remedy_arrive_by_h"),), only="rescheduled"),
    Group("The detention owed", (("remedy_hours", "remedy_amount"),), only="detention_approved"),
    Group("The incident", (("incident_kind",),), only="incident_opened"),
    Group("Load", (("reference", "commodity", "equipment"), ("weight_lb", "miles", "hazmat"))),
    Group(
        "Stops",
        (
            ("pickup_place", "pickup_window", "pickup_arrive_by_h"),
            ("delivery_place", "delivery_window", "delivery_arrive_by_h"),
        ),
    ),
    Group(
        "Truck and hours of the driver",
        (
            ("trailer", "position", "hazmat_endorsement"),
            ("deadhead_miles", "max_deadhead_miles", "delay_h"),
            ("driving_left_h", "duty_left_h", "cycle_left_h"),
        ),
    ),
)


class StakesForm(forms.Form):
    """Fields for what is at stake, beside the field `freight_field` that holds all of it as YAML.

    `BASE` carries the YAML that the form was filled with: what differs from it was changed by the person.
    """

    freight_field: ClassVar[str] = "freight"
    stakes_help = HELP
    yaml_help = YAML_HELP

    stakes_base = _Carried(required=False, widget=forms.HiddenInput)
    stakes_kind = _pick("Kind of call", CallKind, "Nothing is at stake: they go through the load sheet")
    stakes_outcome = _pick("How it should end", FreightOutcome, help_text="Only a booking is booked or declined.")
    stakes_decline_reason = _pick("Declined because of", DeclineReason)
    stakes_required_facts = _text(
        "Facts that must be said",
        1000,
        "Names from the load sheet or of what is reported, with commas, as in: weight, pickup.",
        widget=forms.TextInput(attrs=_LONG),
    )
    stakes_rate = _number("Opening rate ($)", "The dispatcher starts with it.")
    stakes_ceiling = _number("Dispatcher pays at most ($)", "The driver never sees this.")
    stakes_floor = _number("Driver takes at least ($)", "The dispatcher never sees this.")
    stakes_by = _pick("Who reports it", Role)
    stakes_facts = _text(
        "What they know",
        2000,
        "One “name: value” line for each fact, as in “late by: about 3 hours”.",
        widget=forms.Textarea(attrs={**_LONG, "rows": 4}),
    )
    stakes_asks = _text(
        "What they want", 200, "As in: find out whether the pickup can be moved.", widget=forms.TextInput(attrs=_LONG)
    )
    stakes_remedy_stop = _pick("Stop that moves", StopKind)
    stakes_remedy_window = _text("New time in words", 200, "As in: tomorrow at 11 in the morning.")
    stakes_remedy_arrive_by_h = _number("New time: due in (hours)", "From the time of the call.")
    stakes_remedy_hours = _number("Hours that are paid")
    stakes_remedy_amount = _number("Detention in all ($)")
    stakes_incident_kind = _pick("Incident to open", CallKind)
    stakes_reference = _text("Load number", 60)
    stakes_commodity = _text("Goods", 60)
    stakes_equipment = _text("Trailer that it needs", 60, "As in: reefer, dry van, flatbed.")
    stakes_weight_lb = _number("Weight (pounds)")
    stakes_miles = _number("Loaded miles")
    stakes_hazmat = _yes("Hazmat load")
    stakes_pickup_place = _text("Pickup: place", 200)
    stakes_pickup_window = _text("Pickup: time in words", 200)
    stakes_pickup_arrive_by_h = _number("Pickup: due in (hours)", "From the time of the call.")
    stakes_delivery_place = _text("Delivery: place", 200)
    stakes_delivery_window = _text("Delivery: time in words", 200)
    stakes_delivery_arrive_by_h = _number("Delivery: due in (hours)", "From the time of the call.")
    stakes_trailer = _text("Trailer that the driver pulls", 60)
    stakes_position = _text("Where the truck is", 200)
    stakes_hazmat_endorsement = _yes("Hazmat endorsement")
    stakes_deadhead_miles = _number("Empty miles to the first stop", empty="0")
    stakes_max_deadhead_miles = _number("Empty miles at most", empty="any")
    stakes_delay_h = _number("Standing still for (hours)", empty="0")
    stakes_driving_left_h = _number("Driving hours left", empty="11")
    stakes_duty_left_h = _number("On-duty hours left", empty="14")
    stakes_cycle_left_h = _number("Hours left this week", empty="70")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = normalise_text(self.initial.get(self.freight_field) or "")
        for name, value in {BASE: text, **_as_fields(read_stakes(text))}.items():
            self.initial.setdefault(name, value)
        self._is_yaml_theirs = False  # whether the person wrote in the YAML, and problems are told there

    def full_clean(self) -> None:
        """Tell what is wrong about a value at its field."""
        super().full_clean()
        if self.is_bound and not self._is_yaml_theirs:
            self._move_errors()

    def settle_stakes(self) -> None:
        """Let count what was changed, fields or YAML, and make the other follow. Call it from `clean`."""
        if self.freight_field in self.errors:
            return
        base, text = (normalise_text(self.cleaned_data.get(name) or "") for name in (BASE, self.freight_field))
        before = read_stakes(base)
        values = {name: self._value(name, before[name]) for name in STAKES}
        changed = [name for name in STAKES if values[name] != before[name]]
        self._is_yaml_theirs = text != base and not changed
        if self._is_yaml_theirs:
            self._follow(text)
        elif changed and text not in (base, ""):
            self._is_yaml_theirs = True
            self._refuse_both(changed, before)
        elif changed:
            self._write(base, values, changed)

    def leave_stakes_out(self) -> None:
        """Forget what is wrong with fields that do not count. Call it from `clean`."""
        for name in [name for name in self.errors if name.startswith(PREFIX)]:
            del self.errors[name]

    def has_bad_stakes(self) -> bool:
        """Tell whether a field of what is at stake is wrong; the YAML then need not be checked."""
        return any(name.startswith(PREFIX) for name in self.errors)

    def stake_groups(self) -> Iterator[tuple[Group, list[list[BoundField]]]]:
        """Give the fields as they stand together."""
        return ((group, [[self[name] for name in row] for row in group.names]) for group in GROUPS)

    def _value(self, name: str, before: Value) -> Value:
        field = f"{PREFIX}{name}"
        if field in self.errors or self.add_prefix(field) not in self.data:  # scripts may post the YAML alone
            return before
        value = self.cleaned_data.get(field)
        return normalise_text(value) if isinstance(value, str) else "" if value is None else value

    def _write(self, base: str, values: Mapping[str, Value], changed: Sequence[str]) -> None:
        if not values["kind"] and "kind" not in changed:
            self.add_error(f"{PREFIX}kind", f"Pick it; without, {self._labels(changed)} would not count.")
            return
        for name, words in find_missing(values).items():
            if f"{PREFIX}{name}" not in self.errors:
                self.add_error(f"{PREFIX}{name}", words)
        try:
            text = write_stakes(base, values)
        except InvalidInputError as error:
            self.add_error(self.freight_field, f"{error.message} {error.hint}")
            return
        self.cleaned_data[self.freight_field] = text
        self._follow(text, is_checked=True)

    def _follow(self, text: str, *, is_checked: bool = False) -> None:
        """Show the same in fields and YAML where the form comes back; a text that cannot be played stays apart."""
        if not is_checked and find_freight_problems(text):
            return
        fields = {name: value for name, value in _as_fields(read_stakes(text)).items() if name not in self.errors}
        data = QueryDict(mutable=True)
        data.update(self.data)
        for name, value in {BASE: text, self.freight_field: text, **fields}.items():
            data[self.add_prefix(name)] = str(value)
        self.data = data

    def _refuse_both(self, changed: Iterable[str], before: Mapping[str, Value]) -> None:
        were = [f"“{self.fields[f'{PREFIX}{name}'].label}” was {before[name] or 'empty'}" for name in changed]
        message = (
            f"Both were changed: this YAML, and {self._labels(changed)}. To keep the fields, empty this box. "
            f"To keep the YAML, put the fields back: {get_text_list(were, 'and')}."
        )
        self.add_error(self.freight_field, ValidationError(message, code=_BOTH))

    def _labels(self, names: Iterable[str]) -> str:
        return get_text_list([f"“{self.fields[f'{PREFIX}{name}'].label}”" for name in names], "and")

    def _move_errors(self) -> None:
        found = self.errors.pop(self.freight_field, None)
        text = normalise_text(str(self.data.get(self.add_prefix(self.freight_field), "")))
        for error in found.as_data() if found else ():
            name = _field_of(str(error.code or ""), text)
            if name is None:
                self.add_error(self.freight_field, error)
            elif f"{PREFIX}{name}" not in self.errors:
                message = _LEADING_KEY.sub("", str(error.message))
                self.add_error(f"{PREFIX}{name}", ValidationError(message[:1].upper() + message[1:]))


def _as_fields(values: Mapping[str, Value]) -> dict[str, Value]:
    return {f"{PREFIX}{name}": value for name, value in values.items()}


def _field_of(place: str, text: str) -> str | None:
    """Find the value that a key of the freight belongs to, or the part of it."""
    parts = place.split(".")
    if parts[0] == "stops" and len(parts) > 1:
        parts[1] = kind_of_stop(text, int(parts[1]))
    while all(parts) and parts:
        here = ".".join(parts)
        if here in _FIELDS or here in _FIELD_OF_PART:
            return _FIELDS.get(here) or _FIELD_OF_PART[here]
        parts.pop()
    return None
