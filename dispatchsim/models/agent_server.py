"""Agent servers that have told us that they are registered with LiveKit."""

from django.db import models

from dispatchsim.models.conversation import ROLE_CHOICES


class AgentServer(models.Model):
    """One agent server process for one role. LiveKit cannot list them, so they report here."""

    server_id = models.CharField(max_length=100, unique=True)
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    host = models.CharField(max_length=200, blank=True)
    pid = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=20, default="ready")
    active_jobs = models.PositiveIntegerField(default=0)
    registered_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField()

    class Meta:
        """Latest first."""

        ordering = ("role", "-last_seen_at")

    def __str__(self) -> str:
        return f"{self.role} {self.server_id}"
