"""What livekit's libraries log of troubles that are taken care of is one plain line; what is not expected is whole."""

import copy
import io
import logging

import pytest
from livekit.agents import APIConnectionError
from livekit.agents.llm import RealtimeError

from agents.logs import FieldFormatter, KnownNoise
from dispatchsim.management.output import ROUTINE

CLOSED = "OpenAI Realtime API connection closed unexpectedly"
RETRY = "OpenAI Realtime API connection failed, retrying in 0.1s"
SAID = "OpenAI Realtime API returned an error: RealtimeError(message='{}', type='invalid_request_error', code={})"
TOO_LATE = "Audio content of 3659ms is already shorter than 3660ms"
NO_ITEM = "Error truncating item: the item with id 'item_1' does not exist."


def written(message: str, error: Exception | None = None, *, level: int = logging.ERROR, is_job: bool = False) -> str:
    """Write a record as the agents' log does; `is_job` sends it through a job process first."""
    try:
        if error is not None:
            raise error
        info = None
    except Exception as raised:
        info = (type(raised), raised, raised.__traceback__)
    record = logging.LogRecord("livekit.agents", level, __file__, 1, message, None, info)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FieldFormatter("2026-11-23 09:46:36,228 %(levelname)-7s %(name)s: %(message)s"))
    handler.addFilter(KnownNoise())
    handler.handle(_sent_by_a_job(record) if is_job else record)
    return stream.getvalue().rstrip("\n")


def _sent_by_a_job(record: logging.LogRecord) -> logging.LogRecord:
    """Do with it what livekit's queue of a job process does: the traceback becomes part of the message."""
    text = logging.Formatter().format(record)
    sent = copy.copy(record)
    sent.msg, sent.args, sent.exc_info = text, None, None
    return sent


@pytest.mark.parametrize("is_job", [False, True])
def test_a_lost_connection_is_one_line_that_names_no_vendor(is_job: bool) -> None:
    line = written(RETRY, APIConnectionError(CLOSED), level=logging.WARNING, is_job=is_job)

    assert line.endswith(
        "WARNING livekit.agents: the voice model closed the connection, or could not be reached; connecting again"
    )


@pytest.mark.parametrize("is_job", [False, True])
@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Error in _recv_task", APIConnectionError(CLOSED)),
        ("failed to send event", ConnectionResetError("Cannot write to closing transport")),
        (SAID.format(TOO_LATE, "None"), None),
        (SAID.format(NO_ITEM, "'item_truncate_invalid_item_id'"), None),
        (SAID.format("Your session hit its maximum duration.", "'session_expired'"), None),
        ("in-progress generation discarded due to session reconnection", None),
        ("Future exception was never retrieved", RealtimeError("response failed: [rate_limit_exceeded]")),
    ],
)
def test_what_is_taken_care_of_is_one_line_for_the_log_file_alone(
    message: str, error: Exception | None, is_job: bool
) -> None:
    line = written(message, error, is_job=is_job)

    assert ("\n" in line, ROUTINE.search(line) is not None) == (False, True)


def test_any_other_error_of_the_model_is_a_warning_with_what_it_says() -> None:
    line = written(SAID.format("The image is too large.", "'too_large'"))

    assert "WARNING livekit.agents: the voice model reported an error; the call goes on" in line


@pytest.mark.parametrize("is_job", [False, True])
@pytest.mark.parametrize("message", ["Error in _recv_task", "failed to handle event", "failed to send event"])
def test_an_exception_that_nobody_expected_keeps_its_traceback_once(message: str, is_job: bool) -> None:
    text = written(message, ZeroDivisionError("division by zero"), is_job=is_job)

    assert text.startswith(f"2026-11-23 09:46:36,228 ERROR   livekit.agents: {message}")
    assert text.count("Traceback (most recent call last)") == 1
    assert text.endswith("ZeroDivisionError: division by zero")


@pytest.mark.parametrize("is_job", [False, True])
def test_a_warning_never_has_a_traceback(is_job: bool) -> None:
    assert "\n" not in written("slow", ValueError("why"), level=logging.WARNING, is_job=is_job)
