"""The backend's library, agent servers and LiveKit in memory."""

from tests.backend.conftest import agent_servers, launch, launching_call, library, live_call, rehearsal_model, rooms

__all__ = ["agent_servers", "launch", "launching_call", "library", "live_call", "rehearsal_model", "rooms"]
