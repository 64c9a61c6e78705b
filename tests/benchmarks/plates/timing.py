"""How long calls take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

_Answer = TypeVar("_Answer")


def timed(call: Callable[[], _Answer]) -> tuple[_Answer, float]:
    """Return a call's answer, and the milliseconds that it took."""
    begun = time.perf_counter()
    answer = call()
    return answer, (time.perf_counter() - begun) * 1000


def spread(milliseconds: Sequence[float]) -> dict[str, float]:
    """Return mean, median and 95th percentile of at least one time."""
    times = sorted(milliseconds)
    return {
        "mean": sum(times) / len(times),
        "p50": times[len(times) // 2],
        "p95": times[min(len(times) - 1, round(0.95 * len(times)))],
    }
