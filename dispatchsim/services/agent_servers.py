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
    return frozenset(role for role, state in _read_fresh() if state == "ready")


def are_draining() -> bool:
    """Tell whether the agent servers of a role let their calls end and take no new ones; absent ones do not drain."""
    fresh = _read_fresh()
    taking = {role for role, state in fresh if state == "ready"}
    return any(state == "draining" and role not in taking for role, state in fresh)


def _read_fresh() -> list[tuple[Role, str]]:
    fresh = AgentServer.objects.filter(last_seen_at__gte=timezone.now() - FRESH)
    return [(Role(role), state) for role, state in fresh.values_list("role", "state")]
