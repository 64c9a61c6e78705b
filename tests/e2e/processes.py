"""Looking for processes."""

from __future__ import annotations

import asyncio
import os
import subprocess

from scripts.node_red import NodeRed


async def worker_of(red: NodeRed) -> int:
    """Return the process id of a Node-RED's worker, which must run by now."""
    listing = await asyncio.create_subprocess_exec("ps", "-A", "-ww", "-o", "pid=,ppid=,args=", stdout=subprocess.PIPE)
    output, _ = await listing.communicate()
    rows = [row.split(maxsplit=2) for row in output.decode().splitlines()]
    workers = [int(row[0]) for row in rows if int(row[1]) == red.pid and "python_worker" in row[-1]]
    assert len(workers) == 1, rows
    return workers[0]


async def gone(pid: int) -> None:
    """Wait until a process is gone; one that ended may be in the table for a moment."""
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"process {pid} is still there")
