"""How long the engine takes to load, and how much memory it holds."""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from python_worker.engine import PlateReader
from python_worker.engine.runtime import COMPILED

_LOAD = "import time; t = time.perf_counter(); from python_worker.engine import PlateReader; PlateReader()"
_ROUNDS = 5


def load_seconds() -> dict[str, float]:
    """Return the seconds in which a new Python has imported and loaded the engine.

    `first` is the median over rounds without compiled networks of an earlier start, `later` over rounds that follow
    each of these. The engine's files were read before, so the disk does not count.
    """
    _seconds()
    first, later = [], []
    for _ in range(_ROUNDS):
        shutil.rmtree(COMPILED, ignore_errors=True)
        first.append(_seconds())
        later.append(_seconds())
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


def _seconds() -> float:
    command = [sys.executable, "-c", f"{_LOAD}; print(time.perf_counter() - t)"]
    return float(subprocess.check_output(command))


def _resident() -> float:
    """Return the resident memory of this process in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6
