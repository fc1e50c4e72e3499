"""Supervisors that are at work."""

from django.db import models


class Supervisor(models.Model):
    """One `manage.py supervise`, from its first look until it says goodbye."""

    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(help_text="When a look at all calls was last finished.")

    class Meta:
        """Latest first; nobody but the system reads or writes these."""

        ordering = ("-last_seen_at",)
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["host", "pid"], name="supervisor_process_is_unique"),)

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"
