"""A server as its users start it: a process of its own."""

from __future__ import annotations

import json
import os
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
def serving(*options: str, log: Path | None = None, most_files: int | None = None) -> Iterator[Running]:
    """Run a server on a free port.

    Args:
        options: of the command.
        log: takes what the server logs, at all levels; otherwise this process's standard error does.
        most_files: how many files it may have open.
    """
    level = [] if log is None else ["--log-level", "DEBUG"]
    command = [sys.executable, "-I", "-m", "python_worker", *level, "serve", "--port", "0", *options]
    if most_files is not None:
        command = ["sh", "-c", f'ulimit -n {most_files}; exec "$@"', "sh", *command]
    with (
        open(log or os.devnull, "w") as file,  # noqa: PTH123 - the null device is no Path on all systems
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=None if log is None else file, text=True, cwd=_ROOT
        ) as process,
    ):
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
