"""What was spent on a day: it stays when calls are deleted, and its row is what launches queue up for."""

from django.db import models


class Spending(models.Model):
    """US dollars for voice models on one day, in UTC, as far as prices are known."""

    day = models.DateField(unique=True)
    spent_usd = models.DecimalField(max_digits=18, decimal_places=9, default=0)

    class Meta:
        """Nobody edits it."""

        ordering = ("-day",)
        default_permissions = ()
        verbose_name_plural = "spending"

    def __str__(self) -> str:
        return f"{self.day} ${self.spent_usd:.2f}"
