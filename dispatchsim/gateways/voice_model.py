"""Is the voice model there, and does it take our key? Asked by `GET {base}/models`, which costs nothing."""

import http.client
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

TIMEOUT_S = 3.0  # a probe that takes longer is a no: pages wait for it
FRESH_S = 5.0  # answers younger than this are not asked for again
QUICK_S = 1.0  # a no that came within this is: it costs little, and a server next door may be up the next moment
_REFUSED = (401, 403)


@dataclass(frozen=True)
class VoiceModelState:
    """What a probe found; `detail` is one sentence for people."""

    is_reachable: bool
    is_key_accepted: bool
    detail: str

    @property
    def is_ok(self) -> bool:
        """Whether a call could speak through it."""
        return self.is_reachable and self.is_key_accepted


_cache: dict[tuple[str, str], tuple[float, VoiceModelState]] = {}  # until when it holds, and the answer
_lock = threading.Lock()


def is_listening(base_url: str, *, timeout_s: float = 1.0) -> bool:
    """Tell whether anything takes connections at this address; meant for servers next door."""
    parts = urlsplit(base_url)
    port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    try:
        with socket.create_connection((parts.hostname or "", port), timeout=timeout_s):
            return True
    except OSError:
        return False


def probe_voice_model(
    *, base_url: str, api_key: str, clock: Callable[[], float] = time.monotonic, fresh_s: float = FRESH_S
) -> VoiceModelState:
    """Ask the server for its models, at most once in `fresh_s` seconds, or in one while it says no at once."""
    asked_at = clock()
    with _lock:
        known = _cache.get((base_url, api_key))
    if known is not None and asked_at < known[0]:
        return known[1]
    state = _ask(base_url, api_key)
    now = clock()
    is_quick_no = not state.is_reachable and now - asked_at < QUICK_S
    with _lock:
        _cache[base_url, api_key] = (now + (QUICK_S if is_quick_no else fresh_s), state)
    return state


def forget_probes() -> None:
    """Make the next probe ask again."""
    with _lock:
        _cache.clear()


def _ask(base_url: str, api_key: str) -> VoiceModelState:
    if not api_key:
        return VoiceModelState(is_reachable=False, is_key_accepted=False, detail="No key is set.")
    try:
        status = _get_status(f"{base_url.rstrip('/')}/models", api_key)
    except (OSError, ValueError, http.client.HTTPException):
        return VoiceModelState(is_reachable=False, is_key_accepted=False, detail="The server cannot be reached.")
    if status in _REFUSED:
        return VoiceModelState(is_reachable=True, is_key_accepted=False, detail="The server refuses the key.")
    if status >= 500:
        detail = f"The server answers with an error ({status})."
        return VoiceModelState(is_reachable=False, is_key_accepted=False, detail=detail)
    # 404: compatible servers without a list of models; 429: busy but there.
    return VoiceModelState(is_reachable=True, is_key_accepted=True, detail="Ready.")


def _get_status(url: str, api_key: str) -> int:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", parts.path, headers={"Authorization": f"Bearer {api_key}"})
        return connection.getresponse().status
    finally:
        connection.close()
