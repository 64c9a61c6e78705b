"""The local services of the bridge's benchmark.

`instant` answers an upload as soon as its last byte is there, and looks at no more of a request than its head. What a
client asks for with `Connection: close` it gets, as from every HTTP server: the original 1.0.3 does, and so pays for a
new connection with each image.

`contract` is the tests' server: it reads the form as a real service must, and takes a good part of what is measured.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import cast
from urllib.request import urlopen

import uvloop

from tests.contract.server import PLATE

_ANSWER = json.dumps(
    {
        "processing_time": 78.569,
        "results": [PLATE],
        "filename": "1617_7M83K_car.jpg",
        "version": 1,
        "camera_id": None,
        "timestamp": "2020-10-12T16:17:27.574008Z",
    }
)


@dataclass(frozen=True)
class LocalService:
    """A running service, in a process of its own.

    Attributes:
        url: where uploads go.
        received: tells how many bytes arrived so far: request lines, headers and bodies.
    """

    url: str
    received: Callable[[], int]


@contextmanager
def instant() -> Iterator[LocalService]:
    """Serve until the block ends."""
    context = multiprocessing.get_context("spawn")
    pipe, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()

    def received() -> int:
        pipe.send(None)
        count: int = pipe.recv()
        return count

    try:
        yield LocalService(_url(pipe.recv()), received)
    finally:
        process.terminate()
        process.join()


@contextmanager
def contract() -> Iterator[LocalService]:
    """Serve until the block ends."""
    command = [sys.executable, "-I", "-m", "tests.contract.server", "--kind", "sdk"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        port = json.loads(process.stdout.readline())["port"]

        def received() -> int:
            with urlopen(f"http://127.0.0.1:{port}/~calls") as response:
                count: int = json.load(response)["wire_bytes"]
                return count

        try:
            yield LocalService(_url(port), received)
        finally:
            process.stdin.close()


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}/v1/plate-reader/"


class _Upload(asyncio.Protocol):
    """One connection; requests come one after the other."""

    received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._head = b""
        self._missing = 0
        self._closes = False

    def data_received(self, data: bytes) -> None:
        _Upload.received += len(data)
        if not self._missing:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self._head = b""
            fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:])
            self._missing = int(fields[b"content-length"])
            self._closes = fields.get(b"connection") == b"close"
        self._missing -= len(data)
        if not self._missing:
            self._answer()

    def _answer(self) -> None:
        connection = "close" if self._closes else "keep-alive"
        head = f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(_ANSWER)}\r\n"
        self._transport.write(f"{head}Connection: {connection}\r\n\r\n{_ANSWER}".encode())
        if self._closes:
            self._transport.close()


def _serve(pipe: Connection) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Upload, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        while True:
            await asyncio.to_thread(pipe.recv)
            pipe.send(_Upload.received)

    uvloop.run(main())
