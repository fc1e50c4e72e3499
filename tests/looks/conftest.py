"""One site and one Chromium for all tests of looks."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.live.browser import chromium
from tests.looks.made_up_site import Site

HERE = Path(__file__).parent
OPEN = pytest.StashKey[ExitStack]()
BROWSER = pytest.StashKey[Browser]()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that tests share; they must leave it running and its rows as they are."""
    made = Site(tmp_path_factory.mktemp("looks"))
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Browser:
    """One Chromium for all files here; `pytest_runtest_teardown` closes it."""
    stash = request.config.stash
    if BROWSER not in stash:
        stash[OPEN] = ExitStack()
        stash[BROWSER] = stash[OPEN].enter_context(chromium())
    return stash[BROWSER]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Close the browser after the last test of looks: while Playwright runs, its loop keeps others off the database."""
    try:
        yield
    finally:
        if (nextitem is None or HERE not in nextitem.path.parents) and BROWSER in item.config.stash:
            del item.config.stash[BROWSER]
            item.config.stash[OPEN].close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Looks are seen in a real browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.live)
            item.add_marker(pytest.mark.enable_socket)
