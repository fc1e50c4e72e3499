"""Tests run in a clean environment and cannot reach out."""

import os
import socket

import pytest
from django.conf import settings
from pytest_socket import SocketConnectBlockedError


def test_no_key_of_the_person_reaches_a_test() -> None:
    assert "OPENAI_API_KEY" not in os.environ


def test_settings_use_the_data_folder_of_the_tests() -> None:
    assert str(settings.DISPATCHSIM_DATA_DIR) == os.path.realpath(os.environ["DISPATCHSIM_DATA_DIR"])


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_connection_past_loopback_is_refused() -> None:
    with socket.socket() as outside, pytest.raises(SocketConnectBlockedError):
        outside.connect(("192.0.2.1", 9))
