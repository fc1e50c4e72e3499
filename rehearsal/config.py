"""Settings of one rehearsal server."""

from dataclasses import dataclass, field

from rehearsal.faults import Fault
from rehearsal.hearing.process import LATEST_S

BACKCHANNEL_MS = 700  # "mm-hm" and "uh-huh" are shorter in every voice
MAX_FRAME_BYTES = 15 * 1024 * 1024  # as OpenAI's limit for one append


@dataclass(frozen=True)
class ServerConfig:
    """Everything that the command line and the environment decide."""

    api_key: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 0  # 0 takes a free one
    max_frame_bytes: int = MAX_FRAME_BYTES
    session_limit_s: float = 60 * 60
    grace_s: float = 5.0  # for a client to take what is left, and again for the closing handshake
    most_sessions: int = 200  # at once: a hundred calls; the ears of each session take some 9 MB
    pace: float = 0.0  # audio seconds sent per second, as a multiple of real time; 0 sends as fast as possible
    seed: str = ""  # other seeds give other wordings
    fault: Fault | None = None  # what a session does wrong whose model names no other
    tolerates_ms: int = 0  # of speech while its own voice plays: a shorter one is no barge-in
    latest_s: float = LATEST_S  # that an utterance is begun to be heard after it was spoken; a later one is left out
    warms_up: bool = False  # start the hearing process at once, not at the first word
