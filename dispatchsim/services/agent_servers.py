"""Agent servers: who is registered with LiveKit just now."""

from dispatchsim.domain.conversation import Role
from dispatchsim.domain.events import AgentServerHeartbeat


def record_heartbeat(beat: AgentServerHeartbeat) -> None:
    """Note that an agent server is there (or says goodbye)."""
    raise NotImplementedError


def ready_roles() -> frozenset[Role]:
    """Tell for which roles an agent server was heard of within 15 s and takes jobs."""
    raise NotImplementedError
