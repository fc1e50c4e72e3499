"""Days and minutes, written in the lists of the library as on all pages."""

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime


def day_of(at: date) -> str:
    """Write the day: `3 Nov 2026`."""
    return date_format(localtime(at) if isinstance(at, datetime) else at, "DATE_FORMAT")


def minute_of(at: datetime) -> str:
    """Write the minute with its zone: `3 Nov 2026, 13:07 UTC`."""
    return date_format(localtime(at), "DATETIME_FORMAT")
