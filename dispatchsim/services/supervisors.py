"""Supervisors: who looks after the calls just now."""

import os
import socket
from datetime import datetime, timedelta
from typing import Any

from dispatchsim.models import Supervisor

FRESH = timedelta(seconds=15)  # three heartbeats; a look at many calls may take some seconds
FORGOTTEN = timedelta(hours=1)  # those that were killed never say goodbye


def record_heartbeat(now: datetime) -> None:
    """Note that this process has looked at all calls."""
    _, is_new = Supervisor.objects.update_or_create(defaults={"last_seen_at": now}, **_this_process())
    if is_new:
        Supervisor.objects.filter(last_seen_at__lt=now - FORGOTTEN).delete()


def say_goodbye() -> None:
    """Note that this process looks no more."""
    Supervisor.objects.filter(**_this_process()).delete()


def find_supervisor(now: datetime) -> Supervisor | None:
    """Find one that has looked at all calls within 15 s."""
    return Supervisor.objects.filter(last_seen_at__gte=now - FRESH).first()


def _this_process() -> dict[str, Any]:
    return {"host": socket.gethostname()[:200], "pid": os.getpid()}
