"""What authors write: scenarios and personas, and every version of them."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.decision import require_decision
from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.freight.sheet import find_contradictions
from dispatchsim.domain.line import LineQuality
from dispatchsim.domain.load_sheet import parse_load_sheet
from dispatchsim.models.freight_text import find_freight_problems, parse_freight

LINE_CHOICES = [(line.value, f"{line.label.capitalize()}: {line.sentence}") for line in LineQuality]
ROLE_CHOICES = [(role.value, role.identity) for role in Role]
_SHORT_NAME = "Stands in addresses, files and scripts, as in “{}”: small letters, digits and hyphens."
VOICE_NAME = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._:-]*\Z", "No voice has such a name. Write it as OpenAI does, as in “marin”."
)


def explain_load_sheet(text: str) -> list[str]:
    """Name every line of a load sheet that cannot be read, not only the first."""
    problems: list[str] = []
    readable: list[str] = []
    for line in text.splitlines():
        try:
            if line.strip() and not line.lstrip().startswith("#"):
                parse_load_sheet("\n".join([*readable, line]))
            readable.append(line)
        except InvalidInputError as error:
            problems.append(f"{error.message} {error.hint}")
            readable.append("")  # keeps the numbers of the lines after it
    return problems


def validate_load_sheet(text: str) -> None:
    """Refuse a load sheet that cannot be read, naming each bad line."""
    problems = explain_load_sheet(text)
    if problems:
        raise ValidationError([ValidationError(problem, code="line") for problem in problems])
    try:
        parse_load_sheet(text)
    except InvalidInputError as error:
        raise ValidationError(f"{error.message} {error.hint}", code=error.code) from error


def validate_decision(decision: str) -> None:
    """Take `accept`, or `decline: ` with a reason."""
    try:
        require_decision(decision)
    except InvalidInputError as error:
        raise ValidationError(error.message, code=error.code) from error


def validate_freight(text: str) -> None:
    """Refuse freight that cannot be read or played, naming each key; the code of an error is its key."""
    problems = find_freight_problems(text)
    if problems:
        raise ValidationError([ValidationError(sentence, code=place) for place, sentence in problems])


def validate_agreement(freight: str, *, load_sheet: str) -> None:
    """Refuse freight that is not about the load of the load sheet; the code of an error is the key in the freight."""
    try:
        case = parse_freight(freight)
        found = find_contradictions(case, load_sheet=load_sheet) if case else []
    except InvalidInputError:  # told for its own field already
        return
    if found:
        raise ValidationError([ValidationError(one.sentence, code=one.place) for one in found])


class Scenario(models.Model):
    """A freight situation that two personas can play."""

    slug = models.SlugField("short name", unique=True, help_text=_SHORT_NAME.format("chicken-to-dallas"))
    title = models.CharField(max_length=120)
    summary = models.TextField(
        blank=True, max_length=1000, help_text="One or two sentences for people who pick a scenario."
    )
    opener = models.CharField("speaks first", max_length=20, choices=ROLE_CHOICES, default=Role.DISPATCHER.value)
    load_sheet = models.TextField(
        max_length=4000,
        validators=[validate_load_sheet],
        help_text="One “name: value” line for each fact, in the order in which they come up. "
        "The dispatcher knows the values; the driver asks for them.",
    )
    dispatcher_briefing = models.TextField(
        "what the dispatcher knows and wants", blank=True, max_length=4000, help_text="The driver never sees this."
    )
    driver_briefing = models.TextField(
        "what the driver knows and wants", blank=True, max_length=4000, help_text="The dispatcher never sees this."
    )
    driver_decision = models.CharField(
        "what the driver decides",
        max_length=300,
        default="accept",
        validators=[validate_decision],
        help_text="Once everything is known: “accept”, or “decline: ” and the reason. "
        "Where something is at stake, limits and hours decide instead.",
    )
    freight = models.TextField(
        "what is at stake",
        blank=True,
        max_length=8000,
        validators=[validate_freight],
        help_text="As YAML: load, stops, money, driver, report, truth. The driver then decides by limits, hours and "
        "fit, both sides have tools, and the call gets a verdict. Empty: an exchange of the load sheet.",
    )
    line = models.CharField(
        "telephone line",
        max_length=20,
        choices=LINE_CHOICES,
        default=LineQuality.CLEAR.value,
        help_text="How both sides are heard, by each other and by everybody who listens.",
    )
    max_duration_s = models.PositiveIntegerField(
        "longest call (seconds)",
        default=240,
        validators=[MinValueValidator(15), MaxValueValidator(3600)],
        help_text="From 15 to 3600. Whoever speaks then may finish the sentence.",
    )
    max_turns = models.PositiveIntegerField(
        "most turns",
        default=60,
        validators=[MinValueValidator(2), MaxValueValidator(500)],
        help_text="Of both sides together, from 2 to 500.",
    )
    created_at = models.DateTimeField("created", auto_now_add=True)
    updated_at = models.DateTimeField("last changed", auto_now=True)

    class Meta:
        """Admin and lists show titles in order."""

        ordering = ("title",)

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """See that load sheet and freight are about the same load."""
        try:
            validate_agreement(self.freight, load_sheet=self.load_sheet)
        except ValidationError as error:
            raise ValidationError({"freight": error.error_list}) from error


class Persona(models.Model):
    """A character with a voice, who can play one of the two roles."""

    slug = models.SlugField("short name", unique=True, help_text=_SHORT_NAME.format("tim"))
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    name = models.CharField(max_length=60, help_text="The name said on the phone, as in “Tim”.")
    title = models.CharField("who this is", max_length=120, help_text="In a few words, as in “Calm senior dispatcher”.")
    character = models.TextField(
        blank=True,
        max_length=4000,
        help_text="How this person is and talks, told to the voice model, as in: “You speak calmly and briefly.”",
    )
    voice = models.CharField(max_length=50, default="alloy", validators=[VOICE_NAME])
    model = models.CharField(
        "voice model", max_length=100, blank=True, help_text="Of OpenAI's Realtime models. Empty: the default."
    )
    speed = models.FloatField(
        "speaking speed",
        default=1.0,
        validators=[MinValueValidator(0.25), MaxValueValidator(1.5)],
        help_text="From 0.25 to 1.5; 1 is the voice's own speed.",
    )
    vad_threshold = models.FloatField(
        "loudness that counts as speech",
        default=0.5,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text="From 0 to 1. Higher where a noisy line is taken for speech; 0.5 suits most.",
    )
    vad_silence_ms = models.PositiveIntegerField(
        "silence that ends a turn (ms)",
        default=500,
        validators=[MinValueValidator(100), MaxValueValidator(5000)],
        help_text="How long the other side is silent before this one answers: 100 to 5000 milliseconds.",
    )
    is_interruptible = models.BooleanField(
        "can be interrupted", default=True, help_text="Stops speaking when the other side cuts in."
    )
    transcription_model = models.CharField(
        "model that writes down what is heard",
        max_length=100,
        blank=True,
        default="gpt-4o-mini-transcribe",
        help_text="What this side understood of the other, shown as “heard as”. Empty: nothing is written down.",
    )
    created_at = models.DateTimeField("created", auto_now_add=True)
    updated_at = models.DateTimeField("last changed", auto_now=True)

    class Meta:
        """Admin and lists show both roles apart."""

        ordering = ("role", "name")

    def __str__(self) -> str:
        return f"{self.name}, {self.title} ({self.get_role_display()})"


class Revision(models.Model):
    """One version of a scenario or persona, written once. Versions outlive their entry."""

    kind = models.CharField(max_length=20, choices=[("scenario", "Scenario"), ("persona", "Persona")])
    entry_id = models.PositiveBigIntegerField()
    number = models.PositiveIntegerField()
    content = models.JSONField()  # slug and every field of the entry, as services.library_content reads them
    content_hash = models.CharField(max_length=64)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(
        max_length=200, blank=True, help_text="Where it came from, as in `Restored from version 2`."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Newest first; numbers of one entry have no doubles."""

        ordering = ("kind", "entry_id", "-number")
        default_permissions = ()  # who may see an entry may see its versions
        constraints = (
            models.UniqueConstraint(fields=["kind", "entry_id", "number"], name="revision_number_is_unique"),
        )
        indexes = (models.Index(fields=["kind", "entry_id", "content_hash"]),)

    def __str__(self) -> str:
        return f"{self.kind} {self.content.get('slug', self.entry_id)}, version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write it once; a version that could change would tell calls of the past a lie."""
        if not self._state.adding:
            raise TypeError("A revision is written once.")
        super().save(*args, **kwargs)


class LoadedEntry(models.Model):
    """A library file that has been loaded once, so that an edit or a deletion by an author stays."""

    kind = models.CharField(max_length=20)
    slug = models.SlugField()
    content_hash = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One marker for each file."""

        constraints = (models.UniqueConstraint(fields=["kind", "slug"], name="library_entry_is_unique"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}"
