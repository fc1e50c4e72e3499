"""A real rehearsal server on a free loopback port: for each test that asks for one, or one for all tests of a file.

A server starts a process to hear with, which costs as much as what a test lets it hear. So tests of what is heard share
one, each with a session of its own; such a file says `pytestmark = pytest.mark.asyncio(loop_scope="module")`.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.rehearsal.wire import Running, Wire, open_wire, running_server


@pytest.fixture
async def server() -> AsyncIterator[Running]:
    async with running_server() as running:
        yield running


@pytest.fixture
async def slow_server() -> AsyncIterator[Running]:
    """Speaks at twice the speed of speech, so that there is time to interrupt it."""
    async with running_server(pace=2.0) as running:
        yield running


@pytest.fixture
async def wire(server: Running) -> AsyncIterator[Wire]:
    async with open_wire(server) as opened:
        yield opened


@pytest.fixture
async def slow_wire(slow_server: Running) -> AsyncIterator[Wire]:
    async with open_wire(slow_server) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_server() -> AsyncIterator[Running]:
    async with running_server() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def slow_shared_server() -> AsyncIterator[Running]:
    """Speaks at twice the speed of speech, so that there is time to interrupt it."""
    async with running_server(pace=2.0) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def shared_wire(shared_server: Running) -> AsyncIterator[Wire]:
    async with open_wire(shared_server) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def slow_shared_wire(slow_shared_server: Running) -> AsyncIterator[Wire]:
    async with open_wire(slow_shared_server) as opened:
        yield opened
