"""How many threads read pictures best: for one picture at a time, and for many."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from python_worker.engine import PlateReader

_THREADS = (1, 2)
_CALLERS = (1, 2, 4)
_ROUNDS = 5


def compare_threads(pictures: Sequence[bytes]) -> list[dict[str, float]]:
    """Return the medians over interleaved rounds, for each number of an engine's threads and of concurrent callers."""
    readers = {threads: PlateReader(threads) for threads in _THREADS}
    found: dict[tuple[int, int], list[float]] = {}
    for _ in range(_ROUNDS):
        for threads, reader in readers.items():
            for callers in _CALLERS:
                with ThreadPoolExecutor(callers) as pool:
                    begun = time.perf_counter()
                    list(pool.map(reader.read, pictures))
                    found.setdefault((threads, callers), []).append(time.perf_counter() - begun)
    return [
        {"threads": threads, "callers": callers, "per_second": round(len(pictures) / statistics.median(times), 2)}
        for (threads, callers), times in found.items()
    ]
