"""How long the engine takes to load, and how much memory it holds."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from python_worker.engine import PlateReader

_LOAD = "import time; t = time.perf_counter(); from python_worker.engine import PlateReader; PlateReader()"
_ROUNDS = 5

_CACHES = ("HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "TMPDIR")
"""Variables that say where programs keep what they made once."""


def load_seconds() -> dict[str, float]:
    """Return the seconds in which a new Python has imported and loaded the engine.

    `first` is the median over rounds with an empty home, cache and temporary folder, `later` over rounds that follow
    each of these in the same folders. The engine's files were read before, so the disk does not count.
    """
    _seconds(dict(os.environ))
    first, later = [], []
    for _ in range(_ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            variables = {**os.environ, **dict.fromkeys(_CACHES, folder)}
            first.append(_seconds(variables))
            later.append(_seconds(variables))
    return {"first": statistics.median(first), "later": statistics.median(later)}


def memory(pictures: Sequence[Path], count: int) -> dict[str, float]:
    """Return the memory (MB) of this process while it reads pictures; nothing else should have run in it."""
    reader = PlateReader()
    found = {"loaded": _resident()}
    for number in range(1, count + 1):
        reader.read(pictures[number % len(pictures)].read_bytes())
        if number in (100, count // 2, count):
            found[f"after_{number}"] = _resident()
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _seconds(variables: dict[str, str]) -> float:
    command = [sys.executable, "-c", f"{_LOAD}; print(time.perf_counter() - t)"]
    return float(subprocess.check_output(command, env=variables))


def _resident() -> float:
    """Return the resident memory of this process in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6
