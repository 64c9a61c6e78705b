"""The line between Node-RED and a remote worker: cut, dead without a word, slow, and ends that do not read."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from scripts.node_red import Flow, NodeRed

from . import machine
from .kills import IN_ONE_NODE_RED, MINUTE
from .load import KINDS, MIXED, Kind, loading
from .peers import SECRET, RemoteWorker, client, false_worker, input_frame, open_frame, pack, remote_worker
from .proxy import Proxy
from .stage import GATE, Stage, flow, recognizer
from .table import Row

LARGE = "large"
"""Id of a second node, for large pictures."""

MOST_WORKER = 300
MOST_NODE_RED = 700
"""MB that one peer which does not read may cost: what may be under way at once, twice as bytes come and go."""

_PICTURES = 400
"""Of 3 MB each, for a worker that does not read."""

_random = random.Random(14)  # noqa: S311 - to be the same again, not to be secret


@asynccontextmanager
async def far(stage: Stage, content: Flow | None = None) -> AsyncIterator[tuple[NodeRed, Proxy, RemoteWorker]]:
    """Run a Node-RED whose worker is a remote one, behind a proxy."""
    async with (
        remote_worker(stage.new_folder("worker")) as worker,
        Proxy(worker.host, worker.port) as proxy,
        stage.node_red(
            content or flow(recognizer(GATE, stage.sdk.url), recognizer(LARGE, stage.sdk.url, timeout=30)),
            settings={"plateRecognizer": {"url": f"ws://127.0.0.1:{proxy.port}", "token": SECRET}},
        ) as red,
    ):
        yield red, proxy, worker


async def cut(stage: Stage, times: int) -> Row:
    """End the connection, by a reset or in good order."""
    row = Row("line cut", times)
    for begin in range(0, times, IN_ONE_NODE_RED):
        async with far(stage) as (red, proxy, _), loading(red, GATE, MIXED, every=10) as load:
            for number in range(begin, min(begin + IN_ONE_NODE_RED, times)):
                await load.goes_on()
                await asyncio.sleep(_random.uniform(0, 0.1))
                since = time.time()
                proxy.cut(reset=number % 2 == 0)
                seconds = await load.recovered(since)
                row.demand(seconds is not None and seconds <= MINUTE, "the node recognizes again within a minute")
                row.recovery.append(seconds or MINUTE)
            await load.judge(row, allowed={503})
    return row


async def freeze(stage: Stage, times: int) -> Row:
    """Let nothing through any more, as when a cable is pulled: neither end is told."""
    row = Row("line dead", times)
    async with far(stage) as (red, proxy, _), loading(red, GATE, MIXED, every=20, flight=5_000) as load:
        for _ in range(times):
            await load.goes_on()
            since = time.time()
            proxy.freeze()
            seconds = await load.recovered(since)
            row.demand(seconds is not None and seconds <= MINUTE, "the node recognizes again within a minute")
            row.recovery.append(seconds or MINUTE)
        await load.judge(row, allowed={503, 504})
    return row


async def slow(stage: Stage, times: int) -> Row:
    """Send large pictures over a slow line, among small ones of another node."""
    megabytes = 3 if stage.quick else 12
    row = Row(f"{megabytes} MB at 200 KB/s", times)
    kinds = {**KINDS, LARGE: Kind(size=megabytes * 1_000_000)}
    async with far(stage) as (red, proxy, _):
        proxy.rate = 200_000
        for _ in range(times):
            async with loading(red, LARGE, (LARGE,), flight=1, number=1, kinds=kinds) as large:
                async with loading(red, GATE, ("good",), every=500, flight=1_000) as load:
                    since = time.time()
                    await large.reached(1)
                    row.recovery.append(time.time() - since)
                    await load.judge(row)
                await large.judge(row)
    return row


async def deaf_client(stage: Stage, times: int) -> Row:
    """Send messages to the worker as another Node-RED, and never read what it answers."""
    row = Row("client that does not read", times)
    async with far(stage) as (red, _, worker), loading(red, GATE, MIXED, every=20) as load:
        await load.goes_on()
        before = worker.process.megabytes
        worker.process.forget_peak()
        for _ in range(times):
            async with client(worker) as connection:
                await connection.send(pack(open_frame(1, url=stage.sdk.url, ignoreDuring=False)))
                # The transport holds back once the worker does not take more; that must not end in its memory.
                flood = pack(*(input_frame(1, number, "x" * 1000) for number in range(500)))
                try:
                    for _ in range(200 if stage.quick else 600):
                        await asyncio.wait_for(connection.send(flood), 2)
                except (asyncio.TimeoutError, ConnectionClosed):
                    pass
                await load.goes_on()
                connection.transport.abort()
        growth = worker.process.peak - before
        row.notes.append(f"the worker's memory grew by {growth:.0f} MB at most")
        row.demand(growth < MOST_WORKER, f"the worker grows by less than {MOST_WORKER} MB")
        await load.judge(row)
    return row


async def deaf_worker(stage: Stage, times: int) -> Row:
    """Give Node-RED a worker that stops to read, and more pictures than memory should hold."""
    row = Row("worker that does not read", times)

    async def stop_reading(connection: ServerConnection, _frame: Mapping[str, Any]) -> None:
        await connection.wait_closed()

    gate = flow(recognizer(GATE, stage.sdk.url))
    async with far(stage, gate) as (red, proxy, worker), false_worker(stop_reading) as port:
        process = machine.of(red.pid)
        async with loading(red, GATE, ("good",)) as load:
            await load.goes_on()
            await load.judge(row)
        before = process.megabytes
        process.forget_peak()
        for _ in range(times):
            proxy.target = ("127.0.0.1", port)
            proxy.cut(reset=False)
            async with loading(red, GATE, ("3 MB",), every=5, flight=10_000, number=_PICTURES) as load:
                await asyncio.wait_for(load.reached(_PICTURES), 3 * MINUTE)
                await load.judge(row, allowed={503, 504})
            proxy.target = (worker.host, worker.port)
            since = time.time()
            async with loading(red, GATE, ("good",), every=50) as load:
                row.recovery.append(await load.recovered(since, within=2 * MINUTE) or 2 * MINUTE)
                await load.judge(row, allowed={503, 504})
        growth = process.peak - before
        row.notes.append(f"Node-RED's memory grew by {growth:.0f} MB at most, with {_PICTURES} pictures of 3 MB")
        row.demand(growth < MOST_NODE_RED, f"Node-RED grows by less than {MOST_NODE_RED} MB")
        row.demand(max(row.recovery) <= MINUTE, "the node recognizes within a minute once the worker is a right one")
    return row
