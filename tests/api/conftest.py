"""A server as its users start it: a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from python_worker.samples import draw_samples

_ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    """A server process and its address."""

    process: subprocess.Popen[str]
    url: str

    def end(self) -> int:
        """Tell it to stop; return its exit status."""
        self.process.terminate()
        return self.process.wait(30)


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
    """Yield a server without a token, shared by the tests that do not change it."""
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function from the name of a sample picture to its file."""
    folder = tmp_path_factory.mktemp("samples")
    draw_samples(folder)
    return lambda name: folder / f"{name}.jpg"
