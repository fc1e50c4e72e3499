"""One whole stack for all live tests that do not break it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.live.browser import chromium
from tests.live.stack import ALL_PARTS, Stack


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """A database with its library, to be copied; and static files, which all stacks share."""
    never_started = Stack(tmp_path_factory.mktemp("prepared"))
    never_started.set_up()
    return never_started


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, prepared: Stack) -> Iterator[Stack]:
    """A ready system that tests share; they must leave every part running."""
    with Stack(tmp_path_factory.mktemp("stack")).running(prepared, *ALL_PARTS) as running:
        yield running


@pytest.fixture
def own_stack(tmp_path: Path, prepared: Stack) -> Iterator[Stack]:
    """A system with nothing started, for a test that starts and kills parts itself."""
    with Stack(tmp_path).running(prepared) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a file: while Playwright runs, its loop keeps other tests off the database."""
    with chromium() as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything that uses a stack is a live test."""
    for item in items:
        if {"stack", "own_stack"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.live)
            item.add_marker(pytest.mark.enable_socket)
