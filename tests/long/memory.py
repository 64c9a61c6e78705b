"""Memory over many messages of all sizes, good ones and bad ones."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Sequence

from . import machine
from .load import KINDS, Kind, loading
from .stage import ENGINE, GATE, Stage
from .table import Row

MIX = (
    *("1 KB", "10 KB", "30 KB", "100 KB", "300 KB", "no image", "1 MB", "refused", "3 MB", "no picture"),
    *("1 KB", "10 KB", "30 KB", "100 KB", "300 KB", "page", "30 KB", "1 KB", "100 KB", "300 KB"),
)
"""Kinds of messages; on average they have 330 KB."""

SIZES = {"1 KB": 1_000, "10 KB": 10_000, "100 KB": 100_000, "1 MB": 1_000_000}
ALL_KINDS = {**KINDS, **{name: Kind(size=size) for name, size in SIZES.items()}}

ENGINE_SHARE = 40
"""For so many messages of the gate the engine gets one."""

MOST_SLOPE = 2.0
"""MB per 1,000 messages that count as none: 20,000 messages may leave 40 MB, what an allocator keeps for itself."""

_SAMPLES = 100


async def load_for_long(stage: Stage, times: int) -> Row:
    """Send so many messages, and find the slope of each process's memory behind the first quarter."""
    row = Row("mixed messages", times)
    found: list[list[float]] = []
    async with (
        stage.node_red(stage.usual()) as red,
        loading(red, GATE, MIX, every=0, flight=8, number=times, kinds=ALL_KINDS) as load,
        loading(red, ENGINE, ("car", "no picture"), every=0, flight=1, number=times // ENGINE_SHARE) as engine_load,
    ):
        await engine_load.goes_on()
        worker = await machine.worker(red)
        processes = [machine.of(red.pid), worker, await machine.engine(worker)]
        await load.reached(times // 4)
        for sample in range(_SAMPLES):
            count = times // 4 + (times - times // 4) * (sample + 1) // _SAMPLES
            await load.reached(count)
            found.append([count, *(each.megabytes for each in processes)])
        await asyncio.wait_for(engine_load.reached(times // ENGINE_SHARE), 600)
        await load.judge(row)
        await engine_load.judge(row)
    for name, index in (("Node-RED", 1), ("worker", 2), ("engine", 3)):
        slope = _slope([(each[0], each[index]) for each in found])
        row.notes.append(
            f"{name}: {found[-1][index]:.0f} MB at the end, {slope:+.2f} MB for 1,000 messages after the first quarter"
        )
        # A short run shows no slope, only the steps in which an allocator takes memory.
        row.demand(stage.quick or slope <= MOST_SLOPE, f"{name} grows by at most {MOST_SLOPE:g} MB for 1,000 messages")
    return row


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """Return by how much the second value grows while the first grows by 1,000."""
    counts, sizes = zip(*points, strict=True)
    return statistics.linear_regression(counts, sizes).slope * 1000
