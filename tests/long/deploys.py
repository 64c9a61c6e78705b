"""Flows that are deployed while messages are under way."""

from __future__ import annotations

import time

from scripts.node_red import Flow

from . import machine
from .kills import MINUTE
from .load import MIXED, loading
from .stage import ENGINE, GATE, Stage, flow, recognizer
from .table import Row


async def deploy(stage: Stage, times: int) -> Row:
    """Deploy the whole flow, the changed tabs, and the changed nodes, in turn."""
    row = Row("flow deployed", times)
    red = await stage.shared()
    async with loading(red, GATE, MIXED, every=10) as load:
        await load.goes_on()
        worker = await machine.worker(red)
        for number in range(times):
            since = time.time()
            await red.deploy(_changed(stage, number + 1), ("full", "flows", "nodes")[number % 3])
            seconds = await load.recovered(since)
            row.demand(seconds is not None and seconds < MINUTE, "the new node recognizes within a minute")
            row.recovery.append(seconds or MINUTE)
        row.demand(await machine.worker(red) == worker, "the worker outlives a deployment")
        # The messages of a closed node are completed.
        await load.judge(row, allowed={"skipped"})
    return row


def _changed(stage: Stage, number: int) -> Flow:
    """Return the shared flow with nodes that differ from the last ones."""
    content = flow(
        recognizer(GATE, stage.sdk.url, statusText=("count", "plates")[number % 2]), recognizer(ENGINE, "embedded:")
    )
    # What is deployed as changed tabs must have one.
    return [{**content[0], "info": str(number)}, *content[1:]]
