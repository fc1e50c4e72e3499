"""Agent servers: who is registered with LiveKit just now."""

from datetime import timedelta

from django.utils import timezone

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import AgentServerHeartbeat
from dispatchsim.models import AgentServer

FRESH = timedelta(seconds=15)  # three heartbeats
FORGOTTEN = timedelta(hours=1)  # a row for each process start would pile up


def record_heartbeat(beat: AgentServerHeartbeat) -> None:
    """Note that an agent server is there (or says goodbye)."""
    now = timezone.now()
    _, is_new = AgentServer.objects.update_or_create(
        server_id=beat.server_id,
        defaults={
            "role": beat.role.value,
            "host": beat.host,
            "pid": beat.pid,
            "state": beat.state,
            "active_jobs": beat.active_jobs,
            "last_seen_at": now,
        },
    )
    if is_new:
        AgentServer.objects.filter(last_seen_at__lt=now - FORGOTTEN).delete()


def ready_roles() -> frozenset[Role]:
    """Tell for which roles an agent server was heard of within 15 s and takes jobs."""
    fresh = AgentServer.objects.filter(state="ready", last_seen_at__gte=timezone.now() - FRESH)
    return frozenset(Role(role) for role in fresh.values_list("role", flat=True))
