"""Node-RED's end: by a signal, with a worker that works or stands still."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from pathlib import Path

from scripts.node_red import NodeRedError

from . import machine
from .load import loading
from .stage import ENGINE, GATE, Stage
from .table import Row

WITHIN = 20.0
"""Seconds after which nothing of a Node-RED that has ended may be left."""

_WAYS = [(number, stopped) for number in (signal.SIGTERM, signal.SIGKILL) for stopped in (False, True)]


async def end_node_red(stage: Stage, times: int) -> Row:
    """End Node-RED under load, and look for what it leaves behind."""
    row = Row("Node-RED ended", times * len(_WAYS))
    for _ in range(times):
        await asyncio.gather(*(_end(stage, row, number, stopped) for number, stopped in _WAYS))
    return row


async def _end(stage: Stage, row: Row, number: signal.Signals, stopped: bool) -> None:
    # The worker's socket and whatever else is temporary comes here, and nothing of another process does.
    temporary = Path(tempfile.mkdtemp(prefix="plr-end-"))
    way = f"{number.name}{', the worker stopped' if stopped else ''}"
    # Node-RED 5 would have Node.js keep its compiled modules there.
    variables = {"TMPDIR": str(temporary), "NODE_DISABLE_COMPILE_CACHE": "1"}
    started: list[machine.Process] = []
    try:
        async with (
            stage.node_red(stage.usual(), environment=variables) as red,
            loading(red, GATE, every=20) as load,
            loading(red, ENGINE, ("car",), every=200, flight=4) as other,
        ):
            await load.goes_on()
            await other.goes_on()
            worker = await machine.worker(red)
            await machine.engine(worker)
            started = machine.descendants(red.pid)
            records = await load.records()
            row.messages += len(records)
            row.results += sum(record.outcome == "result" for record in records)
            if stopped:
                worker.kill(signal.SIGSTOP)
            since = asyncio.get_running_loop().time()
            os.kill(red.pid, number)
            left = [each for each in started if not await each.gone(WITHIN)]
            row.recovery.append(asyncio.get_running_loop().time() - since)
            names = ", ".join(machine.commands(each)[-80:] for each in left)
            row.demand(not left, f"{way}: no process is left ({names})")
            machine.end(left)
            try:
                await asyncio.wait_for(red.ended(), WITHIN)
            except asyncio.TimeoutError:
                row.demand(False, f"{way}: Node-RED ends")
        found = sorted(path.name for path in _below(temporary))
        row.demand(not found, f"{way}: no socket and no folder is left ({', '.join(found)})")
    except NodeRedError as error:
        row.demand(False, f"{way}: {error}")
    finally:
        machine.end(started)
        shutil.rmtree(temporary, ignore_errors=True)


def _below(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))
