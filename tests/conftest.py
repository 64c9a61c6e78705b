"""Fixtures that every kind of test may use."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contract.server import Service


@pytest.fixture
async def cloud() -> AsyncIterator[Service]:
    """Yield a service that behaves as the cloud."""
    async with Service() as service:
        yield service


@pytest.fixture
async def sdk() -> AsyncIterator[Service]:
    """Yield a service that behaves as an on-premise SDK."""
    async with Service("sdk") as service:
        yield service
