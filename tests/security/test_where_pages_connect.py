"""The content security policy lets pages connect to LiveKit where LIVEKIT_URL says, and nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dispatchsim.settings import livekit_sources

ROOT = Path(__file__).resolve().parents[2]
PRINT_POLICY = """
import django
django.setup()
from django.test import Client
print(Client().get("/sign-in/", secure=True).headers["Content-Security-Policy"])
"""


@pytest.mark.parametrize(
    ("url", "sources"),
    [
        ("ws://127.0.0.1:8001", ["ws://127.0.0.1:8001", "http://127.0.0.1:8001"]),
        ("http://media.example.org:7880", ["ws://media.example.org:7880", "http://media.example.org:7880"]),
        ("wss://media.example.org", ["wss://media.example.org", "https://media.example.org"]),
        ("https://media.example.org/livekit", ["wss://media.example.org", "https://media.example.org"]),
        ("wss://key:secret@media.example.org:443", ["wss://media.example.org:443", "https://media.example.org:443"]),
        ("ws://[::1]:7880", ["ws://[::1]:7880", "http://[::1]:7880"]),
        (
            "wss://livekit.cloud.evil.example",
            ["wss://livekit.cloud.evil.example", "https://livekit.cloud.evil.example"],
        ),
    ],
)
def test_pages_connect_to_livekit_by_socket_and_by_probe(url: str, sources: list[str]) -> None:
    assert livekit_sources(url) == sources


@pytest.mark.parametrize("scheme", ["wss", "https"])
def test_pages_follow_livekit_cloud_to_its_regions(scheme: str) -> None:
    assert livekit_sources(f"{scheme}://freight-ab12cd.livekit.cloud") == [
        "wss://freight-ab12cd.livekit.cloud",
        "https://freight-ab12cd.livekit.cloud",
        "wss://*.livekit.cloud",
        "https://*.livekit.cloud",
    ]


def test_the_policy_of_a_page_follows_the_environment() -> None:
    environ = os.environ | {"LIVEKIT_URL": "wss://media.example.org", "DISPATCHSIM_WEB_URL": "https://localhost"}

    done = subprocess.run(
        [sys.executable, "-c", PRINT_POLICY], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )

    policy = done.stdout.splitlines()[-1]
    assert "connect-src 'self' wss://media.example.org https://media.example.org;" in f"{policy};"
    assert "127.0.0.1" not in policy
