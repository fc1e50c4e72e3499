"""The terminal shows what matters, one clean line at a time; the log files hold everything."""

import io
from pathlib import Path

import pytest

from dispatchsim.management.output import StackOutput, box, clean
from dispatchsim.management.readiness import describe


def test_routine_lines_go_to_the_log_alone(tmp_path: Path) -> None:
    shown = io.StringIO()
    output = StackOutput(tmp_path, ("web",), shown)

    output.say("web", "timestamp=2026-01-01T00:00:00Z level=info event=request_finished")
    output.close()

    assert shown.getvalue() == ""
    assert "request_finished" in (tmp_path / "web.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", ["timestamp=1 level=warning event=slow", "Traceback (most recent call last):"])
def test_lines_that_matter_are_shown_with_their_part(tmp_path: Path, line: str) -> None:
    shown = io.StringIO()
    output = StackOutput(tmp_path, ("web",), shown)

    output.say("web", line)
    output.close()

    assert shown.getvalue() == f"web        {line}\n"


def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    for word in ("first", "second"):
        output = StackOutput(tmp_path, ("web",), io.StringIO())
        output.say("web", word)
        output.close()

    assert (tmp_path / "web.log.1").read_text(encoding="utf-8") == "first\n"


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert clean("a\x1b[2Jb\rc\u202e") == "a·[2Jb·c·"


def test_the_sign_in_link_stands_whole_on_one_line() -> None:
    link = "http://127.0.0.1:8000/sign-in/" + "t" * 200 + "/"

    assert any(link in line for line in box("Ready", [("Sign in", link)]).splitlines())


def test_a_refusal_is_told_by_the_parts_that_are_missing() -> None:
    body = b"""{"ready": false, "parts": [{"name": "database", "ok": true, "detail": "Ready."},
        {"name": "agent_server_driver", "ok": false, "detail": "None has reported."}]}"""

    assert describe(503, body) == "agent server driver"


def test_a_refusal_without_words_is_told_by_its_number() -> None:
    assert describe(502, b"<html>") == "the web side answers 502"
