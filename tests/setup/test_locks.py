"""Locks pin every package by hash, name no registry, and agree with each other."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-go.txt", "requirements-node.txt"]


def pinned(lock: str) -> dict[str, set[str]]:
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE):
        versions.setdefault(name, set()).add(version)
    return versions


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_a_hash(lock: str) -> None:
    blocks = re.split(r"^(?=\S+==)", (ROOT / lock).read_text("utf-8"), flags=re.MULTILINE)

    assert [block.splitlines()[0] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("lock", [*LOCKS, "package-lock.json"])
def test_no_lock_names_a_registry(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")

    assert not re.search(r"--(?:extra-)?index-url|--find-links|\"resolved\": \"http", text)


def test_tests_run_with_the_versions_that_people_run() -> None:
    dev = pinned("requirements-dev.txt")

    assert {name: versions for name, versions in pinned("requirements.txt").items() if dev.get(name) != versions} == {}


def test_npm_packages_are_pinned_exactly() -> None:
    package = json.loads((ROOT / "package.json").read_text("utf-8"))

    wanted = package["dependencies"] | package["devDependencies"]
    assert [name for name, version in wanted.items() if not version[0].isdigit()] == []
