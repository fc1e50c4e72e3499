"""One call: its row, the two seats, what the agents reported, and the turns folded from it."""

import uuid

from django.conf import settings
from django.db import models

from dispatchsim.domain.conversation import AgentState, ConversationStatus, EndReason, Role, VoiceProvider

STATUS_CHOICES = [(status.value, status.value.capitalize()) for status in ConversationStatus]
ROLE_CHOICES = [(role.value, role.identity) for role in Role]


class Conversation(models.Model):
    """One call. `id` is also the room's name. Scenario and personas are frozen copies."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    idempotency_key = models.CharField(max_length=200, null=True, unique=True, editable=False)
    request_hash = models.CharField(max_length=64, blank=True, editable=False)  # of what the key came with
    status = models.CharField(max_length=20, choices=STATUS_CHOICES, default=ConversationStatus.QUEUED.value)
    end_reason = models.CharField(max_length=40, blank=True, choices=[(r.value, r.sentence) for r in EndReason])
    end_detail = models.CharField(max_length=2000, blank=True, help_text="More about the end, for people.")
    scenario = models.ForeignKey(
        "dispatchsim.Scenario", null=True, on_delete=models.SET_NULL, related_name="conversations"
    )
    title = models.CharField(max_length=120)
    scenario_copy = models.JSONField(default=dict)  # services.launch.FrozenScenario as JSON
    dispatcher_copy = models.JSONField(default=dict)  # services.launch.FrozenPersona as JSON, prompt included
    driver_copy = models.JSONField(default=dict)
    voice_provider = models.CharField(max_length=20, choices=[(p.value, p.value.capitalize()) for p in VoiceProvider])
    max_duration_s = models.PositiveIntegerField()
    max_turns = models.PositiveIntegerField()
    expects_listener = models.BooleanField(default=True, help_text="A browser will open the floor, or 2 s pass.")
    launched_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    launching_at = models.DateTimeField(null=True, help_text="Out of the queue, or never in it.")
    room_created_at = models.DateTimeField(null=True)
    agents_ready_at = models.DateTimeField(null=True)
    listener_subscribed_at = models.DateTimeField(null=True)
    floor_opened_at = models.DateTimeField(null=True, help_text="Zero of the call's clock.")
    last_turn_at = models.DateTimeField(null=True, help_text="When anybody was last heard speaking.")
    ending_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    traced_at = models.DateTimeField(null=True, help_text="When its trace was sent, where traces are wanted.")
    is_cut = models.BooleanField(default=False, help_text="Ends without finishing the sentence.")
    freight_state = models.JSONField(null=True)  # domain.freight.state.FreightState; null: nothing at stake
    verdict = models.JSONField(null=True)  # domain.freight.verdict.Verdict; null: none, or not yet
    last_event_seq = models.PositiveIntegerField(default=0)
    last_turn_seq = models.PositiveIntegerField(default=0)

    class Meta:
        """Newest first, everywhere."""

        verbose_name = "call"
        ordering = ("-created_at",)
        indexes = (models.Index(fields=["status", "created_at"]), models.Index(fields=["created_at"]))
        permissions = (
            ("launch_conversation", "Can launch a conversation"),
            ("end_conversation", "Can end a conversation"),
            ("label_conversation", "Can label a conversation"),
        )

    def __str__(self) -> str:
        return f"{self.title} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def duration_s(self) -> float | None:
        """Length in seconds from the opened floor to the end; None while unknown."""
        if self.floor_opened_at is None or self.ended_at is None:
            return None
        return max(0.0, (self.ended_at - self.floor_opened_at).total_seconds())


class Label(models.Model):
    """A few words that a person put on a call, to find it again."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="labels")
    text = models.CharField(max_length=30)

    class Meta:
        """A call has a label once."""

        ordering = ("text",)
        default_permissions = ()  # who may see a call may see its labels
        constraints = (models.UniqueConstraint(fields=["conversation", "text"], name="label_is_unique"),)
        indexes = (models.Index(fields=["text"]),)

    def __str__(self) -> str:
        return self.text


class AgentSeat(models.Model):
    """One of the two agents of a call."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="seats")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    state = models.CharField(
        max_length=20, choices=[(s.value, s.value.capitalize()) for s in AgentState], default=AgentState.INITIALIZING
    )
    dispatch_count = models.PositiveIntegerField(default=0)
    dispatched_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    last_agent_seq = models.PositiveIntegerField(default=0, help_text="Highest event number stored without a hole.")

    class Meta:
        """One seat a role."""

        constraints = (models.UniqueConstraint(fields=["conversation", "role"], name="one_seat_per_role"),)

    def __str__(self) -> str:
        return f"{self.role} of {self.conversation_id}"


class Event(models.Model):
    """What an agent reported or the system did, in the order in which it was stored."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    role = models.CharField(max_length=20, blank=True, choices=ROLE_CHOICES, help_text="Empty: the system itself.")
    agent_seq = models.PositiveIntegerField(null=True)
    type = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(help_text="When it happened, on the reporter's clock.")
    stored_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """The log is append-only and without doubles."""

        ordering = ("conversation", "seq")
        constraints = (
            models.UniqueConstraint(fields=["conversation", "seq"], name="event_seq_is_unique"),
            models.UniqueConstraint(fields=["conversation", "role", "agent_seq"], name="agent_seq_is_unique"),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"


class Turn(models.Model):
    """All that one side said while holding the floor."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns")
    seq = models.PositiveIntegerField()
    speaker = models.CharField(max_length=20, choices=ROLE_CHOICES)
    turn_id = models.CharField(max_length=100)
    item_id = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    heard_as = models.TextField(null=True)
    start_s = models.FloatField()
    end_s = models.FloatField(null=True)
    interrupted = models.BooleanField(default=False)
    response_latency_s = models.FloatField(null=True)
    is_final = models.BooleanField(default=False)
    changed_seq = models.PositiveIntegerField(default=0, help_text="Conversation.last_event_seq at the last change.")

    class Meta:
        """Turns are told in the conversation's order."""

        ordering = ("conversation", "seq")
        constraints = (
            models.UniqueConstraint(fields=["conversation", "seq"], name="turn_seq_is_unique"),
            models.UniqueConstraint(fields=["conversation", "speaker", "turn_id"], name="turn_id_is_unique"),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.speaker}"


class ToolUse(models.Model):
    """One use of a tool by one side, refused ones included; the same call id again changes nothing."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="tool_uses")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    call_id = models.CharField(max_length=200)
    name = models.CharField(max_length=64)
    arguments = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    at = models.DateTimeField()
    at_s = models.FloatField(help_text="Seconds since the floor opened.")

    class Meta:
        """In the order in which they took effect."""

        ordering = ("conversation", "id")
        default_permissions = ()  # who may see a call may see what was done in it
        constraints = (
            models.UniqueConstraint(fields=["conversation", "role", "call_id"], name="tool_call_id_is_unique"),
        )

    def __str__(self) -> str:
        return f"{self.name} by {self.role}"
