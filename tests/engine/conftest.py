"""The engine, loaded once."""

from __future__ import annotations

import pytest

from python_worker.engine import PlateReader


@pytest.fixture(scope="session")
def reader() -> PlateReader:
    """Yield the engine that all tests share."""
    return PlateReader()
