"""The worker and the engine's process: killed, stopped, and held up for a moment."""

from __future__ import annotations

import asyncio
import random
import signal

from . import machine
from .load import END, MIXED, Load, loading
from .stage import ENGINE, GATE, Stage
from .table import Row

IN_ONE_NODE_RED = 5
"""Kills in one Node-RED: a worker that breaks off again and again comes back later and later."""

MINUTE = 60.0
BUSY = 5.0
"""Seconds that a worker stands still, and is only busy: far less than what counts as hung."""

_random = random.Random(14)  # noqa: S311 - to be the same again, not to be secret


async def kill_worker(stage: Stage, times: int) -> Row:
    """Kill the worker again and again, at any moment of its work."""
    row = Row("worker killed", times)
    for begin in range(0, times, IN_ONE_NODE_RED):
        async with stage.node_red(stage.usual()) as red, loading(red, GATE, MIXED, every=10) as load:
            for _ in range(begin, min(begin + IN_ONE_NODE_RED, times)):
                await load.goes_on()
                # Not always in the same moment of a message's way.
                await asyncio.sleep(_random.uniform(0, 0.1))
                worker = await machine.worker(red)
                await _recover(row, load, worker.kill())
                row.demand(await machine.worker(red) != worker, "the killed worker is replaced")
            await load.judge(row, allowed={503})
    return row


async def stop_worker(stage: Stage, times: int) -> Row:
    """Let the worker stand still: nothing tells of it but its silence."""
    row = Row("worker stopped", times)
    for begin in range(0, times, IN_ONE_NODE_RED):
        async with stage.node_red(stage.usual()) as red, loading(red, GATE, MIXED, every=20, flight=5_000) as load:
            for _ in range(begin, min(begin + IN_ONE_NODE_RED, times)):
                await load.goes_on()
                before = len(await load.records())
                worker = await machine.worker(red)
                found = await _recover(row, load, worker.kill(signal.SIGSTOP))
                row.demand(await worker.gone(5), "the stopped worker is ended")
                if not found:
                    worker.kill(signal.SIGCONT)
                    await load.goes_on()
                late = [each for each in await load.records(before) if each.ended and each.ended - each.sent > MINUTE]
                row.demand(not late, f"each message ends within a minute ({len(late)} did not)")
            await load.judge(row, allowed={503, 504})
    return row


async def pause_worker(stage: Stage, times: int) -> Row:
    """Let the worker stand still for some seconds: it is busy, and is not to be replaced."""
    row = Row("worker busy for 5 s", times)
    red = await stage.shared()
    async with loading(red, GATE, MIXED, every=20, flight=900) as load:
        await load.goes_on()
        worker = await machine.worker(red)
        for _ in range(times):
            since = worker.kill(signal.SIGSTOP)
            await asyncio.sleep(BUSY)
            worker.kill(signal.SIGCONT)
            await _recover(row, load, since)
        row.demand(await machine.worker(red) == worker, "a worker that is only busy is left alone")
        await load.judge(row)
    return row


async def kill_engine(stage: Stage, times: int) -> Row:
    """Kill the engine's process while it reads; the gate, which another service serves, does not notice."""
    row = Row("engine killed", times)
    for begin in range(0, times, IN_ONE_NODE_RED):
        async with (
            stage.node_red(stage.usual()) as red,
            loading(red, GATE, MIXED, every=50) as gate,
            loading(red, ENGINE, ("car",), every=100, flight=6) as load,
        ):
            await load.goes_on()
            worker = await machine.worker(red)
            for _ in range(begin, min(begin + IN_ONE_NODE_RED, times)):
                await asyncio.sleep(_random.uniform(0, 0.5))
                engine = await machine.engine(worker)
                await _recover(row, load, engine.kill(signal.SIGSEGV))
            row.demand(await machine.worker(red) == worker, "the worker goes on without its engine")
            await load.judge(row, allowed={500, 502, 503, 504})
            await gate.judge(row)
    return row


async def _recover(row: Row, load: Load, since: float) -> bool:
    """Wait for the first result after a fault, and note how long it took."""
    seconds = await load.recovered(since, within=2 * END)
    if seconds is not None:
        row.recovery.append(seconds)
    row.demand(seconds is not None, f"the node recognizes again within {2 * END:g} s")
    row.demand(
        seconds is None or seconds <= MINUTE,
        f"the node recognizes again within a minute ({seconds:.1f} s)" if seconds else "",
    )
    return seconds is not None
