"""Looking for processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from scripts.node_red import NodeRed


async def worker_of(red: NodeRed) -> int:
    """Return the process id of a Node-RED's worker, which must run by now."""
    rows = [row.split(maxsplit=2) for row in await _listed("-A", "-o", "pid=,ppid=,args=")]
    workers = [int(row[0]) for row in rows if int(row[1]) == red.pid and "python_worker bridge" in row[-1]]
    assert len(workers) == 1, rows
    return workers[0]


async def socket_of(worker: int) -> Path:
    """Return the socket that a running worker listens on."""
    (arguments,) = await _listed("-p", str(worker), "-o", "args=")
    return Path(arguments.partition(" --socket ")[2].split()[0])


async def _listed(*options: str) -> list[str]:
    """Return the lines of a list of processes."""
    listing = await asyncio.create_subprocess_exec("ps", "-ww", *options, stdout=subprocess.PIPE)
    output, _ = await listing.communicate()
    return output.decode().splitlines()


async def gone(pid: int) -> None:
    """Wait until a process is gone; one that ended may be in the table for a moment."""
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"process {pid} is still there")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process brings about."""
    for _ in range(3000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nothing happened within 30 seconds")
