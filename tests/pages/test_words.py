"""Times and lengths are said as people say them."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatchsim.domain.conversation import ConversationStatus, EndReason
from dispatchsim.templatetags.words import clock, end_advice, moment_in_words, status_name, status_tone

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00"), (7.9, "0:07"), (67, "1:07"), (3727, "1:02:07"), (-3, "0:00"), (None, "\N{EN DASH}")],
)
def test_a_length_is_minutes_and_seconds(seconds: float | None, words: str) -> None:
    assert clock(seconds) == words


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(seconds=-3), "just now"),
        (timedelta(seconds=50), "1 min ago"),
        (timedelta(minutes=59, seconds=40), "1 h ago"),
        (timedelta(hours=2), "2 h ago"),
        (timedelta(hours=23, minutes=50), "1 d ago"),
        (timedelta(days=3), "3 d ago"),
        (timedelta(days=30), "23 Oct 2026"),
    ],
)
def test_a_moment_is_told_from_now(passed: timedelta, words: str) -> None:
    assert moment_in_words(NOW - passed, now=NOW) == words


@pytest.mark.parametrize("status", ConversationStatus)
def test_every_status_has_a_word_and_a_tone(status: ConversationStatus) -> None:
    assert status_name(status)
    assert status_tone(status) in {"waiting", "live", "ended", "failed"}


@pytest.mark.parametrize("reason", [reason for reason in EndReason if reason.is_failure])
def test_every_failure_has_advice(reason: EndReason) -> None:
    assert end_advice(reason)


@pytest.mark.parametrize("reason", [EndReason.AGENT_VANISHED, EndReason.DEAD_AIR])
def test_what_a_busy_machine_may_have_done_is_told_with_what_helps(reason: EndReason) -> None:
    assert "run fewer at a time (DISPATCHSIM_MAX_CALLS)" in end_advice(reason)
