"""The other ends of a bridge: a remote worker, one that only looks like it, and a client that knows the secret."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from . import machine

SECRET = "the secret of the fault runs"
READY = {
    "needs": [["payload"]],
    "inputs": {},
    "patience": 20,
    "fields": {"output": "payload", "input": "payload", "errors": 1},
}


@dataclass(frozen=True)
class RemoteWorker:
    """A worker that listens on a port, as a person would start it."""

    host: str
    port: int
    process: machine.Process


@asynccontextmanager
async def remote_worker(folder: Path, variables: Mapping[str, str] | None = None) -> AsyncIterator[RemoteWorker]:
    """Run a remote worker, with variables of the environment beside ours, until the block ends."""
    token = folder / "token"
    token.write_text(SECRET)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", "python_worker", "bridge"),
        *("--host", "127.0.0.1", "--token-file", str(token), "--state", str(folder / "state")),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(variables or {})},
    )
    try:
        assert process.stdout is not None
        listening = json.loads(await process.stdout.readline())["listening"]
        yield RemoteWorker(listening["host"], listening["port"], machine.of(process.pid))
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()


@asynccontextmanager
async def false_worker(behave: Callable[[ServerConnection, Mapping[str, Any]], Awaitable[None]]) -> AsyncIterator[int]:
    """Greet as a worker and open every node, but then behave as told; yields the port.

    Args:
        behave: is called with the connection and each `open` frame, after `ready` was sent.
    """

    async def converse(connection: ServerConnection) -> None:
        try:
            async for data in connection:
                assert isinstance(data, bytes)
                for frame in msgpack.Unpacker(io.BytesIO(data), timestamp=3, strict_map_key=False):
                    if frame["ctx"] == "hello":
                        await connection.send(msgpack.packb(hello()))
                    elif frame["ctx"] == "open":
                        await connection.send(msgpack.packb({"ctx": "ready", "node": frame["node"], "value": READY}))
                        await behave(connection, frame)
        except ConnectionClosed:
            pass

    async with serve(converse, "127.0.0.1", 0, ping_interval=None, compression=None, max_size=None) as server:
        yield server.sockets[0].getsockname()[1]


def hello() -> dict[str, Any]:
    """Return a worker's greeting."""
    value = {"protocol": 2, "versions": {"worker": "0", "python": "0"}, "limit": 128 * 2**20}
    return {"ctx": "hello", "value": value}


@asynccontextmanager
async def client(worker: RemoteWorker, *, greet: bool = True) -> AsyncIterator[ClientConnection]:
    """Connect to a worker with its secret, as another Node-RED would."""
    async with connect(
        f"ws://{worker.host}:{worker.port}",
        additional_headers={"Authorization": f"Bearer {SECRET}"},
        compression=None,
        ping_interval=None,
        close_timeout=1,
    ) as connection:
        if greet:
            await connection.send(pack({"ctx": "hello", "value": {"protocol": 2, "versions": {}}}))
            await connection.recv()
        yield connection


def pack(*frames: Any) -> bytes:
    """Return frames as one websocket message."""
    return b"".join(msgpack.packb(frame, datetime=True) for frame in frames)


def open_frame(node: int, **config: Any) -> dict[str, Any]:
    """Return the frame that opens a plate-recognizer."""
    value = {"type": "plate-recognizer", "id": f"n{node}", "config": config, "credentials": {"apiToken": ""}}
    return {"ctx": "open", "node": node, "value": value}


def input_frame(node: int, msgid: int, *needs: Any) -> dict[str, Any]:
    """Return the frame of one message."""
    return {
        "ctx": "input",
        "node": node,
        "msgid": msgid,
        "value": {"needs": list(needs), "inputs": {}, "wired": [True, True]},
    }
