"""What authors write: scenarios and personas."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.errors import InvalidInputError
from dispatchsim.domain.load_sheet import parse_load_sheet

ROLE_CHOICES = [(role.value, role.identity) for role in Role]


def validate_load_sheet(text: str) -> None:
    """Refuse a load sheet that cannot be read, naming the line."""
    try:
        parse_load_sheet(text)
    except InvalidInputError as error:
        raise ValidationError(f"{error.message} {error.hint}", code=error.code) from error


class Scenario(models.Model):
    """A freight situation that two personas can play."""

    slug = models.SlugField(unique=True, help_text="Short name in addresses and scripts, as in `chicken-to-dallas`.")
    title = models.CharField(max_length=120)
    summary = models.TextField(
        blank=True, max_length=1000, help_text="One or two sentences for people who pick a scenario."
    )
    opener = models.CharField(
        max_length=20, choices=ROLE_CHOICES, default=Role.DISPATCHER.value, help_text="Who speaks first."
    )
    load_sheet = models.TextField(
        max_length=4000,
        validators=[validate_load_sheet],
        help_text="One `key: value` line for each fact, in the order in which they come up. "
        "The dispatcher knows the values; the driver asks for them.",
    )
    dispatcher_briefing = models.TextField(
        blank=True, max_length=4000, help_text="What the dispatcher knows and wants; the driver never sees this."
    )
    driver_briefing = models.TextField(
        blank=True, max_length=4000, help_text="What the driver knows and wants; the dispatcher never sees this."
    )
    driver_decision = models.CharField(
        max_length=300,
        default="accept",
        help_text="What the driver does once everything is known: `accept`, or `decline: ` and the reason.",
    )
    max_duration_s = models.PositiveIntegerField(
        default=240, validators=[MinValueValidator(15), MaxValueValidator(3600)], help_text="Longest call, in seconds."
    )
    max_turns = models.PositiveIntegerField(
        default=60, validators=[MinValueValidator(2), MaxValueValidator(500)], help_text="Most turns of both together."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Admin and lists show titles in order."""

        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class Persona(models.Model):
    """A character with a voice, who can play one of the two roles."""

    slug = models.SlugField(unique=True, help_text="Short name in addresses and scripts, as in `tim`.")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    name = models.CharField(max_length=60, help_text="The name said on the phone, as in `Tim`.")
    title = models.CharField(max_length=120, help_text="Who this is in a few words, as in `Calm senior dispatcher`.")
    character = models.TextField(
        blank=True, max_length=4000, help_text="How this person is and talks, written to the model."
    )
    voice = models.CharField(max_length=50, default="alloy", help_text="OpenAI voice name.")
    model = models.CharField(max_length=100, blank=True, help_text="Realtime model; empty means the default.")
    speed = models.FloatField(default=1.0, validators=[MinValueValidator(0.25), MaxValueValidator(1.5)])
    vad_threshold = models.FloatField(default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)])
    vad_silence_ms = models.PositiveIntegerField(
        default=500,
        validators=[MinValueValidator(100), MaxValueValidator(5000)],
        help_text="How long the other side must be silent before this one answers.",
    )
    is_interruptible = models.BooleanField(default=True, help_text="Stops speaking when the other side cuts in.")
    transcription_model = models.CharField(
        max_length=100,
        blank=True,
        default="gpt-4o-mini-transcribe",
        help_text="Writes down what this agent hears of the other side; empty means not transcribed.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        """Admin and lists show both roles apart."""

        ordering = ("role", "name")

    def __str__(self) -> str:
        return f"{self.name}, {self.title} ({self.get_role_display()})"


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
