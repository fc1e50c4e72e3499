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
IS_LAST = pytest.StashKey[bool]()


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
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """One Chromium for all files here, until the last test of looks: its loop keeps other tests off the database."""
    stash = request.config.stash
    if BROWSER not in stash:
        stash[OPEN] = ExitStack()
        stash[BROWSER] = stash[OPEN].enter_context(chromium())
    yield stash[BROWSER]
    if stash[IS_LAST]:
        del stash[BROWSER]
        stash[OPEN].close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Note for the browser whether a test of looks follows."""
    item.config.stash[IS_LAST] = nextitem is None or HERE not in nextitem.path.parents


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Looks are seen in a real browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.live)
            item.add_marker(pytest.mark.enable_socket)
