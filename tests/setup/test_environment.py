"""Tests run in a clean environment and cannot reach out."""

import os
import re
import socket
from pathlib import Path

import pytest
from django.conf import settings
from pytest_socket import SocketConnectBlockedError

from tests.environment import SCRUBBED

ROOT = Path(__file__).resolve().parents[2]


def test_no_key_of_the_person_reaches_a_test() -> None:
    assert "OPENAI_API_KEY" not in os.environ


def test_every_variable_that_is_documented_is_kept_from_tests() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text().partition("## Environment")[2]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]

    assert {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)} <= set(SCRUBBED)


def test_settings_use_the_data_folder_of_the_tests() -> None:
    assert str(settings.DISPATCHSIM_DATA_DIR) == os.path.realpath(os.environ["DISPATCHSIM_DATA_DIR"])


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_connection_past_loopback_is_refused() -> None:
    with socket.socket() as outside, pytest.raises(SocketConnectBlockedError):
        outside.connect(("192.0.2.1", 9))
