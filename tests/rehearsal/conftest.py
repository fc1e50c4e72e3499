"""A real rehearsal server on a free loopback port for each test that asks for one."""

from collections.abc import AsyncIterator

import pytest

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
