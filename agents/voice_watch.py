"""Notice that the voice model is gone, refuses, or has fallen silent in the middle of a response.

Around the plugin, which reconnects without end, calls each error recoverable and never notices a
half-open socket. Plain rules; the clock comes in as an argument.
"""

from collections import deque
from dataclasses import dataclass

from dispatchsim.domain.conversation import EndReason

WINDOW_S = 30.0
MAX_FAILURES = 5  # more than this in the window and the call ends
MAX_CONNECTS = 10  # a healthy session connects once in 20 minutes
SHORT_LIFE_S = 3.0  # a connection that ends sooner did not work
MAX_SILENCE_S = 12.0  # no event at all while a response is being made; stalls up to 5 s are seen

REFUSALS = frozenset(
    {
        "insufficient_quota",
        "credit_balance_exhausted",
        "invalid_api_key",
        "account_deactivated",
        "billing_hard_limit_reached",
        "model_not_found",
        "invalid_model",
        "permission_denied",
        "authentication_error",
    }
)
REFUSED_STATUSES = frozenset({400, 401, 402, 403, 404})


@dataclass(frozen=True)
class Trouble:
    """What is wrong with the voice model, in words for people."""

    reason: EndReason
    message: str
    is_fatal: bool


@dataclass(frozen=True)
class VoiceError:
    """One error of the voice model, as far as it matters here."""

    code: str = ""
    http_status: int | None = None
    is_recoverable: bool = True
    is_connection: bool = False
    is_about_a_request: bool = False  # the model did not like one event of ours and goes on


class VoiceWatch:
    """Count what goes wrong with one Realtime session."""

    def __init__(self) -> None:
        self._failures: deque[float] = deque()
        self._connects: deque[float] = deque()
        self._is_up = False
        self._last_event_at: float | None = None
        self._responses: set[str] = set()

    @property
    def is_responding(self) -> bool:
        """Whether the model is in the middle of a response."""
        return bool(self._responses)

    def on_connected(self, now: float) -> Trouble | None:
        """Count a connect."""
        _count(self._connects, now)
        self._is_up = True
        self._responses.clear()
        self._last_event_at = now
        if len(self._connects) <= MAX_CONNECTS:
            return None
        return _unreachable(f"The voice model had to be connected {len(self._connects)} times within 30 seconds.")

    def on_error(self, error: VoiceError, now: float) -> Trouble | None:
        """Judge an error: a refusal ends the call at once, failures once there are too many."""
        if error.code in REFUSALS or error.http_status in REFUSED_STATUSES:
            return _refused(error)
        if not error.is_recoverable:
            return _unreachable("The voice model broke off the session.")
        if error.is_connection and self._ended_after_working(now):
            return None
        if not error.is_about_a_request:
            _count(self._failures, now)
        if len(self._failures) > MAX_FAILURES:
            return _unreachable(
                f"The voice model could not be reached: {len(self._failures)} failures within 30 seconds."
            )
        what = f"error {error.code}" if error.code else "the connection failed"
        return Trouble(EndReason.VOICE_MODEL_UNREACHABLE, f"Trouble with the voice model: {what}.", is_fatal=False)

    def on_event(self, event_type: str, response_id: str, now: float) -> None:
        """Note an event of the model."""
        self._last_event_at = now
        if event_type == "response.created":
            self._responses.add(response_id)
        elif event_type == "response.done":
            self._responses.discard(response_id)

    def check(self, now: float) -> Trouble | None:
        """Say whether the model has been silent in the middle of a response for too long."""
        if not self._responses or self._last_event_at is None or now - self._last_event_at < MAX_SILENCE_S:
            return None
        return _unreachable(f"The voice model fell silent in the middle of a response for {MAX_SILENCE_S:.0f} seconds.")

    def _ended_after_working(self, now: float) -> bool:
        """Say whether this error is the end of a connection that had worked: that one is forgiven."""
        was_up, self._is_up = self._is_up, False
        return was_up and now - self._connects[-1] >= SHORT_LIFE_S


def _count(times: deque[float], now: float) -> None:
    times.append(now)
    while now - times[0] > WINDOW_S:
        times.popleft()


def _refused(error: VoiceError) -> Trouble:
    what = error.code or f"HTTP status {error.http_status}"
    return Trouble(
        EndReason.VOICE_MODEL_REFUSED,
        f"The voice model refused the call ({what}); check its key and quota.",
        is_fatal=True,
    )


def _unreachable(message: str) -> Trouble:
    return Trouble(EndReason.VOICE_MODEL_UNREACHABLE, message, is_fatal=True)
