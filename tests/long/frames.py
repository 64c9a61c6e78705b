"""Frames at their limit, and bytes that are none, in both directions."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from . import machine
from .kills import IN_ONE_NODE_RED, MINUTE
from .lines import far
from .load import KINDS, MIXED, Kind, loading
from .peers import RemoteWorker, client, false_worker, input_frame, open_frame, pack
from .stage import GATE, Stage, flow, recognizer
from .table import Row

LIMIT = 128 * 2**20
"""Bytes of the largest frame, as docs/protocol.md has the worker announce it."""

MOST_WORKER = 700
"""MB that a client with the secret may make the worker grow: a frame at the limit, and what it is unpacked to."""

MOST_SECONDS = 5.0
"""Seconds for which one client may hold up the others, on a machine that does nothing else."""

LARGE = "large"

_random = random.Random(14)  # noqa: S311 - to be the same again, not to be secret


async def at_the_limit(stage: Stage, times: int) -> Row:
    """Send messages whose frame is just below, at and just above the limit, among others."""
    row = Row("frame at the limit", 3 * times)
    content = flow(recognizer(GATE, stage.sdk.url), recognizer(LARGE, stage.sdk.url, timeout=60))
    async with stage.node_red(content) as red, loading(red, GATE, MIXED, every=50) as load:
        await load.goes_on()
        worker = await machine.worker(red)
        # The number of a message is part of its frame, and takes as many bytes for all that come behind these.
        async with loading(red, GATE, ("no image",), every=0, flight=8, number=300) as small:
            await small.reached(300)
        async with loading(red, LARGE, (LARGE,), flight=1, number=1, kinds=_large(LIMIT, 413)) as probe:
            await probe.reached(1)
            (told,) = await probe.settled()
        size = re.search(r"(\d+) bytes", told.words)
        row.demand(size is not None, f"a message that is too large is told its size ({told.outcome}: {told.words})")
        around = int(size[1]) - LIMIT if size else 200
        for _ in range(times):
            for over, expected in ((-1, "result"), (0, "result"), (1, 413)):
                kinds = _large(LIMIT - around + over, expected)
                async with loading(red, LARGE, (LARGE,), flight=1, number=1, kinds=kinds) as large:
                    await large.reached(1)
                    await large.judge(row)
        row.demand(await machine.worker(red) == worker, "no frame costs the connection")
        await load.judge(row)
    return row


def _large(size: int, expected: str | int) -> dict[str, Kind]:
    return {**KINDS, LARGE: Kind(size=size, expected=expected)}


async def garbage_for_the_worker(stage: Stage, times: int) -> Row:
    """Send the worker what is no frame, with its secret and without it."""
    row = Row("garbage for the worker", times * len(_ATTACKS))
    async with far(stage) as (red, _, worker), loading(red, GATE, MIXED, every=50) as load:
        await load.goes_on()
        for _ in range(times):
            for name, payload in _ATTACKS.items():
                before = worker.process.megabytes
                worker.process.forget_peak()
                since = time.time()
                await _attack(worker, payload() if callable(payload) else payload)
                held = await load.recovered(since, within=MINUTE)
                row.demand(held is not None, f"{name}: the others are served")
                growth = worker.process.peak - before
                row.demand(worker.process.is_alive, f"the worker survives {name}")
                row.demand(growth < MOST_WORKER, f"{name}: the worker grows by {growth:.0f} MB")
        slowest = max(each.ended - each.sent for each in await load.records() if each.ended)
        row.notes.append(f"the slowest message of the others took {slowest:.1f} s")
        row.demand(
            stage.quick or slowest < MOST_SECONDS, f"others wait for less than {MOST_SECONDS:g} s ({slowest:.1f} s)"
        )
        await load.judge(row)
    return row


async def _attack(worker: RemoteWorker, payload: bytes) -> None:
    """Send it without the secret, as the first words of a session, and within one, each until it comes to an end."""
    _, writer = await asyncio.open_connection(worker.host, worker.port)
    writer.write(payload[:100_000])
    writer.close()
    for greet in (False, True):
        with suppress(ConnectionClosed, OSError, asyncio.TimeoutError):
            async with client(worker, greet=greet) as connection:
                if greet:
                    await connection.send(pack(open_frame(1, url="http://127.0.0.1:9")))
                await connection.send(payload)
                # The worker ends the connection, or answers what still comes.
                await asyncio.wait_for(await connection.ping(), MINUTE)


def _nested(depth: int) -> bytes:
    return pack(input_frame(1, 1, None)).replace(b"\x91\xc0", b"\x91" * depth + b"\xc0")


def _empty_arrays() -> bytes:
    """One message with 112 million empty arrays."""
    count = 112_000_000
    return pack(input_frame(1, 1))[:-1] + b"\xdd" + count.to_bytes(4, "big") + b"\x90" * count


_ATTACKS: Mapping[str, Any] = {
    "nothing": b"",
    "text": b"GET / HTTP/1.1\r\n\r\n",
    "random bytes": lambda: _random.randbytes(100_000),
    "a frame without its end": pack(input_frame(1, 1, b"x" * 1000))[:-10],
    "a list for a frame": pack([1, 2, 3]),
    "a map as a key": b"\x81\x80\xc0",
    "a list as a key": b"\x81\x90\xc0",
    "an unknown ctx": pack({"ctx": "explode"}),
    "a handle that is a text": pack({"ctx": "close", "node": "one", "value": {"removed": True}}),
    "a large number": pack({"ctx": "input", "node": 2**64 - 1, "msgid": 2**64 - 1, "value": {}}),
    "an input field of 2,000 brackets": pack(open_frame(2, inputField="[" * 2000)),
    "an address that is none": pack(open_frame(2, url="http://[")),
    "a config of another kind": pack({"ctx": "open", "node": 2, "value": {"type": 1, "config": [], "id": None}}),
    "100,000 nested arrays": _nested(100_000),
    "112 MB of empty arrays": _empty_arrays,
    "200,000 frames in one message": pack({"ctx": "close", "node": 99, "value": {"removed": False}}) * 200_000,
    "an array that promises 4 billion values": b"\xdd\xff\xff\xff\xff",
    "bytes that promise 4 GB": b"\xc6\xff\xff\xff\xff",
}


async def garbage_for_node_red(stage: Stage, times: int) -> Row:
    """Give Node-RED a worker that sends what is no frame, or not at its time."""
    frames = _answers()[:: 4 if stage.quick else 1] * times
    row = Row("garbage for Node-RED", len(frames))
    # A Node-RED for some at a time: a worker that breaks off again and again is tried later and later.
    groups = [frames[begin : begin + IN_ONE_NODE_RED] for begin in range(0, len(frames), IN_ONE_NODE_RED)]
    for begin in range(0, len(groups), 2):
        await asyncio.gather(*(_send_to_node_red(stage, row, group) for group in groups[begin : begin + 2]))
    return row


async def _send_to_node_red(stage: Stage, row: Row, frames: list[Any]) -> None:
    sent = iter(frames)
    done = asyncio.Event()

    async def answer(connection: ServerConnection, frame: Mapping[str, Any]) -> None:
        for make in sent:
            await connection.send(make(frame["node"]))
            # Node-RED ends this connection, or goes on with it and with the next of them.
            await asyncio.wait_for(await connection.ping(), MINUTE)
        done.set()

    gate = flow(recognizer(GATE, stage.sdk.url))
    async with far(stage, gate) as (red, proxy, worker), false_worker(answer) as port:
        process = machine.of(red.pid)
        async with loading(red, GATE, ("good",), every=100, flight=1_000) as load:
            await load.goes_on()
            proxy.target = ("127.0.0.1", port)
            proxy.cut(reset=False)
            told = await machine.until(lambda: done.is_set() or not process.is_alive, 2 * MINUTE)
            if not process.is_alive:
                row.demand(False, "Node-RED survives: " + " | ".join(red.log[-5:]))
                return
            row.demand(told, "Node-RED comes back for more")
            proxy.target = (worker.host, worker.port)
            proxy.cut(reset=False)
            since = time.time()
            seconds = await load.recovered(since, within=2 * MINUTE)
            row.demand(seconds is not None, "the node recognizes again once the worker is a right one")
            row.recovery.append(seconds or 2 * MINUTE)
            await load.judge(row, allowed={502, 503, 504, "skipped"})


def _answers() -> list[Any]:
    """Return what a worker may send instead of frames; functions are given the node's handle."""

    def of(ctx: str, **fields: Any) -> Any:
        return lambda node: pack({"ctx": ctx, "node": node, **fields})

    return [
        of("requires"),
        of("requires", value={"extra": {"a": 1}, "message": None}),
        of("ready"),
        of("ready", value={"needs": None, "inputs": []}),
        of("ready", value={"needs": [["__proto__", "x"]], "inputs": {"a": None}}),
        of("status"),
        of("status", value=7),
        of("send", msgid=1),
        of("send", msgid=10**9, value=[]),
        of("error"),
        of("error", msgid=1),
        of("log", value={"a": 1}),
        of("explode"),
        of("send", msgid=1, value=[[[[[["__proto__", "polluted"], 1]]]]]),
        lambda _node: b"",
        lambda _node: _random.randbytes(1000),
        lambda _node: b"\xc1",
        lambda _node: b"\x91" * 10_000,
        lambda _node: b"\xdd\xff\xff\xff\xff",
        lambda _node: pack([1]),
        lambda _node: pack(None),
        lambda _node: pack({"ctx": None}),
        lambda _node: "a text for a frame",
        *[_mutated for _ in range(10)],
    ]


def _mutated(node: int) -> bytes:
    """Return a right frame with some wrong bytes."""
    frame = bytearray(
        pack({"ctx": "send", "node": node, "msgid": 1, "value": [[[[["payload"], {"status": 201}]]], None]})
    )
    for _ in range(3):
        frame[_random.randrange(len(frame))] = _random.randrange(256)
    return bytes(frame)
