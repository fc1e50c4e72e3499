"""Closed sets of a conversation: roles, statuses and the reasons why a call ends."""

from enum import StrEnum


class Role(StrEnum):
    """The two voices of a call; also their LiveKit agent names."""

    DISPATCHER = "dispatcher"
    DRIVER = "driver"

    @property
    def identity(self) -> str:
        """LiveKit participant identity: fixed, so that a second agent of a role evicts the first."""
        return self.value.capitalize()

    @property
    def peer(self) -> "Role":
        """The role at the other end of the line."""
        return Role.DRIVER if self is Role.DISPATCHER else Role.DISPATCHER


class VoiceProvider(StrEnum):
    """Who speaks: OpenAI's model or the local rehearsal model."""

    OPENAI = "openai"
    REHEARSAL = "rehearsal"


class AgentState(StrEnum):
    """What an agent is doing, in livekit-agents' words; `gone` once it has left."""

    INITIALIZING = "initializing"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    GONE = "gone"


class ConversationStatus(StrEnum):
    """Where a conversation stands. `ended` and `failed` are final."""

    QUEUED = "queued"
    LAUNCHING = "launching"
    LIVE = "live"
    ENDING = "ending"
    ENDED = "ended"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing more can happen to the conversation."""
        return self in (ConversationStatus.ENDED, ConversationStatus.FAILED)


class EndReason(StrEnum):
    """Why a call ended, each with one sentence for people."""

    AGENT_HUNG_UP = "agent_hung_up"
    PERSON_ENDED = "person_ended"
    TIME_CAP = "time_cap"
    TURN_CAP = "turn_cap"
    BUDGET = "budget"
    STOPPED = "stopped"
    NOBODY_SPOKE = "nobody_spoke"
    DEAD_AIR = "dead_air"
    GOODBYE_LOOP = "goodbye_loop"
    ECHO_LOOP = "echo_loop"
    AGENT_NEVER_JOINED = "agent_never_joined"
    AGENT_VANISHED = "agent_vanished"
    AGENT_FAILED = "agent_failed"
    ROOM_VANISHED = "room_vanished"
    LIVEKIT_UNAVAILABLE = "livekit_unavailable"
    VOICE_MODEL_UNREACHABLE = "voice_model_unreachable"
    VOICE_MODEL_REFUSED = "voice_model_refused"

    @property
    def sentence(self) -> str:
        """One plain sentence for people."""
        return _SENTENCES[self]

    @property
    def is_failure(self) -> bool:
        """Whether a call that ends for this reason is `failed` rather than `ended`."""
        return self in _FAILURES


_SENTENCES = {
    EndReason.AGENT_HUNG_UP: "They said goodbye and hung up.",
    EndReason.PERSON_ENDED: "A person ended the call.",
    EndReason.TIME_CAP: "The call reached its longest allowed length.",
    EndReason.TURN_CAP: "The call reached its largest allowed number of turns.",
    EndReason.BUDGET: "The call was wrapped up because its budget was used up.",
    EndReason.STOPPED: "The system was stopped while the call was on.",
    EndReason.NOBODY_SPOKE: "Neither side began to speak.",
    EndReason.DEAD_AIR: "Both sides fell silent and did not recover.",
    EndReason.GOODBYE_LOOP: "Both sides kept saying goodbye, so the call was closed.",
    EndReason.ECHO_LOOP: "One side kept repeating what the other had said.",
    EndReason.AGENT_NEVER_JOINED: "An agent did not join the room in time.",
    EndReason.AGENT_VANISHED: "An agent disappeared in the middle of the call.",
    EndReason.AGENT_FAILED: "An agent stopped with an error.",
    EndReason.ROOM_VANISHED: "The LiveKit room closed in the middle of the call.",
    EndReason.LIVEKIT_UNAVAILABLE: "The LiveKit server could not be reached.",
    EndReason.VOICE_MODEL_UNREACHABLE: "The voice model could not be reached.",
    EndReason.VOICE_MODEL_REFUSED: "The voice model refused the call; the detail has what it said.",
}

_FAILURES = frozenset(
    {
        EndReason.NOBODY_SPOKE,
        EndReason.DEAD_AIR,
        EndReason.AGENT_NEVER_JOINED,
        EndReason.AGENT_VANISHED,
        EndReason.AGENT_FAILED,
        EndReason.ROOM_VANISHED,
        EndReason.LIVEKIT_UNAVAILABLE,
        EndReason.VOICE_MODEL_UNREACHABLE,
        EndReason.VOICE_MODEL_REFUSED,
    }
)
