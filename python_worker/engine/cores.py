"""How many threads of the processor the engine uses, and how it divides them."""

from __future__ import annotations

import contextlib
import os
from typing import NamedTuple

from .. import groups

MOST = 256
"""Threads; nobody has tried more."""

_MOST_STREAMS = 4
"""A picture that is read takes up to 0.2 GB, and the process may have 2 GB: twice as many could need all of it."""


class Plan(NamedTuple):
    """How threads are divided.

    Attributes:
        streams: how many pictures text and vehicles are looked for in at once, each with its part of the threads.
        concurrency: how many pictures are best read at once.
    """

    streams: int
    concurrency: int


def plan(threads: int) -> Plan:
    """Return how a number of threads is best divided.

    Two threads look for text in one picture in little more than half of the time; more of them add less and less, so
    they take further pictures. One picture more is in work than is looked at: while it is unpacked, or its lines are
    read, the threads have something to do. With a single thread there is nothing to overlap.
    """
    if threads == 1:
        return Plan(streams=1, concurrency=1)
    streams = min(max(1, threads // 2), _MOST_STREAMS)
    return Plan(streams, streams + 1)


def usable() -> int:
    """Return how many cores this process may use, by its affinity and its container's quota, rounded up."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for text in groups.limits("cpu.max"):
        # Microseconds of the processor in each period of so many; "max" means no limit.
        with contextlib.suppress(ValueError):
            quota, period = map(int, text.split())
            cores = min(cores, -(-quota // period))
    return min(max(1, cores), MOST)
