"""A server as its users start it: a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession

from python_worker.samples import draw_samples

_ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    """A server process, and its address without a slash at the end."""

    process: subprocess.Popen[str]
    url: str


@contextmanager
def serving(*options: str) -> Iterator[Running]:
    """Run a server on a free port."""
    command = [sys.executable, "-I", "-m", "python_worker", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as process:
        try:
            assert process.stdout is not None
            listening = json.loads(process.stdout.readline())["listening"]
            yield Running(process, f"http://{listening['host']}:{listening['port']}")
        finally:
            process.kill()


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    """Yield a server without a token, shared by all tests that ask for no options."""
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def pictures() -> Mapping[str, bytes]:
    """Return the sample pictures by name."""
    return draw_samples()


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    """Yield an HTTP client."""
    async with ClientSession() as session:
        yield session
