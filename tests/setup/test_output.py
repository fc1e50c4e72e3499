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


LEAVING = "2026-11-23 09:49:02,805 INFO    agents.call: leaving conversation_id=bd81 role=driver job_id=AJ_a pid=7"
CLOSED = (
    "2026-11-23 09:49:02,855 ERROR   livekit: livekit::rtc_engine::rtc_session:704:livekit::rtc_engine::rtc_session - "
    "publisher data channel '_reliable' closed unexpectedly conversation_id=bd81 role=driver job_id={job} pid=7"
)
WAITING = (
    "2026-11-23 09:53:55,006 WARNING livekit.agents: no warmed process available for job, "
    "waiting for one to be created job_id=AJ_a"
)


def shown_of(tmp_path: Path, *lines: str) -> list[str]:
    """Tell which of these lines of the agents reach the terminal; the log has them all."""
    shown = io.StringIO()
    output = StackOutput(tmp_path, ("agents",), shown)
    for line in lines:
        output.say("agents", line)
    output.close()
    assert (tmp_path / "agents.log").read_text(encoding="utf-8").splitlines() == list(lines)
    return [line.removeprefix("agents     ") for line in shown.getvalue().splitlines()]


def test_a_channel_that_closes_while_its_agent_leaves_is_told_in_the_log_alone(tmp_path: Path) -> None:
    assert shown_of(tmp_path, LEAVING, CLOSED.format(job="AJ_a")) == []


def test_a_channel_that_closes_in_mid_call_is_shown(tmp_path: Path) -> None:
    lost = CLOSED.format(job="AJ_b")

    assert shown_of(tmp_path, LEAVING, lost) == [lost]


def test_a_job_that_waits_for_its_process_is_told_in_the_log_alone(tmp_path: Path) -> None:
    assert shown_of(tmp_path, WAITING) == []


def test_a_job_whose_process_cannot_be_made_is_shown(tmp_path: Path) -> None:
    failed = "2026-11-23 09:53:55,006 ERROR   livekit.agents: error initializing process job_id=AJ_a"

    assert shown_of(tmp_path, failed) == [failed]


def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    for word in ("first", "second"):
        output = StackOutput(tmp_path, ("web",), io.StringIO())
        output.say("web", word)
        output.close()

    assert (tmp_path / "web.log.1").read_text(encoding="utf-8") == "first\n"


def full_disk(tmp_path: Path, shown: io.StringIO) -> StackOutput:
    """Output whose logs find no room."""
    output = StackOutput(tmp_path, ("web",), shown)
    output._files["web"].close()
    output._files["web"] = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115  (closed with the output)
    return output


class GoneTerminal(io.StringIO):
    """A terminal, or the reader of a pipe, that went away."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_lines_that_find_no_room_in_the_log_are_still_shown_and_the_loss_is_told_once(tmp_path: Path) -> None:
    shown = io.StringIO()
    output = full_disk(tmp_path, shown)

    for number in range(3):
        output.say("web", f"level=warning number={number}")
    output.close()

    lines = shown.getvalue().splitlines()
    assert sum("level=warning" in line for line in lines) == 3
    assert sum("lines are lost" in line for line in lines) == 1


def test_a_terminal_that_is_gone_keeps_no_line_from_the_log_and_is_told_there_once(tmp_path: Path) -> None:
    output = StackOutput(tmp_path, ("web",), GoneTerminal())

    for number in range(3):
        output.say("web", f"level=warning number={number}")
    output.say("", "· Stopping")
    output.close()

    kept = (tmp_path / "web.log").read_text(encoding="utf-8")
    assert kept.count("level=warning") == 3
    assert kept.count("reaches nobody") == 1


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
