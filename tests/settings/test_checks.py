"""Wrong settings are told at start, each with an id and a way out."""

import os
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings as current
from django.core.checks import CheckMessage
from pytest_django import Settings

from dispatchsim import checks
from dispatchsim.settings import read_budget

ROOT = Path(__file__).resolve().parents[2]


def ids(messages: list[CheckMessage]) -> list[str]:
    return [str(message.id) for message in messages]


def all_messages() -> list[CheckMessage]:
    return [
        *checks.check_secrets(),
        *checks.check_addresses(),
        *checks.check_limits(),
        *checks.check_budgets(),
        *checks.check_tracing(),
        *checks.check_voice_model(),
        *checks.check_exposure(),
        *checks.check_data_folder(),
    ]


def test_the_settings_of_the_tests_are_in_order() -> None:
    assert all_messages() == []


@pytest.mark.parametrize(
    ("name", "value", "check_id"),
    [
        ("SECRET_KEY", "", "dispatchsim.E001"),
        ("SECRET_KEY", "short", "dispatchsim.E001"),
        ("DISPATCHSIM_WEB_URL", "127.0.0.1:8000", "dispatchsim.E002"),
        ("LIVEKIT_URL", "livekit.example.org", "dispatchsim.E003"),
        ("LIVEKIT_URL", "ftp://livekit.example.org", "dispatchsim.E003"),
        ("LIVEKIT_URL", "ws://127.0.0.1:seven", "dispatchsim.E003"),
        ("OPENAI_BASE_URL", "wss://api.openai.com", "dispatchsim.E004"),
        ("REHEARSAL_URL", "", "dispatchsim.E004"),
        ("LIVEKIT_API_SECRET", "secret", "dispatchsim.E005"),
        ("MAX_CALLS", 0, "dispatchsim.E006"),
        ("DRAIN_S", -1.0, "dispatchsim.E007"),
        ("REHEARSAL_API_KEY", "", "dispatchsim.E008"),
        ("CALL_BUDGET_USD", Decimal(0), "dispatchsim.E012"),
        ("DAY_BUDGET_USD", Decimal(-1), "dispatchsim.E012"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", "dispatchsim.E013"),
        ("LANGFUSE_HOST", "cloud.langfuse.com", "dispatchsim.E013"),
        ("LANGFUSE_SECRET_KEY", "sk-lf-half", "dispatchsim.E014"),
        ("LANGFUSE_PUBLIC_KEY", "pk-lf-half", "dispatchsim.E014"),
        ("PORT", 65_533, "dispatchsim.E009"),
        ("PORT", 0, "dispatchsim.E009"),
        ("DISPATCHSIM_DATA_DIR", Path(__file__) / "data", "dispatchsim.E010"),
        ("DISPATCHSIM_AGENTS_KEY", "", "dispatchsim.E011"),
        ("DISPATCHSIM_API_TOKEN", "guess", "dispatchsim.W103"),
        ("ALLOWED_HOSTS", ["calls.example.org"], "dispatchsim.W102"),
    ],
)
def test_a_wrong_value_is_told(settings: Settings, name: str, value: object, check_id: str) -> None:
    setattr(settings, name, value)

    assert ids(all_messages()) == [check_id]


def test_a_call_that_may_cost_more_than_a_day_is_told(settings: Settings) -> None:
    settings.CALL_BUDGET_USD, settings.DAY_BUDGET_USD = Decimal(5), Decimal(2)

    assert ids(all_messages()) == ["dispatchsim.E012"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("", None),
        ("  ", None),
        ("2.50", Decimal("2.50")),
        ("five", Decimal(0)),
        ("NaN", Decimal(0)),
        ("inf", Decimal(0)),
    ],
)
def test_a_budget_is_read_as_dollars_and_nonsense_allows_nothing(text: str, amount: Decimal | None) -> None:
    assert read_budget(text) == amount


def test_debug_is_no_matter_on_loopback(settings: Settings) -> None:
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["localhost", "127.0.0.1", "[::1]"]

    assert all_messages() == []


def test_debug_in_the_open_is_told(settings: Settings) -> None:
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "calls.example.org"]

    assert ids(all_messages()) == ["dispatchsim.W101"]


@pytest.mark.parametrize("host", ["*", ".example.org", "calls.example.org", "example.org"])
def test_the_web_address_is_compared_as_django_compares_hosts(settings: Settings, host: str) -> None:
    settings.DISPATCHSIM_WEB_URL = "https://calls.example.org"
    settings.ALLOWED_HOSTS = [host]

    assert (ids(checks.check_exposure()) == []) == (host != "example.org")


def test_an_openai_key_is_enough_to_speak(settings: Settings) -> None:
    settings.REHEARSAL_API_KEY, settings.OPENAI_API_KEY = "", "sk-something"

    assert checks.check_voice_model() == []


def test_every_message_says_what_to_do(settings: Settings) -> None:
    settings.SECRET_KEY = settings.LIVEKIT_API_SECRET = settings.LIVEKIT_URL = settings.REHEARSAL_API_KEY = ""
    settings.MAX_CALLS, settings.PORT, settings.ALLOWED_HOSTS = 0, 0, []

    assert all(message.hint for message in all_messages())


def test_the_wal_bug_is_told_where_the_database_is_checked() -> None:
    is_old = sqlite3.sqlite_version_info < checks.SQLITE_WITHOUT_WAL_BUG
    is_sqlite = current.DATABASES["default"]["ENGINE"].endswith("sqlite3")

    assert bool(checks.check_sqlite(databases=["default"])) == (is_old and is_sqlite)


def test_the_wal_bug_is_not_told_elsewhere() -> None:
    assert checks.check_sqlite() == []


@pytest.mark.parametrize("name", ["PORT", "DEBUG", "DISPATCHSIM_MAX_CALLS", "DISPATCHSIM_DRAIN_S", "DATABASE_URL"])
def test_a_value_of_the_wrong_kind_is_told_with_the_variables_name(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, name: "nonsense"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert f'"{name}"' in done.stderr
