"""What livekit's libraries log as errors although the call's own handling has taken care of it.

Each of these reached the voice watch as an event as well, which reports it, connects again or ends the call with a
reason. Records of job processes come with their traceback in the message: so exceptions are known by their text.
"""

import logging
import re
from dataclasses import dataclass

_TRACEBACK = "\nTraceback (most recent call last)"
_LOST = "the voice model closed the connection, or could not be reached; connecting again"
_REPORTED = "the voice model reported an error; the call goes on"


@dataclass(frozen=True)
class _Noise:
    """Records with this first line, and this exception where there is one named; `plain` is told instead."""

    head: re.Pattern[str]
    error: re.Pattern[str] = re.compile("")
    level: int = logging.DEBUG
    plain: str = ""


_NOISE = (
    _Noise(
        re.compile(r"Error in _(?:recv|send|main)_task\b"), re.compile(r"\bAPI(?:Connection|Status|Timeout)?Error\b")
    ),
    _Noise(re.compile(r"failed to send event\b"), re.compile(r"\bClientConnection\w*Error\b|\bConnection\w*Error\b")),
    _Noise(re.compile(r".* connection failed, retrying in "), level=logging.WARNING, plain=_LOST),
    # The peer was cut off in the same moment in which its sound, or its item, had ended anyway.
    _Noise(re.compile(r".* returned an error: .*(?:is already shorter than|Error truncating item)")),
    _Noise(re.compile(r".* returned an error: .*\bsession_expired\b")),  # its connection ends next, and that is told
    _Noise(re.compile(r".* returned an error: "), level=logging.WARNING, plain=_REPORTED),
    _Noise(re.compile(r"in-progress generation discarded due to |discarding response that arrived after ")),
    _Noise(re.compile(r"Future exception was never retrieved"), re.compile(r"\bRealtimeError\b")),
)


def calm(record: logging.LogRecord) -> None:
    """Turn a record that is no news into one line without a traceback; leave every other one as it is."""
    text = record.getMessage()
    head, error = text.partition("\n")[0], _name_error(record, text)
    noise = next((one for one in _NOISE if one.head.match(head) and one.error.search(error)), None)
    if noise is None:
        return
    record.levelno, record.levelname = noise.level, logging.getLevelName(noise.level)
    record.msg = noise.plain or (f"{head} ({error})" if error else head)
    record.args = record.exc_info = record.exc_text = None


def cut_traceback(record: logging.LogRecord) -> None:
    """Take the traceback out of a record, also where a job process has put it into the message."""
    record.exc_info = record.exc_text = None
    text = record.getMessage()
    if _TRACEBACK in text:
        record.msg, record.args = text.partition(_TRACEBACK)[0], None


def tell_traceback_once(record: logging.LogRecord) -> None:
    """Forget the traceback that the message of a job process holds already."""
    if record.exc_text and record.exc_text in record.getMessage():
        record.exc_text = None


def _name_error(record: logging.LogRecord, text: str) -> str:
    """Give the exception of a record as a traceback ends: its name and what it says."""
    if record.exc_info and record.exc_info[1] is not None:
        return f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}".partition("\n")[0]
    lines = [line.strip() for line in text.splitlines()[1:] if line.strip()]
    return lines[-1] if lines else ""
