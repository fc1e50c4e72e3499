"""One site and one Chromium for all tests of looks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.conftest import browser
from tests.looks.made_up_site import Site

__all__ = ["browser"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that tests share; they must leave it running and its rows as they are."""
    made = Site(tmp_path_factory.mktemp("looks"))
    try:
        made.start()
        yield made
    finally:
        made.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Looks are seen in a real browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.live)
            item.add_marker(pytest.mark.enable_socket)
