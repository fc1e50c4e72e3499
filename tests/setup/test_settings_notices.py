"""What the settings lack is printed as the other notices of the start are, and only an error stops it."""

import pytest
from django.core import checks
from django.core.checks import CheckMessage, Error, Info, Warning  # noqa: A004  (Django's own name)
from pytest_django import Settings

from dispatchsim.management.commands.up import Command
from dispatchsim.management.settings_notices import tell_settings


def told(capsys: pytest.CaptureFixture[str], *messages: CheckMessage) -> tuple[bool, list[str]]:
    can_start = tell_settings(messages)
    return can_start, capsys.readouterr().out.splitlines()


def test_a_short_api_token_is_a_notice_with_what_to_do(capsys: pytest.CaptureFixture[str], settings: Settings) -> None:
    settings.DISPATCHSIM_API_TOKEN = "short"

    can_start, lines = told(capsys, *checks.run_checks())

    assert can_start
    assert lines == [
        "! DISPATCHSIM_API_TOKEN is shorter than 32 bytes.",
        "  Use 32 random bytes or more: whoever guesses it can launch calls.",
    ]


def test_an_error_stops_the_start_and_is_told_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    can_start, lines = told(capsys, Error("The port is taken.", hint="Take another one.", id="dispatchsim.E009"))

    assert (can_start, lines) == (False, ["✗ The port is taken.", "  Take another one."])


def test_what_nobody_must_act_on_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, Info("All is well.")) == (True, [])


def test_a_warning_alone_does_not_stop_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, Warning("Debug is on.", hint="Turn it off."))[0]


def test_django_prints_none_of_them_itself() -> None:
    assert tuple(Command.requires_system_checks) == ()
