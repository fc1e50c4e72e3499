"""Notice that the voice model is gone, refuses, or has fallen silent in the middle of a response or before one.

Around the plugin, which reconnects without end, calls each error recoverable and never notices a
half-open socket. Plain rules; the clock comes in as an argument.
"""

from collections import deque
from dataclasses import dataclass

from dispatchsim.domain.conversation import EndReason

WINDOW_S = 30.0
MAX_FAILURES = 5  # more than this in the window and the call ends
MAX_CONNECTS = 10  # a healthy session connects once in 20 minutes
MAX_SHORT_LIVES = 5  # in the window: both sides of a call together then connect ten times
SHORT_LIFE_S = 3.0  # a connection that ends sooner did not work
MAX_FAILED_ANSWERS = 3  # in a row
MAX_SILENCE_S = 12.0  # no event at all while a response is being made; stalls up to 5 s are seen

_KEY = "its key"
_QUOTA = "its quota and billing"
_MODEL = "the name of the model"
_RIGHTS = "whether its key may use this model"
_ADDRESS = "its address and the name of the model"
# Codes that no second try mends, and what a person has to look at.
REFUSALS = {
    "insufficient_quota": _QUOTA,
    "credit_balance_exhausted": _QUOTA,
    "billing_hard_limit_reached": _QUOTA,
    "invalid_api_key": _KEY,
    "authentication_error": _KEY,
    "account_deactivated": "the account behind its key",
    "permission_denied": _RIGHTS,
    "model_not_found": _MODEL,
    "invalid_model": _MODEL,
}
# What shows that a wait for an answer is over: the peer who goes on speaking is answered afterwards.
ANSWERED = frozenset({"response.created", "error", "input_audio_buffer.speech_started"})
EXPIRED = "session_expired"  # its hour is over; the connection's end follows and is judged by how long it lived
REFUSED_STATUSES = {400: _ADDRESS, 401: _KEY, 402: _QUOTA, 403: _RIGHTS, 404: _ADDRESS}


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
        self._short_lives: deque[float] = deque()
        self._failed_answers = 0
        self.cause = ""  # of the newest failure, as the model names it
        self._is_up = False
        self._last_event_at: float | None = None
        self._responses: set[str] = set()
        self._due_since: float | None = None

    @property
    def is_responding(self) -> bool:
        """Whether the model is in the middle of a response."""
        return bool(self._responses)

    def on_connected(self, now: float) -> Trouble | None:
        """Count a connect."""
        _count(self._connects, now)
        self._is_up = True
        self._responses.clear()
        self._due_since = None
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
        if error.code == EXPIRED or (error.is_connection and self._ended_after_working(now)):
            return None
        self.cause = _what(error)
        if not error.is_about_a_request:
            _count(self._failures, now)
        if len(self._failures) > MAX_FAILURES:
            return _unreachable(
                f"The voice model could not be reached: {len(self._failures)} failures within 30 seconds, "
                f"the last one: {self.cause}."
            )
        if len(self._short_lives) >= MAX_SHORT_LIVES:
            return _unreachable(
                f"The voice model closed the connection {len(self._short_lives)} times soon after it was opened."
            )
        return Trouble(
            EndReason.VOICE_MODEL_UNREACHABLE, f"Trouble with the voice model: {self.cause}.", is_fatal=False
        )

    def on_answered(self) -> None:
        """Note a response that was made."""
        self._failed_answers = 0

    def on_answer_failed(self, code: str) -> Trouble | None:
        """Judge a response that failed; None when it may be tried again."""
        self._failed_answers += 1
        if code in REFUSALS:
            return _refused(VoiceError(code=code))
        if self._failed_answers < MAX_FAILED_ANSWERS:
            return None
        return _unreachable(
            f"The voice model failed {self._failed_answers} answers in a row ({code or 'without a reason'})."
        )

    def on_answer_due(self, now: float) -> None:
        """Note that the model must begin an answer: it was asked for, or the peer fell silent."""
        if self._due_since is None:
            self._due_since = now

    def on_answer_not_due(self) -> None:
        """Note that no answer is wanted any more."""
        self._due_since = None

    def on_event(self, event_type: str, response_id: str, now: float) -> None:
        """Note an event of the model."""
        self._last_event_at = now
        if event_type in ANSWERED:
            self._due_since = None
        if event_type == "response.created":
            self._responses = {response_id}  # one at a time: the end of the one before was lost
        elif event_type == "response.done":
            self._responses.discard(response_id)

    def check(self, now: float) -> Trouble | None:
        """Say whether the model has been silent in the middle of a response, or before one, for too long."""
        if self._due_since is not None and now - self._due_since >= MAX_SILENCE_S:
            return _unreachable(f"The voice model began no answer for {MAX_SILENCE_S:.0f} seconds.")
        if not self._responses or self._last_event_at is None or now - self._last_event_at < MAX_SILENCE_S:
            return None
        return _unreachable(f"The voice model fell silent in the middle of a response for {MAX_SILENCE_S:.0f} seconds.")

    def _ended_after_working(self, now: float) -> bool:
        """Say whether this error is the end of a connection that had worked: that one is forgiven."""
        was_up, self._is_up = self._is_up, False
        is_short = was_up and now - self._connects[-1] < SHORT_LIFE_S
        if is_short:
            _count(self._short_lives, now)
        return was_up and not is_short


def _count(times: deque[float], now: float) -> None:
    times.append(now)
    while now - times[0] > WINDOW_S:
        times.popleft()


def _what(error: VoiceError) -> str:
    if error.code:
        return f"error {error.code}"
    return f"HTTP status {error.http_status}" if error.http_status else "the connection failed"


def _refused(error: VoiceError) -> Trouble:
    what = error.code or f"HTTP status {error.http_status}"
    where = REFUSALS.get(error.code) or REFUSED_STATUSES.get(error.http_status or 0, _KEY)
    return Trouble(
        EndReason.VOICE_MODEL_REFUSED, f"The voice model refused the call ({what}); check {where}.", is_fatal=True
    )


def _unreachable(message: str) -> Trouble:
    return Trouble(EndReason.VOICE_MODEL_UNREACHABLE, message, is_fatal=True)
